#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A beam and the token that may follow it.
struct Candidate: Equatable {
    var beam: Int
    var token: Int32
    /// The beam's score and the token's together.
    var score: Float
    /// What candidates are ranked by: the score, or a draw.
    var key: Double
    /// What is noted of the token.
    var note = TokenNote()

    /// Whether it ranks below another; of equal ones the one offered later does.
    func isBelow(_ other: Candidate) -> Bool {
        key != other.key ? key < other.key : (beam, token) > (other.beam, other.token)
    }
}

/// The best of all candidates that are offered, in a heap with the worst of them on top.
///
/// A chunk of scores that holds none better than the worst is passed by with one comparison.
struct BestCandidates {
    private let count: Int
    private var heap: [Candidate] = []

    /// Keeps this many.
    init(count: Int) {
        self.count = count
        heap.reserveCapacity(count)
    }

    /// Offers every token after a beam: `scores` [V] and the beam's own score added up.
    mutating func offer(_ scores: [Float], after beam: Int, score: Float) {
        scan(scores, score) { best, token, score in
            best.insert(Candidate(beam: beam, token: Int32(token), score: score, key: Double(score)))
        }
    }

    /// The same as a draw: what is kept at last was drawn from softmax of all scores, without replacement, in the order
    /// of ranks.
    ///
    /// A score plus a random number of Gumbel's distribution is such a draw's key (arXiv:1903.06059, section 2.3).
    mutating func offerDraw(_ scores: [Float], after beam: Int, score: Float, _ random: inout SeededRandom) {
        scan(scores, score, margin: BestCandidates.largestGumbel) { best, token, score in
            guard score > -.infinity else {
                best.insert(Candidate(beam: beam, token: Int32(token), score: score, key: -.infinity))
                return
            }
            let uniform = max(random.uniform(), 0x1p-53)
            // -log(u) bounds the number from above, and u's exponent bounds -log(u): most need no logarithm.
            let bound = Double(1023 - Int(uniform.bitPattern >> 52)) * 0.6931471805599454
            guard best.takes(Double(score) + bound) else { return }
            let key = Double(score) - log(-log1p(-uniform))
            best.insert(Candidate(beam: beam, token: Int32(token), score: score, key: key))
        }
    }

    /// What was kept, best first.
    func sorted() -> [Candidate] { heap.sorted { $1.isBelow($0) } }

    /// No draw adds more: -log(2⁻⁵³).
    private static let largestGumbel: Float = 37

    private func takes(_ key: Double) -> Bool { heap.count < count || key > heap[0].key }

    /// Visits the scores that may be good enough.
    @inline(__always)
    private mutating func scan(
        _ scores: [Float], _ base: Float, margin: Float = 0, _ visit: (inout BestCandidates, Int, Float) -> Void
    ) {
        scores.withUnsafeBufferPointer { scores in
            let width = 16
            let whole = scores.count / width * width
            let bytes = UnsafeRawBufferPointer(scores)
            for start in stride(from: 0, to: whole, by: width) {
                let chunk = bytes.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self) + base
                if heap.count == count {
                    let worst = SIMD16<Float>(repeating: Float(heap[0].key))
                    // Not below rather than above: a draw's key is rounded here.
                    if !any(chunk + margin .>= worst) { continue }
                }
                for token in start ..< start + width { visit(&self, token, scores[token] + base) }
            }
            for token in whole ..< scores.count { visit(&self, token, scores[token] + base) }
        }
    }

    private mutating func insert(_ candidate: Candidate) {
        guard !candidate.score.isNaN, takes(candidate.key) else { return }
        if heap.count < count {
            heap.append(candidate)
            siftUp()
        } else {
            heap[0] = candidate
            siftDown()
        }
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0, heap[child].isBelow(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1].isBelow(heap[child]) { child += 1 }
            guard heap[child].isBelow(heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
