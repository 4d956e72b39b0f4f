/// Keeps the k largest logits, and those equal to the smallest of them.
struct TopK: LogitsProcessor {
    let count: Int

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        guard count < logits.count else { return }
        remove(below: threshold(ofLargest: count, in: logits), from: &logits)
    }
}
