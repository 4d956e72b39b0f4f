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
    /// The texts of Haystack's own value errors must be the beginning of ours; a full stop at their end does not
    /// matter. Kinds that show accidents of Python stand for any classified error.
    public func difference(from error: any Error) -> String? {
        guard let error = error as? any ClassifiedError else { return "\(type(of: error)) is not classified: \(error)" }
        guard let expected = ErrorKind(rawValue: kind), expected != .key else { return nil }
        guard error.kind == expected else { return "\(error.kind.rawValue) instead of \(kind): \(error)" }
        guard expected == .value, !RecordedError.pythonsOwn.contains(where: message.hasPrefix) else { return nil }
        var text = message
        if text.hasSuffix(".") { text.removeLast() }
        return error.description.hasPrefix(text) ? nil : "'\(error)' does not begin with '\(message)'"
    }

    /// How messages begin that come from Python and from client libraries.
    private static let pythonsOwn = ["could not convert", "invalid literal", "Must provide"]
}
