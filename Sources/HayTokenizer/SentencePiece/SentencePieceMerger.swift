/// Joins one stretch of characters at a time; kept between stretches for its storage.
struct SentencePieceMerger {
    private var starts: [Int32] = []
    private var ends: [Int32] = []
    /// Whether a symbol never joins with others.
    private var isWhole: [Bool] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    /// For the pair that begins at each symbol: the rank of what it makes.
    private var ranks: [UInt32] = []
    /// Rank and place of pairs that may be joined, the best on top; some are out of date.
    private var heap = MinHeap()
    /// Where unused pieces were put together, by id: the length of the left part.
    private var seams: [Int32: Int] = [:]

    init() {}

    /// Adds a symbol to the stretch.
    mutating func append(_ range: Range<Int>, isWhole: Bool) {
        let place = Int32(starts.count)
        starts.append(Int32(range.lowerBound))
        ends.append(Int32(range.upperBound))
        self.isWhole.append(isWhole)
        previous.append(place - 1)
        next.append(place + 1)
    }

    /// Joins the symbols as far as they join, appends the pieces, and begins a new stretch.
    mutating func flush(
        _ bpe: SentencePieceBPE, _ text: Bytes, _ vocabulary: Vocabulary, into cuts: inout [SentencePieceModel.Cut]
    ) {
        guard !starts.isEmpty else { return }
        let count = starts.count
        ranks.removeAll(keepingCapacity: true)
        ranks.append(contentsOf: repeatElement(SentencePieceBPE.none, count: count))
        for place in 0 ..< count - 1 { findPair(at: place, bpe, text, vocabulary) }
        while let top = heap.pop() {
            let place = Int(top & 0xFFFF_FFFF)
            // A pair that has changed since has another rank, or is queued again with the same; one that was joined into
            // another has none.
            guard ranks[place] == UInt32(top >> 32) else { continue }
            join(place, bpe, text, vocabulary)
        }
        var place = 0
        while place < count {
            append(Int(starts[place]) ..< Int(ends[place]), bpe, text, vocabulary, to: &cuts)
            place = Int(next[place])
        }
        removeAll()
    }

    private mutating func join(_ place: Int, _ bpe: SentencePieceBPE, _ text: Bytes, _ vocabulary: Vocabulary) {
        let right = Int(next[place])
        ends[place] = ends[right]
        ranks[right] = SentencePieceBPE.none
        next[place] = next[right]
        if Int(next[place]) < starts.count { previous[Int(next[place])] = Int32(place) }
        if previous[place] >= 0 { findPair(at: Int(previous[place]), bpe, text, vocabulary) }
        findPair(at: place, bpe, text, vocabulary)
    }

    /// Notes and queues what the pair makes that begins at a symbol.
    private mutating func findPair(at place: Int, _ bpe: SentencePieceBPE, _ text: Bytes, _ vocabulary: Vocabulary) {
        ranks[place] = SentencePieceBPE.none
        let right = Int(next[place])
        guard right < starts.count, !isWhole[place], !isWhole[right] else { return }
        let id = bpe.id(of: text.slice(Int(starts[place]) ..< Int(ends[right])), vocabulary)
        guard id >= 0 else { return }
        ranks[place] = bpe.rank(of: id)
        heap.push(UInt64(ranks[place]) << 32 | UInt64(place))
        if bpe.isUnused(id) { seams[id] = Int(ends[place] - starts[place]) }
    }

    /// Appends a piece; an unused one as the parts that it was put together from last.
    private func append(
        _ range: Range<Int>, _ bpe: SentencePieceBPE, _ text: Bytes, _ vocabulary: Vocabulary,
        to cuts: inout [SentencePieceModel.Cut]
    ) {
        var rest = [range]
        while let range = rest.popLast() {
            let id = bpe.id(of: text.slice(range), vocabulary)
            guard bpe.isUnused(id) else {
                cuts.append(SentencePieceModel.Cut(id: id, range))
                continue
            }
            if let seam = seams[id] {
                rest.append(range.lowerBound + seam ..< range.upperBound)
                rest.append(range.lowerBound ..< range.lowerBound + seam)
            } else {
                cuts.append(SentencePieceModel.Cut(id: -1, range))
            }
        }
    }

    private mutating func removeAll() {
        starts.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        isWhole.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        seams.removeAll(keepingCapacity: true)
    }
}
