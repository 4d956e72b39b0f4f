import HayJSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A server on the loopback interface that answers as a test says.
final class MockServer: Sendable {
    /// A request, read whole.
    struct Request: Sendable {
        let method: String
        let path: String
        /// The values of the query, by name, as they were sent.
        let query: [String: String]
        let headers: HTTPHeaders
        let body: JSON?
    }

    typealias Answer = @Sendable (Request, MockReply) async throws -> Void

    /// The address, without a slash at the end.
    let url: String
    private let channel: any Channel
    private let state: State

    /// What came, and how many connections are open.
    private final class State: Sendable {
        let requests = Mutex<[Request]>([])
        let connections = Mutex((open: 0, total: 0))
    }

    /// The requests so far.
    var requests: [Request] { state.requests.withLock { $0 } }
    /// How many connections are open.
    var openConnections: Int { state.connections.withLock(\.open) }
    /// How many connections there have been.
    var totalConnections: Int { state.connections.withLock(\.total) }

    private init(_ channel: any Channel, _ state: State) {
        self.channel = channel
        self.state = state
        url = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    /// Runs a server while `work` is done.
    ///
    /// - Parameters:
    ///   - security: makes it one of https.
    ///   - readsBodies: whether it reads at all.
    static func run(
        security: NIOSSLContext? = nil, readsBodies: Bool = true, _ answer: @escaping Answer,
        _ work: (MockServer) async throws -> Void
    ) async throws {
        let state = State()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: readsBodies)
            .childChannelInitializer { channel in
                state.connections.withLock { $0 = ($0.open + 1, $0.total + 1) }
                channel.closeFuture.whenComplete { _ in state.connections.withLock { $0.open -= 1 } }
                return channel.eventLoop.makeCompletedFuture {
                    if let security {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: security))
                    }
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try channel.pipeline.syncOperations.addHandler(Handler(state, answer))
                }
            }
        let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        let server = MockServer(channel, state)
        do { try await work(server) } catch {
            try? await channel.close()
            throw error
        }
        try? await channel.close()
    }

    /// Waits until a condition holds, for ten seconds at most.
    func eventually(_ condition: (MockServer) -> Bool) async throws -> Bool {
        for _ in 0 ..< 1000 where !condition(self) { try await Task.sleep(for: .milliseconds(10)) }
        return condition(self)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        private let state: State
        private let answer: Answer
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        init(_ state: State, _ answer: @escaping Answer) {
            self.state = state
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body.clear()
            case .body(var piece): body.writeBuffer(&piece)
            case .end:
                guard let head else { return }
                let request = Request(head, body)
                state.requests.withLock { $0.append(request) }
                let reply = MockReply(context.channel), answer = answer
                Task {
                    // A client that has gone makes writing fail; that is its right.
                    do { try await answer(request, reply) } catch { try? await reply.close() }
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

extension MockServer.Request {
    fileprivate init(_ head: HTTPRequestHead, _ body: ByteBuffer) {
        let parts = head.uri.split(separator: "?", maxSplits: 1)
        let pairs = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1)
            return (String(sides[0]), sides.count > 1 ? String(sides[1]) : "")
        }
        method = head.method.rawValue
        path = String(parts[0])
        query = Dictionary(pairs) { $1 }
        headers = head.headers
        self.body = body.readableBytes == 0 ? nil : try? JSON.parse(Array(body.readableBytesView))
    }
}

/// Writes a reply, byte by byte as a test wants it.
struct MockReply: Sendable {
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    /// Writes bytes as they are.
    func write(_ bytes: some Sequence<UInt8>) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Writes a text as it is.
    func write(_ text: String) async throws { try await write(text.utf8) }

    /// A whole reply.
    func send(status: Int = 200, headers: [(String, String)] = [], type: String = "application/json", _ body: String)
        async throws
    {
        let length = [("content-length", "\(body.utf8.count)"), ("content-type", type)]
        try await write(head(status, headers + length) + body)
    }

    /// The beginning of a stream of events.
    func beginStream(status: Int = 200, headers: [(String, String)] = [("content-type", "text/event-stream")])
        async throws
    {
        try await write(head(status, headers + [("transfer-encoding", "chunked")]))
    }

    /// A piece of a stream.
    func piece(_ bytes: [UInt8]) async throws {
        if !bytes.isEmpty { try await write(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]) }
    }

    /// An event of a stream.
    func event(_ data: String) async throws { try await piece(Array("data: \(data)\n\n".utf8)) }

    /// The end of a stream.
    func endStream() async throws { try await write("0\r\n\r\n") }

    /// Ends the connection in order.
    func close() async throws { try await channel.close() }

    /// Ends the connection at once, so that the client is told of a reset.
    func reset() async throws {
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close()
    }

    private func head(_ status: Int, _ headers: [(String, String)]) -> String {
        "HTTP/1.1 \(status) Status\r\n" + headers.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
    }
}
