#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Keeps the tokens with at least a share of the best one's probability.
struct MinP: LogitsProcessor {
    let share: Double
    var least = 1

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        guard share > 0, let best = argmax(logits) else { return }
        let kept = least > 1 ? places(ofLargest: least, in: logits).map { ($0, logits[$0]) } : []
        remove(below: logits[best] + Float(log(share)), from: &logits)
        for (place, logit) in kept { logits[place] = logit }
    }
}

/// Keeps the tokens with at least a probability (arXiv:2210.15191).
struct EpsilonCutoff: LogitsProcessor {
    let epsilon: Double
    var least = 1

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        let (_, sums, largest) = Remaining(of: logits).weights()
        let cut = largest + Float(log(epsilon * sums.plain))
        remove(below: min(cut, threshold(ofLargest: least, in: logits)), from: &logits)
    }
}

/// Keeps the tokens with at least a probability that is lower where the entropy is high (arXiv:2210.15191).
struct EtaCutoff: LogitsProcessor {
    let epsilon: Double
    var least = 1

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        let (_, sums, largest) = Remaining(of: logits).weights()
        let eta = min(epsilon, epsilon.squareRoot() * exp(-sums.entropy))
        let cut = largest + Float(log(eta * sums.plain))
        remove(below: min(cut, threshold(ofLargest: least, in: logits)), from: &logits)
    }
}
