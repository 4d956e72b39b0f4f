#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// Passes over a whole vocabulary, sixteen lanes at a time: a plain loop costs ten times as much.

/// The place of the largest value, the first of equal ones; nil when one is not a number.
func argmax(_ values: [Float]) -> Int? {
    values.withUnsafeBufferPointer { values in
        var best = SIMD16<Float>(repeating: -.infinity)
        var starts = SIMD16<Int32>(repeating: -1)
        var isNumber = SIMDMask<SIMD16<Int32>>(repeating: true)
        let whole = values.count / 16 * 16
        let bytes = UnsafeRawBufferPointer(values)
        for start in stride(from: 0, to: whole, by: 16) {
            let chunk = bytes.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self)
            let larger = chunk .> best
            isNumber = isNumber .& (chunk .== chunk)
            best.replace(with: chunk, where: larger)
            starts.replace(with: Int32(truncatingIfNeeded: start), where: larger)
        }
        guard all(isNumber), values[whole...].allSatisfy({ $0 == $0 }) else { return nil }
        var largest = -Float.infinity
        var place: Int?
        for lane in 0 ..< 16 where starts[lane] >= 0 {
            let index = Int(starts[lane]) + lane
            if best[lane] > largest || best[lane] == largest && index < place ?? .max {
                largest = best[lane]
                place = index
            }
        }
        for index in whole ..< values.count where values[index] > largest {
            largest = values[index]
            place = index
        }
        return place ?? values.firstIndex(of: -.infinity)
    }
}

/// e to the power of each value, none above 0; 0 for what f32 holds only with fewer digits, and for what is not a number.
@inline(__always)
func exponential(_ x: SIMD16<Float>) -> SIMD16<Float> {
    // x = n ln 2 + r: adding 1.5 · 2²³ rounds to an integer n, which is then found in the low bits.
    let rounded = x * 1.442695 + 0x1.8p23
    let n = rounded - 0x1.8p23
    let r = (x - n * 0.693359375) - n * -2.12194440e-4  // ln 2 in two parts, the first of which n multiplies exactly
    var y = SIMD16<Float>(repeating: 1 / 5040)
    y = y * r + 1 / 720
    y = y * r + 1 / 120
    y = y * r + 1 / 24
    y = y * r + 1 / 6
    y = y * r + 0.5
    y = y * r + 1
    y = y * r + 1
    let exponent = unsafeBitCast(rounded, to: SIMD16<Int32>.self) &<< 23
    let scaled = unsafeBitCast(unsafeBitCast(y, to: SIMD16<Int32>.self) &+ exponent, to: SIMD16<Float>.self)
    return SIMD16<Float>(repeating: 0).replacing(with: scaled, where: x .>= -87)
}

/// What a pass over logits adds up: e to the power of each difference d to the largest, and d times that.
struct ExponentialSums {
    var plain: Double = 0
    var weighted: Double = 0

    /// The entropy of the distribution, in nats.
    var entropy: Double { log(plain) - weighted / plain }
}

/// Replaces each logit by e to the power of its difference to the largest, and adds up.
func exponentiate(_ values: inout [Float], minus largest: Float) -> ExponentialSums {
    values.withUnsafeMutableBufferPointer { values in
        var sums = ExponentialSums()
        let bytes = UnsafeMutableRawBufferPointer(values)
        func add(_ chunk: SIMD16<Float>) -> SIMD16<Float> {
            let difference = chunk - largest
            let power = exponential(difference)
            sums.plain += Double(power.sum())
            sums.weighted += Double((power * difference).replacing(with: 0, where: power .== 0).sum())
            return power
        }
        let whole = values.count / 16 * 16
        for start in stride(from: 0, to: whole, by: 16) {
            let power = add(bytes.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self))
            bytes.storeBytes(of: power, toByteOffset: start * 4, as: SIMD16<Float>.self)
        }
        if whole < values.count {
            var rest = SIMD16<Float>(repeating: -.infinity)
            for index in whole ..< values.count { rest[index - whole] = values[index] }
            let power = add(rest)
            for index in whole ..< values.count { values[index] = power[index - whole] }
        }
        return sums
    }
}

/// Turns logits into probabilities in place; minus infinity becomes 0.
func softmax(_ logits: inout [Float]) {
    guard let best = argmax(logits) else { return }
    let sums = exponentiate(&logits, minus: logits[best])
    scale(&logits, by: Float(1 / sums.plain))
}

private func scale(_ values: inout [Float], by factor: Float) {
    values.withUnsafeMutableBufferPointer { values in
        for index in values.indices { values[index] *= factor }
    }
}

/// Removes what is below a threshold.
func remove(below threshold: Float, from logits: inout [Float]) {
    logits.withUnsafeMutableBufferPointer { logits in
        for index in logits.indices { logits[index] = logits[index] < threshold ? -.infinity : logits[index] }
    }
}

/// The blocks of a row that have a value above a bound; the others are passed over at once.
@inline(__always)
func forEachBlock(
    of values: UnsafeBufferPointer<Float>, from start: Int = 0, above bound: @autoclosure () -> Float,
    _ body: (Range<Int>) -> Void
) {
    let size = 32
    for first in stride(from: start, to: values.count, by: size) {
        let block = first ..< min(first + size, values.count)
        let least = bound()
        var isAbove: Int32 = 0
        for index in block { isAbove |= values[index] > least ? 1 : 0 }
        if isAbove != 0 { body(block) }
    }
}
