/// Divides the logits of tokens that came before by a penalty, or multiplies them if negative (arXiv:1909.05858).
struct RepetitionPenalty: LogitsProcessor {
    let penalty: Float

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        RepetitionPenalty.apply(penalty, to: tokens, &logits)
    }

    /// A token that is named twice is changed once.
    static func apply(_ penalty: Float, to ids: [Int32], _ logits: inout [Float]) {
        let ids = ids.filter { logits.indices.contains(Int($0)) }
        let changed = ids.map { logits[Int($0)] < 0 ? logits[Int($0)] * penalty : logits[Int($0)] / penalty }
        for (id, logit) in zip(ids, changed) { logits[Int(id)] = logit }
    }
}

/// Makes the tokens of the source likelier, by the same formula with one over the penalty.
struct EncoderRepetitionPenalty: LogitsProcessor {
    private let penalty: Float
    private let source: [Int32]

    init(penalty: Double, source: [Int32]) {
        self.penalty = Float(1 / penalty)
        self.source = source
    }

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        RepetitionPenalty.apply(penalty, to: source, &logits)
    }
}

/// Lowers the logits of new tokens, once and by how often they came, as OpenAI's API does.
struct CountPenalties: LogitsProcessor {
    let frequency: Float
    let presence: Float
    /// How many tokens were given and do not count.
    let prefixCount: Int

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        var counts: [Int32: Int] = [:]
        for id in tokens.dropFirst(prefixCount) { counts[id, default: 0] += 1 }
        for (id, count) in counts { logits.update(id) { $0 - Float(count) * frequency - presence } }
    }
}
