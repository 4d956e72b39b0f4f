import HayGeneration
import HayTokenizer

/// A reply as text.
public struct TextReply: Sendable, Equatable {
    /// The text, without special tokens and without the stop text that ended it.
    public var text: String
    /// The stop text that ended it, unless it was spelled with special tokens.
    public var stopText: String?
    /// Where in the text that was generated, stop text included, each token's part ends: in bytes of UTF-8.
    public var tokenEnds: [Int] = []
    /// Its tokens, why it ended, and what else was asked for.
    public var reply: Reply

    /// How many tokens say the first so many bytes of the text: what ends the reply says nothing.
    func tokenCount(saying byteCount: Int) -> Int {
        guard byteCount > 0 else { return 0 }
        return min(tokenEnds.count, 1 + tokenEnds.prefix { $0 < byteCount }.count)
    }
}

/// All that came of a request, as text.
public struct TextResult: Sendable, Equatable {
    /// As many as were asked for, by index.
    public var replies: [TextReply] = []
    /// How many tokens the prompt has.
    public var promptTokens = 0
    /// How many of them were there already from an earlier request.
    public var reusedTokens = 0
    /// How long it took.
    public var timings = GenerationTimings()

    /// Nothing yet.
    public init() {}
}

/// What happens while a request is answered in text.
public enum TextEvent: Sendable, Equatable {
    /// The request's turn has come.
    case began(promptTokens: Int, reusedTokens: Int)
    /// The prompt is being read: see `GenerationEvent.reading`.
    case reading(done: Int, total: Int)
    /// A reply goes on. Never half a character, nor any part of a stop text; together the pieces are the whole reply.
    case text(String, reply: Int)
    /// A reply has ended.
    case reply(TextReply)
    /// All replies have.
    case ended(GenerationTimings)
}

/// A request being answered in text, as it happens.
public struct TextStream: AsyncSequence, Sendable {
    private let events: GenerationStream
    private let decoding: TextDecoding

    init(_ events: GenerationStream, _ decoding: TextDecoding) {
        self.events = events
        self.decoding = decoding
    }

    /// Ends the request: see `GenerationStream.cancel`.
    public func cancel() { events.cancel() }

    /// Reads the events. The request ends when the reading task is cancelled, or stream and iterators are dropped.
    public func makeAsyncIterator() -> Iterator { Iterator(events.makeAsyncIterator(), decoding) }

    /// All that came of the request. Throws what the stream throws, and `CancellationError`.
    public func result() async throws -> TextResult {
        var result = TextResult()
        for try await event in self { result.add(event) }
        try Task.checkCancellation()
        return result
    }

    /// Decodes tokens as they come.
    public struct Iterator: AsyncIteratorProtocol {
        private var events: GenerationStream.AsyncIterator
        private let decoding: TextDecoding
        private var texts: [Int: ReplyText] = [:]
        private var ready: [TextEvent] = []

        init(_ events: GenerationStream.AsyncIterator, _ decoding: TextDecoding) {
            self.events = events
            self.decoding = decoding
        }

        /// The next event; nil when there are no more.
        public mutating func next() async throws -> TextEvent? {
            while ready.isEmpty {
                guard let event = try await events.next() else { return nil }
                add(event)
            }
            return ready.removeFirst()
        }

        private mutating func add(_ event: GenerationEvent) {
            switch event {
            case .began(let prompt, let reused): ready.append(.began(promptTokens: prompt, reusedTokens: reused))
            case .reading(let done, let total): ready.append(.reading(done: done, total: total))
            case .token(let token, let index):
                if let piece = token.text { show(piece, index) } else { show(index) { $0.append(token.id).text } }
            case .reply(let reply):
                if let decoded = reply.decoded?.decoder as? ReplyText { texts[reply.index] = decoded }
                let known = texts[reply.index]?.tokenCount ?? 0
                for token in reply.tokens.dropFirst(known) { show(reply.index) { $0.append(token.id).text } }
                show(reply.index) { $0.finish() }
                if let text = texts.removeValue(forKey: reply.index) { ready.append(.reply(text.reply(reply))) }
            case .ended(let timings): ready.append(.ended(timings))
            }
        }

        private mutating func show(_ index: Int, _ step: (inout ReplyText) -> String) {
            var text = texts.removeValue(forKey: index) ?? ReplyText(decoding)
            let piece = step(&text)
            texts[index] = text
            show(piece, index)
        }

        private mutating func show(_ piece: String, _ index: Int) {
            if !piece.isEmpty { ready.append(.text(piece, reply: index)) }
        }
    }
}

extension TextResult {
    /// Adds what happened.
    public mutating func add(_ event: TextEvent) {
        switch event {
        case .began(let prompt, let reused): (promptTokens, reusedTokens) = (prompt, reused)
        case .reading, .text: break
        case .reply(let reply):
            let place = replies.firstIndex { $0.reply.index > reply.reply.index }
            replies.insert(reply, at: place ?? replies.endIndex)
        case .ended(let timings): self.timings = timings
        }
    }
}
