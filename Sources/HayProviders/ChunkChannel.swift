import HayComponents
import Synchronization

/// Chunks on their way from a server to a reader: where that is slow, the server waits instead of memory filling up.
///
/// Dropping it cancels the work that fills it.
final class ChunkChannel: Sendable {
    /// Does the work. Throws what ends the stream.
    typealias Work = @Sendable (_ send: @escaping ChunkSink) async throws -> Void

    private struct State {
        /// How many chunks have come that are not read.
        var backlog = 0
        /// Resumed when more may come.
        var room: CheckedContinuation<Void, Never>?
        var isOver = false
    }

    /// What the work and the reader share, so that the work does not hold the channel.
    private final class Shared: Sendable {
        let state = Mutex(State())

        /// Waits where many chunks are not read yet.
        func wait(limit: Int) async {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isFull = state.withLock { state in
                        state.backlog += 1
                        guard state.backlog > limit, !state.isOver else { return false }
                        state.room = continuation
                        return true
                    }
                    if !isFull { continuation.resume() }
                }
            } onCancel: {
                makeRoom(for: .max, isOver: true)
            }
        }

        /// Notes that chunks have been read, or that none will be.
        func makeRoom(for count: Int, isOver: Bool = false) {
            let room: CheckedContinuation<Void, Never>? = state.withLock { state in
                state.isOver = state.isOver || isOver
                state.backlog = max(0, state.backlog - count)
                defer { state.room = nil }
                return state.room
            }
            room?.resume()
        }
    }

    private let shared = Shared()
    private let chunks: AsyncThrowingStream<StreamingChunk, any Error>
    private let task: Task<Void, Never>

    /// Begins the work.
    init(limit: Int = 4096, _ work: @escaping Work) {
        let (chunks, sink) = AsyncThrowingStream<StreamingChunk, any Error>.makeStream()
        self.chunks = chunks
        task = Task { [shared] in
            do {
                try await work { chunk in
                    sink.yield(chunk)
                    await shared.wait(limit: limit)
                }
                sink.finish()
            } catch {
                sink.finish(throwing: error)
            }
        }
    }

    deinit { task.cancel() }

    /// The next chunk; nil at the end. Throws what the work throws; cancelling ends the work.
    func next() async throws -> StreamingChunk? {
        try await withTaskCancellationHandler {
            var iterator = chunks.makeAsyncIterator()
            let chunk = try await iterator.next()
            shared.makeRoom(for: 1)
            return chunk
        } onCancel: {
            task.cancel()
        }
    }
}
