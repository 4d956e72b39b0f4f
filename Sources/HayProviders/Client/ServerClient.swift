import AsyncHTTPClient
import HayJSON
import NIOCore
import NIOHTTP1

/// Sends requests to servers and reads their replies, with limits to time and size.
///
/// Connections are kept for the next request, and closed when the client is let go or a reading task is cancelled.
final class ServerClient: Sendable {
    /// The most bytes that are read of a reply, of a stream, and of a reply that tells of an error.
    static let replyLimit = 64 << 20, streamLimit = 128 << 20, errorLimit = 1 << 20

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
            let reply: JSON
            do { reply = try JSON.parse(bytes) } catch {
                let type = head.headers.first(name: "content-type") ?? "no content type"
                throw request.invalidReply("it is not JSON (\(type)): \(error)")
            }
            if let error = request.error(in: reply) { throw error }
            return reply
        }
    }

    /// The bytes of a reply. Throws as `reply` does.
    func bytes(_ policy: RetryPolicy, limit: Int, of request: RequestMaker) async throws -> [UInt8] {
        try await send(policy, request) { _, body, request in try await body.bytes(limit: limit, of: request) }
    }

    /// Hands on what each event holds that a request is answered by, up to `[DONE]`.
    ///
    /// A request is sent again only before its reply has begun. Throws as `reply` does, and what `take` throws.
    func stream(_ policy: RetryPolicy, of request: RequestMaker, take: (JSON) async throws -> Void) async throws {
        let events = try await send(policy, request) { head, body, request in
            let type = head.headers.first(name: "content-type")?.lowercased() ?? ""
            guard type.hasPrefix("text/event-stream") || type.isEmpty else {
                let text = await body.beginning(limit: ServerClient.errorLimit)
                try Task.checkCancellation()
                if let reply = try? JSON.parse(text), let error = request.error(in: reply) { throw error }
                throw request.invalidReply("expected text/event-stream, found \(type)")
            }
            return EventStream(body: body, request: request, limit: ServerClient.streamLimit)
        }
        for try await event in events { try await take(event) }
    }

    /// Sends a request until it is answered well, or there is no reason to send it again.
    private func send<Answer>(
        _ policy: RetryPolicy, _ make: RequestMaker,
        read: (HTTPResponseHead, Exchange.Body, ServerRequest) async throws -> Answer
    ) async throws -> Answer {
        var retries = 0
        while true {
            var request = try await make()
            do {
                while true {
                    let prepared = try prepared(&request)
                    let (head, body) = try await Exchange.begin(
                        prepared, over: http, timeout: try options.limit(of: request))
                    if 200 ..< 300 ~= head.status.code { return try await read(head, body, request) }
                    guard let location = head.location, let next = request.redirected(to: location) else {
                        throw try await refusal(head, body, request)
                    }
                    request = next
                }
            } catch {
                let error = request.classified(error)
                guard let failure = error as? RemoteError, policy.allows(failure, after: retries) else { throw error }
                try await policy.pause(before: retries, after: failure)
                retries += 1
            }
        }
    }

    /// The request as it is sent, with what the options add, which is secret too.
    private func prepared(_ request: inout ServerRequest) throws -> HTTPClient.Request {
        request.secrets += options.secrets
        guard var url = ServerAddress.url(request.url) else {
            throw RemoteError.invalidRequest(reason: "'\(request.shownURL)' is not an address of http or https")
        }
        var headers = options.headers
        for (name, value) in request.headers { headers.replaceOrAdd(name: name, value: value) }
        if request.body != nil { headers.replaceOrAdd(name: "content-type", value: "application/json") }
        if let login = options.login ?? url.removeLogin() {
            headers.replaceOrAdd(name: "authorization", value: "Basic \(login.text.base64)")
            request.secrets += login.secrets
        }
        for (name, value) in headers where !ServerClient.canBeSent(name, value) {
            throw RemoteError.invalidRequest(
                reason: "the header '\(name)' has characters in its name or value that headers cannot have")
        }
        var address = url.absoluteString
        for (name, value) in options.query {
            address += (address.contains("?") ? "&" : "?") + "\(name.percentEncoded)=\(value.percentEncoded)"
        }
        return try HTTPClient.Request(
            url: Outside.current.route(address), method: request.method, headers: headers,
            body: request.body.map { .string($0.text()) })
    }

    /// Whether a header says nothing but itself: a line's end in a value would begin another.
    private static func canBeSent(_ name: String, _ value: String) -> Bool {
        let marks = "!#$%&'*+-.^_`|~".utf8
        let isToken = !name.isEmpty && name.utf8.allSatisfy { $0.isLetterOrDigit || marks.contains($0) }
        return isToken && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    /// The error that a reply tells of. What cannot be read of it is done without. Throws `CancellationError`.
    private func refusal(
        _ head: HTTPResponseHead, _ body: Exchange.Body, _ request: ServerRequest
    ) async throws -> RemoteError {
        if let location = head.location {
            let target = ServerAddress.target(location, from: request.url)
            return .redirected(url: request.shownURL, to: request.shown(ServerAddress.shown(target)))
        }
        let text = await body.beginning(limit: ServerClient.errorLimit)
        try Task.checkCancellation()
        return .status(RemoteStatus(head, of: request, body: text))
    }
}

extension ServerClient: CustomReflectable {
    /// Nothing, so that a dump does not show what requests were allowed by.
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension HTTPResponseHead {
    /// Where a redirect leads; nil for other replies.
    fileprivate var location: String? { 300 ..< 400 ~= status.code ? headers.first(name: "location") : nil }
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

    /// The first bytes as text, as far as they come within ten seconds.
    fileprivate func beginning(limit: Int) async -> String {
        var bytes: [UInt8] = []
        let clock = end(after: .seconds(10))
        defer { clock.cancel() }
        do {
            for try await buffer in self {
                bytes += buffer.readableBytesView
                if bytes.count >= limit { break }
            }
        } catch {}  // what has come is enough
        return String(decoding: bytes.prefix(limit), as: UTF8.self)
    }
}
