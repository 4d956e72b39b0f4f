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

    /// Answers a request, piece by piece of text. The configuration's stop texts end replies and are no part of them.
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
    public func score(_ continuation: String, after prompt: String, scope: String = "") async throws -> Reply {
        let text = tokenizer.encode(continuation, addingSpecialTokens: local.model.isEncoderDecoder)
        return try await engine.score(text, after: tokenizer.encode(prompt), scope: scope)
    }
}

/// Ends a reply where its text holds a stop text, whichever tokens spell it.
struct StopTextDetector: StopDetector {
    private var decoder: StreamDecoder
    private var stops: StopStrings

    init(_ stops: [String], _ tokenizer: Tokenizer) {
        decoder = tokenizer.decoder(skippingSpecialTokens: true)
        self.stops = StopStrings(stops)
    }

    mutating func append(_ token: Int32) -> Bool { stops.append(decoder.append(token)).found }
}
