#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Leaves out end tokens until the text has this many tokens, given ones included.
struct MinLength: LogitsProcessor {
    let length: Int
    let eosTokenIDs: [Int32]

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        if tokens.count < length { logits.remove(eosTokenIDs) }
    }
}

/// Makes end tokens likelier with each token beyond a start: their logits grow by |x| · (factorⁿ − 1).
struct ExponentialDecay: LogitsProcessor {
    /// The length of the text beyond which they grow.
    let start: Int
    let factor: Double
    let eosTokenIDs: [Int32]

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        guard tokens.count > start else { return }
        // Bounded, so that a long text does not make a number that nothing can be chosen by.
        let growth = Float(min(pow(factor, Double(tokens.count - start)) - 1, 1e30))
        for id in Set(eosTokenIDs) {
            logits.update(id) { $0.isFinite ? min($0 + abs($0) * growth, 1e30) : $0 }
        }
    }
}
