/// Lets only one token follow the first.
struct ForcedBOS: LogitsProcessor {
    let id: Int32

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        if tokens.count == 1 { logits.leave(only: [id]) }
    }
}

/// Lets only end tokens come last when the text reaches its limit.
struct ForcedEOS: LogitsProcessor {
    /// The most tokens in all.
    let lengthLimit: Int
    let ids: [Int32]

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        if tokens.count == lengthLimit - 1 { logits.leave(only: ids) }
    }
}

/// Removes tokens.
struct SuppressTokens: LogitsProcessor {
    let ids: [Int32]

    func process(_ logits: inout [Float], after tokens: [Int32]) { logits.remove(ids) }
}

/// Removes tokens at one place of the text.
struct BeginSuppressTokens: LogitsProcessor {
    let ids: [Int32]
    /// How many tokens come before that place.
    let place: Int

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        if tokens.count == place { logits.remove(ids) }
    }
}
