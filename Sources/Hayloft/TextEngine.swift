import HayGeneration
import HayGrammar
import HayTokenizer

/// Serves a model to many callers in text: `Engine` with the checkpoint's tokenizer.
public final class TextEngine: Sendable {
    /// The checkpoint that is served.
    public let local: LocalModel
    /// Turns texts into ids and back.
    public let tokenizer: Tokenizer
    /// Works on ids.
    public let engine: Engine
    /// A smaller model with the same vocabulary that guesses ahead for every request; replies are the same without.
    public let assistant: LocalModel?
    private let formats: FormatCache

    /// An engine for a checkpoint. Throws the tokenizer's error where the folder has none.
    public convenience init(
        _ local: LocalModel, _ options: Engine.Options = .init(), assistant: LocalModel? = nil
    ) throws {
        self.init(
            local, try local.tokenizer.get(), Engine(local.model, options, on: local.backend), assistant: assistant)
    }

    /// An engine that is there already, with a checkpoint's other parts.
    init(_ local: LocalModel, _ tokenizer: Tokenizer, _ engine: Engine, assistant: LocalModel? = nil) {
        self.local = local
        self.tokenizer = tokenizer
        self.engine = engine
        self.assistant = assistant
        formats = FormatCache(tokenizer, vocabularySize: local.model.vocabularySize)
    }

    /// Answers a request, piece by piece of text. The configuration's stop texts end replies and are no part of them; they
    /// are looked for in what is new, with and without special tokens.
    ///
    /// - Parameters:
    ///   - showingSpecialTokens: whether the pieces hold special tokens, the end token included. Replies never do.
    ///   - keptTokens: special tokens that are part of pieces and replies all the same, with their texts.
    ///
    /// Throws as `Engine.stream` does.
    public func stream(
        _ request: GenerationRequest, showingSpecialTokens: Bool = false, keptTokens: [Int32: String] = [:]
    ) throws -> TextStream {
        var request = request
        let decoding = TextDecoding(
            tokenizer: tokenizer, stops: request.config.stopStrings, showsSpecialTokens: showingSpecialTokens,
            keptTokens: keptTokens)
        // Stop texts have to be seen where tokens are chosen; without them the reader decodes.
        let decodesEarly = !decoding.stops.isEmpty || request.decoder != nil
        request.decoder = decodesEarly ? ReplyText(decoding, and: request.decoder) : nil
        if request.assistant == nil { request.assistant = assistant?.model }
        return TextStream(try engine.stream(request), decoding)
    }

    /// Answers a request. Throws as `Engine.generate` does.
    public func generate(_ request: GenerationRequest) async throws -> TextResult {
        try await stream(request).result()
    }

    /// What holds replies to a format, to be put into a request: they then parse and validate, whatever the model.
    ///
    /// - Parameter config: the options of the request, whose end tokens count.
    ///
    /// Throws `GrammarError` for a schema that replies cannot be held to, or not with this vocabulary.
    public func constraint(_ format: ResponseFormat, _ config: GenerationConfig) throws -> any ReplyConstraint {
        try constraint(ReplyFormat(format), config)
    }

    /// The same for a format with tools.
    func constraint(_ format: ReplyFormat, _ config: GenerationConfig) throws -> any ReplyConstraint {
        try formats.constraint(format, endTokens: Set(config.eosTokenIDs))
    }

    /// What someone who asks for an answer to a source of so many tokens should know; nil where all is well.
    ///
    /// Relative positions have no end, so a T5 reads on beyond the lengths that it was trained with, but ever worse.
    func warning(forSourceOf count: Int) -> String? {
        guard local.model.isEncoderDecoder,
            let limit = tokenizer.configuration.maximumLength ?? (try? local.config["n_positions"]), count > limit
        else { return nil }
        return "the source has \(count) tokens, but the model was made for \(limit); shorten it, "
            + "or the answer may miss parts of it"
    }

    /// The special tokens that stand around tool calls, with their texts.
    var toolCallMarks: [Int32: String] {
        let special = ToolCallNotation.marks.compactMap { mark in tokenizer.id(of: mark).map { ($0, mark) } }
        return Dictionary(special.filter { tokenizer.bytes(of: $0.0) == nil }) { first, _ in first }
    }

    /// How likely a text is after a prompt: see `Engine.score`.
    ///
    /// A decoder's prompt and text are made ids as one, as they would be read. Where the border falls within a token, the
    /// score begins with that token.
    public func score(_ continuation: String, after prompt: String, scope: String = "") async throws -> Reply {
        var source = tokenizer.encode(prompt)
        if local.model.isEncoderDecoder {
            return try await engine.score(tokenizer.encode(continuation), after: source, scope: scope)
        }
        let whole = tokenizer.encode(prompt + continuation)
        source = zip(source, whole).prefix { $0 == $1 }.map(\.0)
        return try await engine.score(Array(whole[source.count...]), after: source, scope: scope)
    }
}
