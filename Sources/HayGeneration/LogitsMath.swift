#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// log Σ exp(x): what a logit is lowered by to be a log-probability. The sum is kept in double.
func logSumExp(_ values: UnsafeBufferPointer<Float>) -> Float {
    guard let largest = values.max(), largest > -.infinity else { return -.infinity }
    var sum: Double = 0
    for value in values { sum += Double(expf(value - largest)) }
    return largest + Float(log(sum))
}

/// The places of the largest values, the largest first, the first of equal ones.
func indices(ofLargest count: Int, in values: UnsafeBufferPointer<Float>) -> [Int] {
    var best: [Int] = []
    guard count > 0 else { return best }
    best.reserveCapacity(count + 1)
    for index in values.indices where best.count < count || values[index] > values[best[best.count - 1]] {
        let place = best.firstIndex { values[$0] < values[index] } ?? best.endIndex
        best.insert(index, at: place)
        if best.count > count { best.removeLast() }
    }
    return best
}
