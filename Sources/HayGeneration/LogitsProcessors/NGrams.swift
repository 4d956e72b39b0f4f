/// Removes tokens that would repeat n tokens of the text.
struct NoRepeatNGram: LogitsProcessor {
    let size: Int

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        logits.remove(NoRepeatNGram.ends(of: size, in: tokens, beginningWithTheEndOf: tokens))
    }

    /// The last tokens of all runs of n tokens whose first n - 1 are those that another text ends with.
    static func ends(of size: Int, in text: [Int32], beginningWithTheEndOf other: [Int32]) -> [Int32] {
        guard size > 0, text.count >= size, other.count >= size - 1 else { return [] }
        let end = other.suffix(size - 1)
        return (size - 1 ..< text.count).filter { text[$0 - (size - 1) ..< $0] == end }.map { text[$0] }
    }
}

/// Removes tokens that would repeat n tokens of the source.
struct EncoderNoRepeatNGram: LogitsProcessor {
    let size: Int
    let source: [Int32]

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        logits.remove(NoRepeatNGram.ends(of: size, in: source, beginningWithTheEndOf: tokens))
    }
}
