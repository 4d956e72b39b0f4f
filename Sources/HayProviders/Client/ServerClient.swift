import AsyncHTTPClient
import HayJSON
import NIOCore
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

    /// The address without what may be secret: a login and the query.
    var shownURL: String {
        var text = url.prefix { $0 != "?" && $0 != "#" }
        if let scheme = text.firstRange(of: "://"), let login = text[scheme.upperBound...].firstIndex(of: "@"),
            !text[scheme.upperBound ..< login].contains("/")
        {
            text = text[..<scheme.upperBound] + text[text.index(after: login)...]
        }
        return String(text)
    }
}

/// Sends requests to servers and reads their replies, with limits to time and size.
///
/// Connections are kept for the next request, and closed when the client is let go or a reading task is cancelled.
final class ServerClient: Sendable {
    /// The most bytes that are read of a reply, of a stream, and of a reply that tells of an error.
    static let replyLimit = 64 << 20, streamLimit = 256 << 20, errorLimit = 1 << 20

    private let http: HTTPClient
    private let options: ClientOptions

    init(_ options: ClientOptions) {
        self.options = options
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: options.configuration)
    }

    deinit { http.shutdown { _ in } }

    /// Makes a request for each time that it is sent.
    typealias RequestMaker = @Sendable () async throws -> ServerRequest

    /// The reply to a request, read whole.
    ///
    /// Throws `RemoteError`, `CancellationError` and what `request` throws.
    func reply(_ policy: RetryPolicy, to request: RequestMaker) async throws -> JSON {
        try await send(policy, request) { head, body, request in
            let bytes = try await body.bytes(limit: ServerClient.replyLimit, of: request)
            do {
                return try JSON.parse(bytes)
            } catch let error as JSONError {
                let type = head.headers.first(name: "content-type") ?? "no content type"
                throw RemoteError.invalidReply(url: request.shownURL, reason: "it is not JSON (\(type)): \(error)")
            }
        }
    }

    /// The bytes of a reply. Throws as `reply` does.
    func bytes(_ policy: RetryPolicy, limit: Int, of request: RequestMaker) async throws -> [UInt8] {
        try await send(policy, request) { _, body, request in try await body.bytes(limit: limit, of: request) }
    }

    /// The data of the events that a request is answered by, up to `[DONE]`.
    ///
    /// A request is sent again only before its reply has begun. Throws as `reply` does; so does the stream.
    func events(_ policy: RetryPolicy, of request: RequestMaker) async throws -> EventStream {
        try await send(policy, request) { head, body, request in
            let type = head.headers.first(name: "content-type")?.lowercased() ?? ""
            guard type.hasPrefix("text/event-stream") || type.isEmpty else {
                throw RemoteError.invalidReply(
                    url: request.shownURL, reason: "expected text/event-stream, found \(type)")
            }
            return EventStream(body: body, request: request, limit: ServerClient.streamLimit)
        }
    }

    /// Sends a request until it is answered well, or there is no reason to send it again.
    private func send<Answer>(
        _ policy: RetryPolicy, _ make: RequestMaker,
        read: (HTTPResponseHead, Exchange.Body, ServerRequest) async throws -> Answer
    ) async throws -> Answer {
        var retries = 0
        while true {
            let request = try await make()
            do {
                let (head, body) = try await Exchange.begin(prepared(request), over: http)
                if 200 ..< 300 ~= head.status.code { return try await read(head, body, request) }
                throw await refusal(head, body, request)
            } catch {
                let error = request.classified(error)
                guard let failure = error as? RemoteError, policy.allows(failure, after: retries) else { throw error }
                try await policy.pause(before: retries, after: failure)
                retries += 1
            }
        }
    }

    private func prepared(_ request: ServerRequest) throws -> HTTPClient.Request {
        guard HuggingFaceConnection.isHTTP(request.url) else {
            throw RemoteError.invalidRequest(reason: "'\(request.shownURL)' is not an address of http or https")
        }
        var url = request.url
        for (name, value) in options.query {
            url += (url.contains("?") ? "&" : "?") + "\(name.percentEncoded)=\(value.percentEncoded)"
        }
        var headers = options.headers
        for (name, value) in request.headers { headers.replaceOrAdd(name: name, value: value) }
        if request.body != nil { headers.replaceOrAdd(name: "content-type", value: "application/json") }
        for (name, value) in headers where !ServerClient.canBeSent(name, value) {
            throw RemoteError.invalidRequest(
                reason: "the header '\(name)' has characters in its name or value that headers cannot have")
        }
        return try HTTPClient.Request(
            url: Outside.current.route(url), method: request.method, headers: headers,
            body: request.body.map { .string($0.text()) })
    }

    /// Whether a header says nothing but itself: a line's end in a value would begin another.
    private static func canBeSent(_ name: String, _ value: String) -> Bool {
        let marks = "!#$%&'*+-.^_`|~".utf8
        let isToken = !name.isEmpty && name.utf8.allSatisfy { $0.isLetterOrDigit || marks.contains($0) }
        return isToken && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    /// The error that a reply tells of. What cannot be read of it is done without.
    private func refusal(
        _ head: HTTPResponseHead, _ body: Exchange.Body, _ request: ServerRequest
    ) async -> RemoteError {
        let status = Int(head.status.code)
        if 300 ..< 400 ~= status, let target = head.headers.first(name: "location") {
            return .redirected(url: request.shownURL, to: ServerRequest(url: target).shownURL)
        }
        let text = await body.beginning(limit: ServerClient.errorLimit)
        return .status(
            RemoteStatus(
                status: status, url: request.shownURL, headers: head.headers, body: text, hiding: request.secrets))
    }
}

extension Exchange.Body {
    /// All bytes. Throws `RemoteError` for more than the limit, and as reading does.
    fileprivate func bytes(limit: Int, of request: ServerRequest) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in self {
            guard bytes.count + buffer.readableBytes <= limit else { throw request.tooLarge(limit) }
            bytes += buffer.readableBytesView
        }
        return bytes
    }

    /// The first bytes as text, as far as they come.
    fileprivate func beginning(limit: Int) async -> String {
        var bytes: [UInt8] = []
        do {
            for try await buffer in self {
                bytes += buffer.readableBytesView
                if bytes.count >= limit { break }
            }
        } catch {}  // what has come is enough
        return String(decoding: bytes.prefix(limit), as: UTF8.self)
    }
}

extension ServerClient: CustomReflectable {
    /// Nothing, so that a dump does not show what requests were allowed by.
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension ServerRequest {
    /// That the reply has more bytes than are read.
    func tooLarge(_ limit: Int) -> RemoteError { .replyTooLarge(url: shownURL, limit: limit) }

    /// What an error of the client's means to a caller: a `RemoteError`, or a `CancellationError`.
    func classified(_ error: any Error) -> any Error {
        if error is RemoteError || error is CancellationError { return error }
        if Task.isCancelled { return CancellationError() }
        guard let error = error as? HTTPClientError else {
            return RemoteError.connection(url: shownURL, reason: "\(error)")
        }
        switch error {
        case .cancelled: return CancellationError()
        case .readTimeout, .writeTimeout, .connectTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout,
            .socksHandshakeTimeout, .getConnectionFromPoolTimeout, .deadlineExceeded:
            return RemoteError.timedOut(url: shownURL)
        default:
            // The whole text may hold the values of headers, which are secret.
            return RemoteError.connection(url: shownURL, reason: error.shortDescription)
        }
    }
}
