#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Keeps the most likely tokens that together have a share of the entropy (arXiv:2509.02510).
///
/// Only the hundred most likely count.
struct TopH: LogitsProcessor {
    private static let most = 100
    let share: Double

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        let top = places(ofLargest: TopH.most, in: logits).filter { logits[$0] > -.infinity }
        guard let best = top.first else { return }
        var weights = top.map { logits[$0] }
        let sums = exponentiate(&weights, minus: logits[best])
        let limit = Float(sums.entropy) * Float(share)
        var reached: Double = 0
        let kept = zip(top, weights).prefix { place, weight in
            let probability = Double(weight) / sums.plain
            reached -= probability * log(probability)
            return Float(reached) <= limit
        }
        let all = logits
        logits = [Float](repeating: -.infinity, count: all.count)
        for place in [best] + kept.map(\.0) { logits[place] = all[place] }
    }
}
