import HayComponents
import HayGeneration
import HayJSON

/// One call to a local generator: its prompt, and what is to be done with what comes.
struct LocalAnswer {
    let engine: TextEngine
    let options: LocalOptions
    /// The prompt as text.
    let prompt: String
    /// What `meta` tells of the model.
    let model: String
    let request: GenerationRequest

    /// - Parameter constraint: what replies hold to.
    init(
        _ engine: TextEngine, _ options: LocalOptions, prompt: String, ids: [Int32], model: String,
        constraint: (any ReplyConstraint)?
    ) {
        self.engine = engine
        self.options = options
        self.prompt = prompt
        self.model = model
        var request = GenerationRequest(prompt: ids, config: options.config)
        request.constraint = constraint
        self.request = request
    }

    /// Answers, and gives `sink` what happens.
    ///
    /// - Parameters:
    ///   - writer: makes the chunks; nil makes none.
    ///   - parsesCalls: whether calls are looked for, so that the marks around them are part of the text.
    ///   - message: makes a message of a reply's text and meta.
    ///
    /// Throws what the engine and `sink` throw, and `CancellationError`.
    func run(
        _ writer: ChunkWriter?, showingSpecialTokens: Bool = false, parsesCalls: Bool = false,
        _ message: (String, _ meta: JSON.Object) async throws -> ChatMessage,
        sink: (LocalEvent) async throws -> Void
    ) async throws -> [ChatMessage] {
        var messages: [(index: Int, message: ChatMessage)] = []
        var writer = writer
        var promptTokens = 0
        let stream = try engine.stream(
            request, showingSpecialTokens: showingSpecialTokens && writer != nil,
            keptTokens: parsesCalls ? engine.toolCallMarks : [:])
        // A sink that throws ends the request at once, not when the stream happens to be dropped.
        defer { stream.cancel() }
        for try await event in stream {
            switch event {
            case .began(let count, let reused):
                promptTokens = count
                try await sink(.began(promptTokens: count, reusedTokens: reused))
            case .reading(let done, let total): try await sink(.reading(done: done, total: total))
            case .text(let piece, let index):
                for chunk in try writer?.chunks(of: piece, reply: index) ?? [] { try await sink(.chunk(chunk)) }
            case .reply(let reply):
                let (text, meta) = describe(reply, promptTokens: promptTokens)
                let whole = try await message(text, meta)
                let isCut = reply.reply.hasStopText
                for chunk in try writer?.end(whole, reply: reply.reply.index, isCut: isCut) ?? [] {
                    try await sink(.chunk(chunk))
                }
                let message = full(whole, text, meta)
                try await sink(.reply(message, reply))
                messages.append((reply.reply.index, message))
            case .ended(let timings): try await sink(.ended(timings))
            }
        }
        try Task.checkCancellation()
        return messages.sorted { $0.index < $1.index }.map(\.message)
    }

    /// A reply with the prompt before it, where that is asked for and it is no call.
    private func full(_ message: ChatMessage, _ text: String, _ meta: JSON.Object) -> ChatMessage {
        let isCall = !message.toolCalls.isEmpty
        return options.returnsFullText && !isCall ? .assistant(prompt + text, meta: meta) : message
    }

    /// A reply's text and what is told of it. Tokens that end it, be it an end token or a stop word, are not counted.
    private func describe(_ reply: TextReply, promptTokens: Int) -> (String, JSON.Object) {
        let text = options.trimsEnd ? reply.text.trimmedEnd : reply.text
        let count = reply.tokenCount(saying: text.utf8.count)
        let meta: JSON.Object = [
            "finish_reason": .string(reply.reply.finishReason == .length ? "length" : "stop"),
            "index": .int(reply.reply.index), "model": .string(model),
            "usage": [
                "completion_tokens": .int(count), "prompt_tokens": .int(promptTokens),
                "total_tokens": .int(count + promptTokens),
            ],
        ]
        return (text, meta)
    }
}
