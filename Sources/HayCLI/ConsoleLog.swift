import Logging

/// Writes a library's warnings to stderr, as the command's own.
struct ConsoleLog: LogHandler {
    let output: OutputOptions
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    init(output: OutputOptions) { self.output = output }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { output.say("hayloft: \(event.level): \(event.message)") }
}
