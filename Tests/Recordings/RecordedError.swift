import HayComponents
import HayJSON

/// An error that was recorded.
public struct RecordedError: Sendable {
    /// All that was recorded of it.
    public let members: JSON

    /// The sort of error; or the name of a Python class where the recording knows none.
    public var kind: String { members["kind"]?.string ?? "" }
    /// When it happened: init, warm_up or run.
    public var stage: String { members["stage"]?.string ?? "" }
    /// Its text.
    public var message: String { members["message"]?.string ?? "" }

    /// An error, as recorded.
    public init(_ members: JSON) { self.members = members }

    /// How an error differs from this one; nil when it is the same mistake.
    ///
    /// The texts of Haystack's own value errors must be the beginning of ours, up to the sentence that prints an object of
    /// Python's; how texts and constants are printed does not matter, nor a full stop at the end. Kinds that show
    /// accidents of Python stand for any classified error.
    public func difference(from error: any Error) -> String? {
        guard let error = error as? any ClassifiedError else { return "\(type(of: error)) is not classified: \(error)" }
        guard let expected = ErrorKind(rawValue: kind), expected != .key else { return nil }
        guard error.kind == expected else { return "\(error.kind.rawValue) instead of \(kind): \(error)" }
        // Python prints the names of a set in any order.
        if message.hasPrefix("Duplicate tool names found: {") {
            let isSame = RecordedError.names(in: message) == RecordedError.names(in: error.description)
            return isSame ? nil : "'\(error)' instead of '\(message)'"
        }
        guard expected == .value, !RecordedError.pythonsOwn.contains(where: message.hasPrefix) else { return nil }
        var text = RecordedError.plain(RecordedError.withoutObjects(message))
        if text.hasSuffix(".") { text.removeLast() }
        return RecordedError.plain(error.description).hasPrefix(text)
            ? nil : "'\(error)' does not begin with '\(message)'"
    }

    private static func names(in message: String) -> [String] {
        message.drop { $0 != "{" }.split { "{}, ".contains($0) }.map(String.init).sorted()
    }

    /// Python and JSON print texts and constants in their own ways.
    private static func plain(_ message: String) -> String {
        var message = message.replacing("'", with: "\"")
        for (python, json) in [("None", "null"), ("True", "true"), ("False", "false")] {
            message = message.replacing(python, with: json)
        }
        return message
    }

    /// A message up to the sentence that prints an object of Python's.
    private static func withoutObjects(_ message: String) -> String {
        guard let object = message.firstRange(of: #/[A-Z][A-Za-z]+\(/#) else { return message }
        let sentences = message[..<object.lowerBound]
        return sentences.ranges(of: ". ").last.map { String(sentences[..<$0.lowerBound]) } ?? ""
    }

    /// How messages begin that come from Python and from the libraries below Haystack.
    private static let pythonsOwn = [
        "could not convert", "invalid literal", "Must provide", "too many values", "not enough values", "Expecting ",
        "Extra data", "Unterminated string", "Invalid control character", "Invalid \\", "The following `model_kwargs`",
    ]
}
