/// A change to the logits before a token is chosen.
public protocol LogitsProcessor: Sendable {
    /// Changes the logits [V] of the token that follows `tokens`. A token that must not come gets minus infinity.
    ///
    /// - Parameter tokens: the ids that count as text so far: prompt and reply, or the decoder's ids.
    func process(_ logits: inout [Float], after tokens: [Int32])
}

extension [Float] {
    /// Changes the logit of an id; ids beyond the vocabulary, which can never come, are passed over.
    mutating func update(_ id: Int32, _ change: (Float) -> Float) {
        if indices.contains(Int(id)) { self[Int(id)] = change(self[Int(id)]) }
    }

    /// Removes these ids.
    mutating func remove(_ ids: [Int32]) {
        for id in ids { update(id) { _ in -.infinity } }
    }

    /// Leaves these ids alone, all as likely.
    mutating func leave(only ids: [Int32]) {
        self = .init(repeating: -.infinity, count: count)
        for id in ids { update(id) { _ in 0 } }
    }
}
