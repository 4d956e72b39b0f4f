import HayGeneration
import HayTokenizer

/// Serves a model to many callers in text: `Engine` with the checkpoint's tokenizer.
public final class TextEngine: Sendable {
    /// The checkpoint that is served.
    public let local: LocalModel
    /// Turns texts into ids and back.
    public let tokenizer: Tokenizer
    /// Works on ids.
    public let engine: Engine

    /// An engine for a checkpoint. Throws the tokenizer's error where the folder has none.
    public init(_ local: LocalModel, _ options: Engine.Options = .init()) throws {
        self.local = local
        tokenizer = try local.tokenizer.get()
        engine = Engine(local.model, options, on: local.backend)
    }

    /// Answers a request, piece by piece of text. The configuration's stop texts end replies and are no part of them; they
    /// are looked for in what is new, with and without special tokens.
    ///
    /// Throws as `Engine.stream` does.
    public func stream(_ request: GenerationRequest) throws -> TextStream {
        var request = request
        let stops = request.config.stopStrings
        if !stops.isEmpty, request.stop == nil { request.stop = StopTextDetector(stops, tokenizer) }
        return TextStream(try engine.stream(request), tokenizer, stops: stops)
    }

    /// Answers a request. Throws as `Engine.generate` does.
    public func generate(_ request: GenerationRequest) async throws -> TextResult {
        try await stream(request).result()
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
