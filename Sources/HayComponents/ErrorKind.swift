/// What sort of mistake an error tells of, in the words that recordings and logs use.
public enum ErrorKind: String, Sendable {
    /// A value that cannot be.
    case value = "value_error"
    /// A value of another type than expected.
    case type = "type_error"
    /// What cannot be done as things are: a call too early, a file that cannot be read, a reply that never came.
    case runtime = "runtime_error"
    /// A key that is not there.
    case key = "key_error"
    /// What cannot be written to a file.
    case serialization
    /// What cannot be made of a file's content.
    case deserialization
    /// A tool that did not do its work.
    case toolInvocation = "tool_invocation"
}

/// An error that says what sort of mistake it tells of.
public protocol ClassifiedError: Error, CustomStringConvertible {
    /// The sort of mistake.
    var kind: ErrorKind { get }
}

extension [String] {
    /// The texts in quotes, as the messages of errors list them.
    package var quoted: String { map { "'\($0)'" }.joined(separator: ", ") }
}
