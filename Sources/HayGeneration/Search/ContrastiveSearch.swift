/// Contrastive search: of the likeliest tokens the one that is likely and whose hidden state resembles no earlier one
/// (arXiv:2202.06417).
///
/// All candidates of a step are read together, each in a row of its own; the chosen one's row goes on.
final class ContrastiveSearch: Search {
    private let setting: SampleSearch.Setting
    private let candidateCount: Int
    /// How much resemblance counts against likelihood (`penalty_alpha`).
    private let penalty: Float
    private let row: SampledRow
    private(set) var pending: [[Int32]] = []
    private var hasBegun = false
    private var events: [GenerationEvent] = []
    private var scratch: [Float]
    private var probabilities: [Float] = []
    private var choices: [GeneratedToken] = []
    /// The hidden states [N, C] of the text, each divided by its length, and those of the candidates being read.
    private var context: [Float] = []
    private var states: [Float] = []
    private var stateSize = 0

    init(_ setting: SampleSearch.Setting, _ config: GenerationConfig, vocabularySize: Int, row: SampledRow) {
        self.setting = setting
        self.row = row
        candidateCount = min(config.topK, vocabularySize)
        penalty = Float(config.contrastivePenalty)
        scratch = [Float](repeating: 0, count: vocabularySize)
    }

    let needsStates = true
    var replies: [Reply] { [row.reply] }

    func observe(_ states: UnsafeBufferPointer<Float>, size: Int) {
        stateSize = size
        if !hasBegun { context += ContrastiveSearch.normalized(states, size) }
        self.states = ContrastiveSearch.normalized(states, size)
    }

    func advance(_ logits: LogitsBlock) throws -> [KeptRow] {
        var chosen = 0
        if hasBegun {
            chosen = best()
            context += states[chosen * stateSize ..< (chosen + 1) * stateSize]
            append(choices[chosen])
        }
        hasBegun = true
        if row.reply.finishReason != nil {
            pending = []
            return []
        }
        try choose(from: logits[chosen])
        return pending.map { _ in KeptRow(row: chosen, kept: 1) }
    }

    func finish() {
        if row.reply.finishReason == nil { end(.length) }
        pending = []
    }

    func takeTokens() -> [GenerationEvent] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// The candidates of the next token.
    private func choose(from logits: UnsafeBufferPointer<Float>) throws {
        scratch.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: logits) }
        if setting.keepsLogits { row.reply.logits.append(Array(logits)) }
        setting.sampler.process(&scratch, after: row.tokens)
        if setting.keepsScores { row.reply.scores.append(scratch) }
        let places = places(ofLargest: candidateCount, in: scratch)
        guard let first = places.first, scratch[first].isFinite else {
            throw GenerationError.notFinite(position: row.tokens.count)
        }
        softmax(&scratch)
        probabilities = places.map { scratch[$0] }
        choices = places.map { place in
            let id = Int32(place)
            return setting.topLogprobs.map { GeneratedToken(id: id, likeliest: $0, of: logits) }
                ?? GeneratedToken(id: id)
        }
        pending = choices.map { [$0.id] }
    }

    /// The candidate with the best balance of its probability and its greatest resemblance to the text.
    private func best() -> Int {
        var best = 0, bestScore = -Float.infinity
        for candidate in choices.indices {
            var resemblance = -Float.infinity
            for start in stride(from: 0, to: context.count, by: stateSize) {
                var sum: Float = 0
                for index in 0 ..< stateSize { sum += context[start + index] * states[candidate * stateSize + index] }
                resemblance = max(resemblance, sum)
            }
            let score = (1 - penalty) * probabilities[candidate] - penalty * resemblance
            if score > bestScore { (best, bestScore) = (candidate, score) }
        }
        return best
    }

    private func append(_ token: GeneratedToken) {
        row.tokens.append(token.id)
        row.reply.tokens.append(token)
        events.append(.token(token, reply: row.reply.index))
        if setting.endTokens.contains(token.id) {
            end(.stop)
        } else if row.stop?.append(token.id) == true {
            row.reply.hasStopText = true
            end(.stop)
        } else if row.reply.tokens.count >= setting.newTokenLimit {
            end(.length)
        }
    }

    private func end(_ reason: FinishReason) {
        row.reply.finishReason = reason
        events.append(.reply(row.reply))
    }

    /// Each state divided by its length.
    private static func normalized(_ states: UnsafeBufferPointer<Float>, _ size: Int) -> [Float] {
        var normalized = Array(states)
        for start in stride(from: 0, to: states.count, by: size) {
            let range = start ..< start + size
            let length = states[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
            for index in range { normalized[index] /= length }
        }
        return normalized
    }
}
