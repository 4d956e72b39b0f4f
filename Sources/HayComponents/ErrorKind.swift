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
    /// A server's reply with a status that tells of an error.
    case httpStatus = "http_status"
    /// A server that took too long.
    case timeout
    /// No connection to a server, or one that broke.
    case connection
    /// An error that a server told of while it streamed its reply.
    case streamError = "api_error_in_stream"
    /// A reply that was to hold to a format and does not.
    case structuredOutput = "structured_output"
    /// What text-generation-inference tells of its own errors.
    case generation = "tgi_error"
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
