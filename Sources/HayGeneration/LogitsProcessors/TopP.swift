/// Keeps the most likely tokens that together reach a probability: nucleus sampling (arXiv:1904.09751).
struct TopP: LogitsProcessor {
    let probability: Float

    func process(_ logits: inout [Float], after tokens: [Int32], promptCount: Int) {
        guard probability < 1 else { return }
        var probabilities = logits
        softmax(&probabilities)
        // Only a token above (1 - p) / V can be kept: all those at most that together weigh no more than 1 - p.
        let floor = (1 - probability) / Float(logits.count)
        let candidates = logits.indices.filter { probabilities[$0] > floor }.sorted {
            probabilities[$0] > probabilities[$1]
        }
        var kept: Set<Int> = []
        var sum: Float = 0
        for index in candidates where kept.isEmpty || sum < probability {
            kept.insert(index)
            sum += probabilities[index]
        }
        if kept.isEmpty, let best = argmax(logits) { kept.insert(best) }
        for index in logits.indices where !kept.contains(index) { logits[index] = -.infinity }
    }
}
