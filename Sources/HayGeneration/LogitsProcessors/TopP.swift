/// Keeps the most likely tokens that together reach a probability: nucleus sampling (arXiv:1904.09751).
///
/// Of equal logits the later ones are kept.
struct TopP: LogitsProcessor {
    let probability: Double
    var least = 1

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        let remaining = Remaining(of: logits)
        let (weights, sums, _) = remaining.weights()
        let rest = Float(1 - probability)
        let first = crossing(keys: remaining.logits, weights: weights) { Float($0 / sums.plain) > rest }
        let last = places(ofLargest: least, in: remaining.logits, laterFirst: true).last
        guard let last else { return }
        let kept = [first?.place, last].compactMap { $0 }.min { remaining.precedes($0, $1) } ?? last
        let least = remaining.logits[kept]
        remove(below: least, from: &logits)
        for place in 0 ..< kept where remaining.logits[place] == least {
            logits[Int(remaining.places[place])] = -.infinity
        }
    }
}

extension Remaining {
    /// Whether an entry comes before another when they are sorted by their logits, then by their places.
    fileprivate func precedes(_ a: Int, _ b: Int) -> Bool {
        logits[a] != logits[b] ? logits[a] < logits[b] : a < b
    }
}
