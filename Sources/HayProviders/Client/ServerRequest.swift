import AsyncHTTPClient
import HayJSON
import NIOHTTP1

/// A request that can be sent, and made anew to be sent again.
struct ServerRequest: Sendable {
    var method = HTTPMethod.POST
    var url: String
    var headers = HTTPHeaders()
    /// Sent as JSON where there is one.
    var body: JSON?
    /// What must not be shown in errors.
    var secrets: [String] = []
    /// The longest silence of the server, in seconds; nil stands for the client's own limit.
    var timeout: Double?
    /// How many redirects are followed. To another server nothing goes along that is secret.
    var redirectLimit = 0

    /// The address without what may be secret.
    var shownURL: String { ServerAddress.shown(url) }

    /// The request as it is sent where a redirect leads; nil where it does not follow.
    func redirected(to location: String) -> ServerRequest? {
        guard redirectLimit > 0 else { return nil }
        var request = self
        request.redirectLimit -= 1
        request.url = ServerAddress.target(location, from: url)
        return secrets.isEmpty || ServerAddress.isSameServer(url, request.url) ? request : nil
    }

    /// A text of the server's, without secrets and cut to a length that can be read. What is shorter than six characters
    /// is not thought secret: servers of one's own want a key, but not which.
    func shown(_ text: String) -> String { String(ServerRequest.hiding(secrets, in: text).prefix(2000)) }

    /// A value of the server's without secrets.
    func shown(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): .string(ServerRequest.hiding(secrets, in: text))
        case .array(let elements): .array(elements.map { shown($0) })
        case .object(let members):
            .object(JSON.Object(members.map { (ServerRequest.hiding(secrets, in: $0), shown($1)) }))
        default: value
        }
    }

    private static func hiding(_ secrets: [String], in text: String) -> String {
        // The longest first: a part that is replaced would leave the rest of a whole.
        secrets.filter { $0.count >= 6 }.sorted { $0.count > $1.count }.reduce(text) { $0.replacing($1, with: "***") }
    }
}

extension ServerRequest {
    /// That the reply has more bytes than are read.
    func tooLarge(_ limit: Int) -> RemoteError { .replyTooLarge(url: shownURL, limit: limit) }

    /// That the reply is not what the interface promises.
    func invalidReply(_ reason: String) -> RemoteError { .invalidReply(url: shownURL, reason: shown(reason)) }

    /// What an error of the client's means to a caller: a `RemoteError`, or a `CancellationError`.
    func classified(_ error: any Error) -> any Error {
        if error is RemoteError || error is CancellationError { return error }
        if Task.isCancelled { return CancellationError() }
        guard let error = error as? HTTPClientError else {
            return RemoteError.connection(url: shownURL, reason: shown("\(error)"))
        }
        switch error {
        case .cancelled: return CancellationError()
        case .readTimeout, .writeTimeout, .connectTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout,
            .socksHandshakeTimeout, .getConnectionFromPoolTimeout, .deadlineExceeded:
            return RemoteError.timedOut(url: shownURL)
        case .proxyAuthenticationRequired:
            return RemoteError.invalidRequest(reason: "the proxy before \(shownURL) wants a login")
        default:
            // The whole text may hold the values of headers, which are secret.
            return RemoteError.connection(url: shownURL, reason: error.shortDescription)
        }
    }

    /// The error that a reply, or an event of one, tells of; nil where it is none. Servers also write null, and what is
    /// empty.
    func error(in reply: JSON) -> RemoteError? {
        guard let error = reply["error"] else { return nil }
        switch error {
        case .null, .bool(false), .string(""): return nil
        case .object(let members) where members.count == 0: return nil
        default: break
        }
        let message = error["message"]?.string.map { shown($0) } ?? "An error occurred during streaming"
        if let type = reply["error_type"]?.string {
            return .generation(type: type, message: error.string.map { shown($0) } ?? message, status: nil)
        }
        return .inReply(url: shownURL, message: message, body: shown(error))
    }
}
