/// A change to the logits before a token is chosen.
public protocol LogitsProcessor: Sendable {
    /// Changes the logits [V] of the token that follows `tokens`. A token that must not come gets minus infinity.
    ///
    /// - Parameters:
    ///   - tokens: the ids that count as text so far: prompt and reply, or the decoder's ids.
    ///   - promptCount: how many of them were given.
    func process(_ logits: inout [Float], after tokens: [Int32], promptCount: Int)
}

/// Divides the logits: below 1 makes likely tokens likelier.
struct Temperature: LogitsProcessor {
    let temperature: Float

    func process(_ logits: inout [Float], after tokens: [Int32], promptCount: Int) {
        for index in logits.indices { logits[index] /= temperature }
    }
}

/// Leaves out end tokens until there are enough new ones.
struct MinNewTokens: LogitsProcessor {
    let count: Int
    let eosTokenIDs: [Int32]

    func process(_ logits: inout [Float], after tokens: [Int32], promptCount: Int) {
        guard tokens.count - promptCount < count else { return }
        for id in eosTokenIDs where logits.indices.contains(Int(id)) { logits[Int(id)] = -.infinity }
    }
}
