import HayJSON
import NIOCore

/// What the events hold that a reply consists of, up to `[DONE]`. Dropping it, or cancelling the reading task, closes the
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

        fileprivate init(_ stream: EventStream) {
            self.stream = stream
            body = stream.body.makeAsyncIterator()
        }

        /// What the next event holds; nil at the end.
        ///
        /// Throws `CancellationError`, and `RemoteError` where it tells of an error or is no JSON object.
        mutating func next() async throws -> JSON? {
            let request = stream.request
            guard let text = try await text() else { return nil }
            let event: JSON
            do { event = try JSON.parse(text) } catch { throw request.invalidReply("an event is not JSON: \(error)") }
            guard event.object != nil else {
                throw request.invalidReply("an event is \(event.kind), expected an object")
            }
            if let error = request.error(in: event) { throw error }
            return event
        }

        /// The next event's data.
        private mutating func text() async throws -> String? {
            while true {
                if let event = events.popFirst() {
                    guard event.hasPrefix("[DONE]") else { return event }
                    stream.body.end()
                    return nil
                }
                do {
                    guard let more = try await more() else { return nil }
                    events = more
                } catch let error as ServerSentEvents.TooLarge {
                    throw stream.request.tooLarge(error.limit)
                } catch {
                    throw stream.request.classified(error)
                }
            }
        }

        /// The events that the next bytes end; nil where no more come.
        private mutating func more() async throws -> ArraySlice<String>? {
            guard let buffer = try await body.next() else {
                let rest = parser.unfinished
                if let rest, !rest.hasPrefix("[DONE]") { throw RemoteError.streamCut(url: stream.request.shownURL) }
                return nil
            }
            count += buffer.readableBytes
            guard count <= stream.limit else { throw stream.request.tooLarge(stream.limit) }
            return try parser.append(buffer.readableBytesView)[...]
        }
    }
}
