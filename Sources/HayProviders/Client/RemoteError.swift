import HayComponents
import HayJSON

/// Why a server did not do what it was asked for.
public enum RemoteError: ClassifiedError, Equatable {
    /// The server answered with a status that tells of an error.
    case status(RemoteStatus)
    /// The server took longer than `timeout` allows.
    case timedOut(url: String)
    /// There is no connection to the server, or it broke.
    case connection(url: String, reason: String)
    /// A stream ended within an event.
    case streamCut(url: String)
    /// The server told of an error within a reply or stream that had begun well.
    case inReply(url: String, message: String, body: JSON)
    /// A server that generates texts told what went wrong, and of which type that is; `status` where it said so at once.
    case generation(type: String, message: String, status: RemoteStatus?)
    /// The server sends clients elsewhere.
    case redirected(url: String, to: String)
    /// The reply, or an event of it, has more bytes than are read.
    case replyTooLarge(url: String, limit: Int)
    /// The reply is not what the interface promises.
    case invalidReply(url: String, reason: String)
    /// A reply that was to hold to a format ended before it did.
    case unfinishedFormat(reason: String)
    /// A request cannot be sent as it is.
    case invalidRequest(reason: String)

    /// The sort of mistake.
    public var kind: ErrorKind {
        switch self {
        case .status: .httpStatus
        case .timedOut: .timeout
        case .connection, .streamCut: .connection
        case .inReply: .streamError
        case .generation: .generation
        case .redirected, .replyTooLarge, .invalidReply: .runtime
        case .unfinishedFormat: .structuredOutput
        case .invalidRequest: .value
        }
    }

    /// The error in one sentence, and what may be done.
    public var description: String {
        switch self {
        case .status(let status): status.description
        case .timedOut(let url): "\(url) has not answered in time; a greater `timeout` allows for more"
        case .connection(let url, let reason): "no answer from \(url): \(reason)"
        case .streamCut(let url): "the stream from \(url) ended within an event"
        case .inReply(let url, let message, let body): "\(url) broke its reply off: \(body.string ?? message)"
        case .generation(let type, let message, let status):
            "\(message) (\(type)\(status.map { ", status \($0.status) from \($0.url)" } ?? ""))"
        case .redirected(let url, let target):
            "\(url) sends clients to \(target), which is not followed; give the component that address"
        case .replyTooLarge(let url, let limit):
            "the reply from \(url) has more than \(limit) bytes, the most that is read"
        case .invalidReply(let url, let reason): "the reply from \(url) cannot be used: \(reason)"
        case .unfinishedFormat(let reason): "Could not parse response content as \(reason)"
        case .invalidRequest(let reason): reason
        }
    }

    /// Whether another server that does the same work may answer better.
    var isServersOwn: Bool {
        switch self {
        case .status(let status): status.isTemporary
        case .generation(let type, _, let status):
            ["overloaded", "generation", "incomplete_generation", "unknown"].contains(type)
                || status?.isTemporary ?? false
        case .inReply(_, _, let body): body["type"]?.string != "invalid_request_error"
        case .timedOut, .connection, .streamCut, .redirected, .replyTooLarge, .invalidReply: true
        case .unfinishedFormat, .invalidRequest: false
        }
    }
}
