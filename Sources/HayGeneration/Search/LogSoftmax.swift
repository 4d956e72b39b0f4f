#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What turns a row of logits into log-probabilities: x - max - log(sum(exp(x - max))).
struct LogSoftmax {
    private let largest: Float
    private let logSum: Float

    /// Nil for logits that are not numbers, or of which none is finite.
    init?(_ logits: UnsafeBufferPointer<Float>) {
        var largest = -Float.infinity
        for value in logits where value > largest { largest = value }
        var sum: Double = 0
        for value in logits { sum += Double(expf(value - largest)) }
        guard largest.isFinite, sum.isFinite else { return nil }
        self.largest = largest
        logSum = Float(log(sum))
    }

    /// The log-probability of one of the row's logits.
    func callAsFunction(_ logit: Float) -> Float { logit - largest - logSum }

    /// The log-probabilities of the whole row, in place of what `scores` holds.
    func write(_ logits: UnsafeBufferPointer<Float>, to scores: inout [Float]) {
        if scores.count != logits.count { scores = [Float](repeating: 0, count: logits.count) }
        scores.withUnsafeMutableBufferPointer { scores in
            for index in logits.indices { scores[index] = self(logits[index]) }
        }
    }
}
