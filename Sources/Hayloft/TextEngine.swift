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
    private let formats: FormatCache

    /// An engine for a checkpoint. Throws the tokenizer's error where the folder has none.
    public convenience init(_ local: LocalModel, _ options: Engine.Options = .init()) throws {
        self.init(local, try local.tokenizer.get(), Engine(local.model, options, on: local.backend))
    }

    /// An engine that is there already, with a checkpoint's other parts.
    init(_ local: LocalModel, _ tokenizer: Tokenizer, _ engine: Engine) {
        self.local = local
        self.tokenizer = tokenizer
        self.engine = engine
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
        let stops = request.config.stopStrings
        if !stops.isEmpty, request.stop == nil { request.stop = StopTextDetector(stops, tokenizer) }
        let decoding = TextDecoding(
            tokenizer: tokenizer, stops: stops, showsSpecialTokens: showingSpecialTokens, keptTokens: keptTokens)
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

/// Ends a reply where its text holds a stop text, whichever tokens spell it.
struct StopTextDetector: StopDetector {
    /// The text without special tokens, and with them.
    private var readings: [(decoder: StreamDecoder, stops: StopStrings)]

    init(_ stops: [String], _ tokenizer: Tokenizer) {
        readings = [true, false].map { (tokenizer.decoder(skippingSpecialTokens: $0), StopStrings(stops)) }
    }

    mutating func append(_ token: Int32) -> Bool {
        var isFound = false
        for index in readings.indices {
            let piece = readings[index].decoder.append(token)
            if readings[index].stops.append(piece).found != nil { isFound = true }
        }
        return isFound
    }
}
