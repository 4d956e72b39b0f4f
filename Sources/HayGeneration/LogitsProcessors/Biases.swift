/// Adds to the logits of tokens that would end given sequences.
struct SequenceBiases: LogitsProcessor {
    private let biases: [SequenceBias]

    /// Of biases of the same sequence the last counts.
    init(_ biases: [SequenceBias]) {
        var last: [[Int32]: Float] = [:]
        for bias in biases where !bias.tokens.isEmpty { last[bias.tokens] = bias.bias }
        self.biases = biases.compactMap { bias in
            last.removeValue(forKey: bias.tokens).map { SequenceBias(bias.tokens, $0) }
        }
    }

    /// Bad words: sequences that must not come. One that is just an end token is passed over.
    init(forbidding words: [[Int32]], eosTokenIDs: [Int32]) {
        self.init(
            words.filter { $0.count != 1 || !eosTokenIDs.contains($0[0]) }.map { SequenceBias($0, -.infinity) })
    }

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        for bias in biases {
            guard let last = bias.tokens.last, tokens.count >= bias.tokens.count - 1,
                tokens.suffix(bias.tokens.count - 1) == bias.tokens.dropLast()
            else { continue }
            logits.update(last) { $0 + bias.bias }
        }
    }
}

/// Adds to the logits of single tokens, as OpenAI's API does.
struct LogitBias: LogitsProcessor {
    let biases: [Int32: Float]

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        for (id, bias) in biases { logits.update(id) { $0 + bias } }
    }
}
