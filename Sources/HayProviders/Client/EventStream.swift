import NIOCore

/// The data of the events that a reply consists of, up to `[DONE]`. Dropping it, or cancelling the reading task, closes the
/// connection.
struct EventStream: AsyncSequence, Sendable {
    let body: Exchange.Body
    let request: ServerRequest
    /// The most bytes that are read.
    let limit: Int

    func makeAsyncIterator() -> Iterator { Iterator(self) }

    struct Iterator: AsyncIteratorProtocol {
        private let stream: EventStream
        private var body: Exchange.Body.Iterator
        private var parser = ServerSentEvents()
        private var events: ArraySlice<String> = []
        private var count = 0
        private var isOver = false

        fileprivate init(_ stream: EventStream) {
            self.stream = stream
            body = stream.body.makeAsyncIterator()
        }

        /// The next event's data; nil at the end. Throws `RemoteError` and `CancellationError`.
        mutating func next() async throws -> String? {
            while !isOver {
                if let event = events.popFirst() {
                    guard event.hasPrefix("[DONE]") else { return event }
                    isOver = true
                    stream.body.end()
                    return nil
                }
                do { events = try await more() } catch is ServerSentEvents.TooLarge {
                    throw stream.request.tooLarge(stream.limit)
                } catch { throw stream.request.classified(error) }
            }
            return nil
        }

        /// The events that the next bytes end.
        private mutating func more() async throws -> ArraySlice<String> {
            guard let buffer = try await body.next() else {
                isOver = true
                if parser.isWithinEvent { throw RemoteError.streamCut(url: stream.request.shownURL) }
                return []
            }
            count += buffer.readableBytes
            guard count <= stream.limit else { throw stream.request.tooLarge(stream.limit) }
            return try parser.append(buffer.readableBytesView)[...]
        }
    }
}
