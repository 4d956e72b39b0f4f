import HayNN
import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Guesses with a smaller model of the same vocabulary (arXiv:2211.17192).
///
/// It draws with the very numbers that the true choice will be drawn with: a guess is right whenever both models would
/// choose alike, and the reply does not depend on the assistant, sampled or not.
final class Assistant: Drafter {
    private let model: any LanguageModel
    private let sampler: Sampler
    private let schedule: AssistantSchedule
    private let confidence: Float
    private let endTokens: [Int32]
    private let source: [Int32]
    private let pieceLength: Int
    private let backend: any Backend
    private let cache: KVCache
    private let step: CacheStep
    private var known: [Int32] = []
    private var count: Int
    private var logits: [Float]

    /// - Parameters:
    ///   - source: the source of an encoder-decoder model; empty in a decoder.
    ///   - lengthLimit: the most tokens of the text, prefix included.
    ///   - pieceLength: how much is read at once; where more is new, nothing is guessed until it has been read.
    init(
        _ model: any LanguageModel, _ config: GenerationConfig, sampler: Sampler, source: [Int32], lengthLimit: Int,
        pieceLength: Int, on backend: any Backend
    ) {
        self.pieceLength = pieceLength
        self.model = model
        self.sampler = sampler
        self.source = source
        self.backend = backend
        schedule = config.assistantSchedule
        confidence = Float(config.assistantConfidenceThreshold)
        endTokens = config.eosTokenIDs
        count = config.assistantTokens
        let positions = lengthLimit + BlockPool.blockSize
        let blocks = BlockPool.blocks(for: positions) + BlockPool.blocks(for: source.count)
        let pool = BlockPool(model.cacheShape, blockCount: blocks, dtype: model.cacheType, on: backend)
        cache = KVCache(in: pool)
        step = CacheStep(on: backend)
        logits = [Float](repeating: 0, count: model.vocabularySize)
    }

    func draft(after tokens: [Int32], limit: Int, _ random: SeededRandom) throws -> [Int32] {
        if let contextLength = model.contextLength, tokens.count + min(count, limit) > contextLength { return [] }
        if known.isEmpty, model.isEncoderDecoder {
            model.encode(Tensor(source, [1, source.count], on: backend), into: cache)
        }
        // What was guessed wrongly is forgotten; at least the last token is read again.
        let common = min(zip(known, tokens).prefix { $0 == $1 }.count, tokens.count - 1)
        cache.truncate(row: 0, to: common)
        known.removeSubrange(common...)
        if tokens.count - known.count > pieceLength {
            try read(tokens[known.count ..< known.count + pieceLength])
            return []
        }
        try read(tokens[known.count...])
        var guesses: [Int32] = [], text = tokens, random = random
        while guesses.count < min(count, limit) {
            guard confidence <= 0 || isConfident(after: text) else { break }
            guard let id = sampler.choose(&logits, after: text, &random) else { break }
            guesses.append(id)
            text.append(id)
            if endTokens.contains(id) || guesses.count == min(count, limit) { break }
            try read(text[(text.count - 1)...])
        }
        return guesses
    }

    func learn(accepted: Int, of drafted: Int) {
        if schedule == .constant { return }
        count = accepted == drafted ? count + 2 : max(1, count - 1)
    }

    /// Reads tokens and leaves the logits that follow the last.
    private func read(_ tokens: ArraySlice<Int32>) throws {
        known += tokens
        step.reset()
        step.add(cache, row: 0, count: tokens.count)
        step.commit()
        let hidden = model.hidden(Tensor(Array(tokens), step.shape, on: backend), step)
        let rows = hidden.reshaped([hidden.shape[1], hidden.shape[2]])
        let last = model.logits(rows[rows.shape[0] - 1 ..< rows.shape[0]])
        try logits.withUnsafeMutableBufferPointer { try last.read(into: $0) }
    }

    /// Whether the likeliest token is likely enough to be worth checking.
    private func isConfident(after text: [Int32]) -> Bool {
        var scores = logits
        sampler.process(&scores, after: text)
        guard let best = argmax(scores), let softmax = LogSoftmax(scores) else { return false }
        return expf(softmax(scores[best])) >= confidence
    }
}
