import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// A request under way: hands over the reply's head, then its bytes as they come.
///
/// What comes is taken off the connection at once, so that a reader that is slow is not taken for a silent server, and
/// what a server says before it breaks off is not lost; only beyond some megabytes the server has to wait. The wait for the
/// server is measured here: the client's own clocks go on while it is the server that waits, and stand still while a
/// request cannot be sent.
final class Exchange: HTTPClientResponseDelegate, Sendable {
    typealias Response = Void
    private typealias Pieces = AsyncThrowingStream<ByteBuffer, any Error>

    /// The most bytes that wait for the reader, and that are read of what follows the end of a stream.
    private static let backlogLimit = 8 << 20, restLimit = 1 << 16
    /// How many bytes a slow line sends in a millisecond.
    private static let sendingRate: Int64 = 64

    private struct State {
        /// How many bytes have come that are not read.
        var backlog = 0
        /// Completed when more may come.
        var room: EventLoopPromise<Void>?
        /// Whether what still comes is only read off the connection.
        var isOver = false
        /// When something came last; in the future while a large request is still on its way.
        var lastSign = NIODeadline.now()
        /// Looks whether the server has been silent for too long.
        var clock: Scheduled<Void>?
        var isFinished = false
    }

    private let state = Mutex(State())
    private let head: EventLoopPromise<HTTPResponseHead>
    private let sink: Pieces.Continuation
    private let timeout: TimeAmount?
    /// How long sending the request may take.
    private let sendingTime: TimeAmount

    private init(
        _ head: EventLoopPromise<HTTPResponseHead>, _ sink: Pieces.Continuation, timeout: TimeAmount?, size: Int64
    ) {
        self.head = head
        self.sink = sink
        self.timeout = timeout
        sendingTime = .milliseconds(size / Exchange.sendingRate)
    }

    /// Sends a request and waits for the reply's head. Cancelling closes the connection.
    ///
    /// - Parameter timeout: the longest silence of the server; sending may take longer at 64 KB a second.
    /// Throws `HTTPClientError` and the errors of sockets.
    static func begin(
        _ request: HTTPClient.Request, over http: HTTPClient, timeout: TimeAmount?
    ) async throws -> (head: HTTPResponseHead, body: Body) {
        let (pieces, sink) = Pieces.makeStream()
        let exchange = Exchange(
            http.eventLoopGroup.any().makePromise(), sink, timeout: timeout, size: request.body?.contentLength ?? 0)
        let task = http.execute(request: request, delegate: exchange)
        // Not all errors are told to a delegate: a circle of redirects is not.
        task.futureResult.whenComplete { exchange.finish($0) }
        sink.onTermination = { reason in
            if case .cancelled = reason, !exchange.state.withLock(\.isOver) { task.cancel() }
            exchange.makeRoom(for: .max)
        }
        let head = try await withTaskCancellationHandler {
            try await exchange.head.futureResult.get()
        } onCancel: {
            task.cancel()
        }
        return (head, Body(pieces: pieces, exchange: exchange, task: task))
    }

    func didSendRequestHead(task: HTTPClient.Task<Void>, _ head: HTTPRequestHead) {
        state.withLock { $0.lastSign = .now() + sendingTime }
        if let timeout { watch(task, in: timeout + sendingTime) }
    }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { $0.lastSign = .now() }
        self.head.succeed(head)
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let (isWanted, isFull) = state.withLock { state in
            state.lastSign = .now()
            state.backlog += buffer.readableBytes
            let isFull = state.backlog > (state.isOver ? Exchange.restLimit : Exchange.backlogLimit)
            if isFull, !state.isOver, state.room == nil { state.room = task.eventLoop.makePromise() }
            return (!state.isOver, isFull)
        }
        guard isWanted else {
            if isFull { task.cancel() }
            return task.eventLoop.makeSucceededVoidFuture()
        }
        sink.yield(buffer)
        return isFull ? wait(task) : task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {}

    /// Looks after some time whether the server has been silent for too long. While it has to wait itself, it may be.
    private func watch(_ task: HTTPClient.Task<Void>, in time: TimeAmount) {
        let clock = task.eventLoop.scheduleTask(in: time) { [self] in
            guard let timeout else { return }
            let rest = state.withLock { $0.room == nil ? timeout - (.now() - $0.lastSign) : timeout }
            if rest > .zero { watch(task, in: rest) } else { task.fail(reason: HTTPClientError.readTimeout) }
        }
        let isFinished = state.withLock { state in
            state.clock = clock
            return state.isFinished
        }
        if isFinished { clock.cancel() }
    }

    private func finish(_ result: Result<Void, any Error>) {
        let clock = state.withLock { state in
            state.isFinished = true
            return state.clock
        }
        clock?.cancel()
        switch result {
        case .success: sink.finish()
        case .failure(let error):
            head.fail(error)
            sink.finish(throwing: error)
        }
        makeRoom(for: .max)
    }

    /// Completed when the reader has caught up, which it may have done already.
    private func wait(_ task: HTTPClient.Task<Void>) -> EventLoopFuture<Void> {
        state.withLock { $0.room?.futureResult } ?? task.eventLoop.makeSucceededVoidFuture()
    }

    /// Notes that bytes have been read.
    private func makeRoom(for count: Int) {
        let room: EventLoopPromise<Void>? = state.withLock { state in
            state.backlog = max(0, state.backlog - count)
            guard state.backlog < Exchange.backlogLimit / 2 else { return nil }
            if state.room != nil { state.lastSign = .now() }
            defer { state.room = nil }
            return state.room
        }
        room?.succeed()
    }
}

extension Exchange {
    /// The bytes of a reply as they come. Dropping it, or cancelling the reading task, closes the connection.
    struct Body: AsyncSequence, Sendable {
        fileprivate let pieces: AsyncThrowingStream<ByteBuffer, any Error>
        fileprivate let exchange: Exchange
        fileprivate let task: HTTPClient.Task<Void>

        /// Reads on.
        struct Iterator: AsyncIteratorProtocol {
            fileprivate var pieces: AsyncThrowingStream<ByteBuffer, any Error>.Iterator
            fileprivate let exchange: Exchange

            /// The next bytes; nil at the end. Throws as `begin` does, and `CancellationError`.
            mutating func next() async throws -> ByteBuffer? {
                guard let buffer = try await pieces.next() else {
                    try Task.checkCancellation()
                    return nil
                }
                exchange.makeRoom(for: buffer.readableBytes)
                return buffer
            }
        }

        func makeAsyncIterator() -> Iterator {
            Iterator(pieces: pieces.makeAsyncIterator(), exchange: exchange)
        }

        /// Wants no more. The server has a second to end its reply, so that the connection can be used again.
        func end() {
            exchange.state.withLock { ($0.backlog, $0.isOver) = (0, true) }
            exchange.makeRoom(for: 0)
            _ = end(after: .seconds(1))
        }

        /// Closes the connection when a time has passed, unless the reply has ended.
        func end(after time: TimeAmount) -> Scheduled<Void> {
            task.eventLoop.scheduleTask(in: time) { [task] in task.cancel() }
        }
    }
}
