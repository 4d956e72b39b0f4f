import AsyncHTTPClient
import NIOCore

/// The data of events as they come. Dropping it, or cancelling the reading task, closes the connection.
typealias EventStream = AsyncThrowingStream<String, any Error>

/// The bytes of a reply on their way.
struct ReplyBody: Sendable {
    private let body: HTTPClientResponse.Body
    private let request: ServerRequest

    init(_ body: HTTPClientResponse.Body, of request: ServerRequest) {
        self.body = body
        self.request = request
    }

    /// All bytes. Throws `RemoteError` for more than the limit, and where the connection breaks.
    func bytes(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in body {
            guard bytes.count + buffer.readableBytes <= limit else {
                throw RemoteError.replyTooLarge(url: request.shownURL, limit: limit)
            }
            bytes += buffer.readableBytesView
        }
        try Task.checkCancellation()
        return bytes
    }

    /// The first bytes as text, as far as they come.
    func beginning(limit: Int) async -> String {
        var bytes: [UInt8] = []
        do {
            for try await buffer in body {
                bytes += buffer.readableBytesView
                if bytes.count >= limit { break }
            }
        } catch {}  // what has come is enough
        return String(decoding: bytes.prefix(limit), as: UTF8.self)
    }

    /// The data of the events.
    ///
    /// A task of its own reads, so that a slow reader is not taken for a silent server. After `[DONE]` the server has a
    /// second to end its reply, so that the connection can be used again.
    func events(limit: Int) -> EventStream {
        EventStream { sink in
            let reader = Task {
                do {
                    try await read(into: sink, limit: limit)
                    sink.finish()
                } catch is ServerSentEvents.TooLarge {
                    sink.finish(throwing: RemoteError.replyTooLarge(url: request.shownURL, limit: limit))
                } catch {
                    sink.finish(throwing: request.classified(error))
                }
            }
            sink.onTermination = { reason in
                if case .cancelled = reason { return reader.cancel() }
                Task {
                    try? await Task.sleep(for: .seconds(1))
                    reader.cancel()
                }
            }
        }
    }

    private func read(into sink: EventStream.Continuation, limit: Int) async throws {
        var events = ServerSentEvents()
        var count = 0, isDone = false
        for try await buffer in body {
            count += buffer.readableBytes
            guard count <= limit else { throw RemoteError.replyTooLarge(url: request.shownURL, limit: limit) }
            if isDone { continue }
            for event in try events.append(buffer.readableBytesView) where !isDone {
                isDone = event.hasPrefix("[DONE]")
                if isDone { sink.finish() } else { sink.yield(event) }
            }
        }
        if events.isWithinEvent, !isDone { throw RemoteError.streamCut(url: request.shownURL) }
    }
}
