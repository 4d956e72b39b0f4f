import Logging
import TestSupport

/// The warnings that a logger was given.
public struct CollectedWarnings: Sendable {
    private let texts = Collected<String>()

    /// None yet.
    public init() {}

    /// Those so far.
    public var all: [String] { texts.all }

    /// A logger whose warnings are collected here.
    public var logger: Logger { Logger(label: "test") { [texts] _ in Handler(texts: texts) } }

    private struct Handler: LogHandler {
        let texts: Collected<String>
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { texts.append("\(event.message)") }
    }
}
