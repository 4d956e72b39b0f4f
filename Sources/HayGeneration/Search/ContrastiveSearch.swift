/// Contrastive search: of the likeliest tokens the one that is likely and whose hidden state resembles no earlier one
/// (arXiv:2202.06417).
///
/// All candidates of a step are read together, each in a row of its own; the chosen one's row goes on.
final class ContrastiveSearch: Search {
    private let sampler: Sampler
    private let candidateCount: Int
    /// How much resemblance counts against likelihood (`penalty_alpha`).
    private let penalty: Float
    private let row: SampledRow
    private(set) var pending: [[Int32]] = []
    private var hasBegun = false
    private var scratch: [Float]
    private var probabilities: [Float] = []
    private var choices: [GeneratedToken] = []
    /// The hidden states [N, C] of the text, each divided by its length, and those of the candidates being read.
    private var context: [Float] = []
    private var states: [Float] = []
    private var stateSize = 0

    init(_ sampler: Sampler, _ config: GenerationConfig, vocabularySize: Int, row: SampledRow) {
        self.sampler = sampler
        self.row = row
        candidateCount = min(config.topK, vocabularySize)
        penalty = Float(config.contrastivePenalty)
        scratch = [Float](repeating: 0, count: vocabularySize)
    }

    let needsStates = true
    var replies: [Reply] { [row.reply] }

    func observe(_ states: UnsafeBufferPointer<Float>, size: Int) {
        stateSize = size
        self.states = ContrastiveSearch.normalized(states, size)
        if context.count < row.tokens.count * size { context += self.states }
    }

    func forgetStates() { context.removeAll(keepingCapacity: true) }

    func advance(_ logits: LogitsBlock) throws -> [KeptRow] {
        var chosen = 0
        if hasBegun {
            chosen = best()
            context += states[chosen * stateSize ..< (chosen + 1) * stateSize]
            row.append(choices[chosen])
        }
        hasBegun = true
        if !row.isRunning {
            pending = []
            return []
        }
        try choose(from: logits[chosen])
        return pending.map { _ in KeptRow(row: chosen, kept: 1) }
    }

    func finish() {
        row.end(.length)
        pending = []
    }

    func takeTokens() -> [GenerationEvent] { row.takeEvents() }

    /// The candidates of the next token.
    private func choose(from logits: UnsafeBufferPointer<Float>) throws {
        scratch.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: logits) }
        sampler.process(&scratch, after: row.tokens)
        row.note(logits: logits, scores: scratch)
        let places = places(ofLargest: candidateCount, in: scratch)
        guard let first = places.first, scratch[first].isFinite else {
            throw GenerationError.nothingToChoose(from: logits, position: row.tokens.count)
        }
        softmax(&scratch)
        probabilities = places.map { scratch[$0] }
        choices = places.map { row.described(Int32($0), of: logits) }
        pending = choices.map { [$0.id] }
    }

    /// The candidate with the best balance of its probability and its greatest resemblance to the text.
    private func best() -> Int {
        var best = 0, bestScore = -Float.infinity
        for candidate in choices.indices {
            let resemblance = resemblance(of: candidate)
            let score = (1 - penalty) * probabilities[candidate] - penalty * resemblance
            if score > bestScore { (best, bestScore) = (candidate, score) }
        }
        return best
    }

    /// The greatest cosine of the angle between a candidate's state and one of the text.
    private func resemblance(of candidate: Int) -> Float {
        context.withUnsafeBufferPointer { context in
            states.withUnsafeBufferPointer { states in
                var largest = -Float.infinity
                let state = UnsafeBufferPointer(rebasing: states[candidate * stateSize ..< (candidate + 1) * stateSize])
                for start in stride(from: 0, to: context.count, by: stateSize) {
                    var sum: Float = 0
                    for index in state.indices { sum += context[start + index] * state[index] }
                    largest = max(largest, sum)
                }
                return largest
            }
        }
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
