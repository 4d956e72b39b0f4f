#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Keeps the tokens whose surprise is nearest to the expected one and that together reach a probability: locally
/// typical sampling (arXiv:2202.00666).
struct Typical: LogitsProcessor {
    let mass: Double
    var least = 1

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        let remaining = Remaining(of: logits)
        let (weights, sums, largest) = remaining.weights()
        let rest = Float(log(sums.plain))
        let entropy = Float(sums.entropy)
        var distances = remaining.logits
        distances.withUnsafeMutableBufferPointer { distances in
            for index in distances.indices {
                distances[index] = abs(-((distances[index] - largest) - rest) - entropy)
            }
        }
        let mass = Float(mass)
        guard let last = crossing(keys: distances, weights: weights, passes: { Float($0 / sums.plain) >= mass }) else {
            return
        }
        let nearest = least > 1 ? places(ofLargest: least, in: distances.map { -$0 }) : []
        for (distance, place) in zip(distances, remaining.places) where distance > last.key {
            logits[Int(place)] = -.infinity
        }
        for place in nearest { logits[Int(remaining.places[place])] = remaining.logits[place] }
    }
}
