import HayNN
import HayTensor

/// Why a reply ended.
public enum FinishReason: String, Sendable {
    /// An end token, or a stop text.
    case stop
    /// The limit on new tokens, or the end of the model's context.
    case length
}

/// One text being generated: the loop from ids to ids, without text and without concurrency.
///
/// The first call of `next()` reads the prompt, in pieces so that memory stays bounded; each one gives one token.
public final class Generation {
    /// A decoder's prompt is read in pieces of this many tokens.
    public static let defaultPieceLength = 512

    /// How many tokens of the prompt were read: for an encoder-decoder model those of the source.
    public let promptCount: Int
    /// Why there are no more tokens; nil while there may be.
    public private(set) var finishReason: FinishReason?
    /// The new tokens so far, a final end token included.
    public var newTokens: ArraySlice<Int32> { tokens[prefixCount...] }

    private let model: any LanguageModel
    private let config: GenerationConfig
    private let cache: KVCache
    private let backend: any Backend
    private let pieceLength: Int
    private let limit: Int
    private let sampler: Sampler
    private var random: SeededRandom
    private var pending: Tensor
    private var tokens: [Int32]
    private let prefixCount: Int
    private var logits: [Float]

    /// Checks the prompt and makes room for the text.
    ///
    /// - Parameters:
    ///   - newTokenLimit: the most new tokens where the configuration sets no limit.
    ///   - pieceLength: how many tokens of a decoder's prompt are read at once; an encoder reads its source whole. The ids
    ///     that come out do not depend on it.
    ///
    /// Throws `GenerationError`.
    public init(
        _ model: any LanguageModel, prompt: [Int32], _ config: GenerationConfig, newTokenLimit: Int = 512,
        pieceLength: Int = Generation.defaultPieceLength, on backend: any Backend
    ) throws {
        try Generation.check(prompt, model)
        try config.validate(vocabularySize: model.vocabularySize, isEncoderDecoder: model.isEncoderDecoder)
        try config.checkNeedsOneText()
        self.model = model
        self.config = config
        self.backend = backend
        self.pieceLength = pieceLength
        promptCount = prompt.count
        let prefixCount = model.isEncoderDecoder ? 1 : prompt.count
        self.prefixCount = prefixCount
        let asked = config.newTokenLimit(after: prefixCount, fallback: newTokenLimit)
        limit = min(asked, model.contextLength.map { $0 - prefixCount } ?? asked)
        cache = KVCache(model.cacheShape, capacity: prefixCount + limit, on: backend)
        sampler = Sampler(config, source: prompt, prefixCount: prefixCount, lengthLimit: prefixCount + limit)
        random = SeededRandom(seed: config.seed ?? .random(in: .min ... .max))
        pending = Tensor(prompt, [1, prompt.count], on: backend)
        tokens = model.isEncoderDecoder ? [model.decoderStartToken] : prompt
        logits = [Float](repeating: 0, count: model.vocabularySize)
        if limit == 0 { finishReason = .length }
    }

    private static func check(_ prompt: [Int32], _ model: any LanguageModel) throws {
        guard !prompt.isEmpty else { throw GenerationError.emptyPrompt }
        if let id = prompt.first(where: { $0 < 0 || Int($0) >= model.vocabularySize }) {
            throw GenerationError.tokenOutOfRange(id, vocabularySize: model.vocabularySize)
        }
        if !model.isEncoderDecoder, let contextLength = model.contextLength, prompt.count >= contextLength {
            throw GenerationError.promptTooLong(tokens: prompt.count, contextLength: contextLength)
        }
    }

    /// The next token, an end token included; nil when the text is finished.
    ///
    /// Throws `GenerationError` for logits that are not numbers, and what the backend throws.
    public func next() throws -> Int32? {
        if finishReason != nil { return nil }
        if newTokens.isEmpty { begin() }
        try computeLogits()
        guard let token = sampler.choose(&logits, after: tokens, &random) else {
            throw GenerationError.notFinite(position: tokens.count)
        }
        tokens.append(token)
        if config.eosTokenIDs.contains(token) {
            finishReason = .stop
        } else if newTokens.count >= limit {
            finishReason = .length
        } else {
            pending = Tensor([token], [1, 1], on: backend)
        }
        return token
    }

    /// Runs the encoder of a model that has one: from here on the decoder's ids are the text.
    private func begin() {
        pending = model.begin(pending, cache)
    }

    /// Passes the pending tokens through the model and reads the logits that follow the last.
    private func computeLogits() throws {
        var hidden = pending
        let ids = pending.reshaped([pending.count])
        for start in stride(from: 0, to: ids.count, by: pieceLength) {
            let piece = ids[start ..< min(start + pieceLength, ids.count)]
            hidden = model.hidden(piece.reshaped([1, piece.count]), cache)
        }
        let rows = hidden.reshaped([hidden.shape[1], hidden.shape[2]])
        let last = model.logits(rows[rows.shape[0] - 1 ..< rows.shape[0]])
        try logits.withUnsafeMutableBufferPointer { try last.read(into: $0) }
    }
}

extension LanguageModel {
    /// The logits at every position of a text: [T, V].
    ///
    /// - Parameters:
    ///   - prompt: the text; for an encoder-decoder model the source.
    ///   - decoderPrompt: the decoder's ids, for an encoder-decoder model; by default its start token.
    ///   - pieceLength: how many positions are computed at once.
    ///
    /// Throws `GenerationError` and what the backend throws.
    public func allLogits(
        prompt: [Int32], decoderPrompt: [Int32] = [], pieceLength: Int = .max, on backend: any Backend
    ) throws -> [Float] {
        var ids = prompt
        for id in prompt + decoderPrompt where id < 0 || Int(id) >= vocabularySize {
            throw GenerationError.tokenOutOfRange(id, vocabularySize: vocabularySize)
        }
        guard !prompt.isEmpty else { throw GenerationError.emptyPrompt }
        if isEncoderDecoder { ids = decoderPrompt.isEmpty ? [decoderStartToken] : decoderPrompt }
        if let contextLength, ids.count > contextLength {
            throw GenerationError.promptTooLong(tokens: ids.count, contextLength: contextLength)
        }
        let cache = KVCache(cacheShape, capacity: ids.count, on: backend)
        _ = begin(Tensor(prompt, [1, prompt.count], on: backend), cache)
        var logits: [Float] = []
        for start in stride(from: 0, to: ids.count, by: min(pieceLength, ids.count)) {
            let piece = Array(ids[start ..< min(start + min(pieceLength, ids.count), ids.count)])
            let hidden = hidden(Tensor(piece, [1, piece.count], on: backend), cache)
            logits += try self.logits(hidden.reshaped([piece.count, hidden.shape[2]])).array()
        }
        return logits
    }
}
