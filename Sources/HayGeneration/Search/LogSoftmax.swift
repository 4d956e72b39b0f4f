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
        for start in stride(from: 0, to: whole, by: 16) {
            let chunk = bytes.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self)
            lanes.replace(with: chunk, where: chunk .> lanes)
        }
        var largest = lanes.max()
        for value in logits[whole...] where value > largest { largest = value }

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

    /// The log-probabilities of the whole row, in place of what `scores` holds.
    func write(_ logits: UnsafeBufferPointer<Float>, to scores: inout [Float]) {
        if scores.count != logits.count { scores = [Float](repeating: 0, count: logits.count) }
        scores.withUnsafeMutableBufferPointer { scores in
            for index in logits.indices { scores[index] = self(logits[index]) }
        }
    }
}

/// exp(x) for x of at most 0, to a few units in the last place; below -87 it is that of -87.
///
/// x = n · ln 2 + r, and 2ⁿ is made in the exponent's bits; the rest is the Taylor series.
@inline(__always)
private func exponential(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let x = x.replacing(with: -87, where: x .< -87)
    let magic: Float = 12_582_912  // 1.5 · 2²³: adding it leaves n in the lowest bits
    let shifted = x * 1.442695 + magic
    let n = shifted - magic
    let r = x - n * 0.693359375 + n * 2.12194440e-4  // ln 2 in two parts
    var series = r * (1.0 / 720) + (1.0 / 120)
    series = series * r + (1.0 / 24)
    series = series * r + (1.0 / 6)
    series = series * r + 0.5
    series = (series * r + 1) * r + 1
    let bits = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23 &+ (127 << 23)
    return series * unsafeBitCast(bits, to: SIMD16<Float>.self)
}
