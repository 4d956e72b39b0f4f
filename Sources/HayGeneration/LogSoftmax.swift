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
        let bytes = UnsafeRawBufferPointer(logits)
        let whole = logits.count / 16 * 16
        var lanes = SIMD16<Float>(repeating: -.infinity)
        var isNumber = SIMDMask<SIMD16<Int32>>(repeating: true)
        for start in stride(from: 0, to: whole, by: 16) {
            let chunk = bytes.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self)
            lanes.replace(with: chunk, where: chunk .> lanes)
            isNumber = isNumber .& (chunk .== chunk)
        }
        var largest = lanes.max()
        for value in logits[whole...] where value > largest { largest = value }
        guard all(isNumber) else { return nil }

        var sum: Double = 0
        for block in stride(from: 0, to: whole, by: 1024) {  // so short that f32 adds up what is in it
            var sums = SIMD16<Float>()
            for start in stride(from: block, to: min(block + 1024, whole), by: 16) {
                sums += exponential(
                    bytes.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self) - largest)
            }
            sum += Double(sums.sum())
        }
        for value in logits[whole...] { sum += Double(expf(value - largest)) }
        guard largest.isFinite, sum.isFinite else { return nil }
        self.largest = largest
        logSum = Float(log(sum))
    }

    /// The log-probability of one of the row's logits.
    func callAsFunction(_ logit: Float) -> Float { logit - largest - logSum }

    /// The log-probabilities of the whole row in place.
    func write(to logits: inout [Float]) {
        logits.withUnsafeMutableBufferPointer { logits in
            for index in logits.indices { logits[index] = self(logits[index]) }
        }
    }

    /// Nil as above.
    init?(_ logits: [Float]) {
        guard let made = logits.withUnsafeBufferPointer({ LogSoftmax($0) }) else { return nil }
        self = made
    }

    /// The log-probabilities of the whole row, in place of what `scores` holds.
    func write(_ logits: UnsafeBufferPointer<Float>, to scores: inout [Float]) {
        if scores.count != logits.count { scores = [Float](repeating: 0, count: logits.count) }
        scores.withUnsafeMutableBufferPointer { scores in
            for index in logits.indices { scores[index] = self(logits[index]) }
        }
    }
}
