/// Merges one stretch of symbols at a time; kept between stretches for its storage.
struct Merger {
    /// A piece of text that is not merged further yet.
    struct Symbol {
        var id: Int32
        /// How many bytes of the text it stands for.
        var length: Int32
    }

    /// The symbols of the stretch so far.
    var symbols: [Symbol] = []

    /// Up to this many symbols a search for the lowest rank beats a heap.
    private static let scanLimit = 24
    private static let none = UInt32.max

    /// For the pair that begins at each symbol: the rank of its merge, or `none`.
    private var ranks: [UInt32] = []
    /// For the pair that begins at each symbol: what it merges into.
    private var merged: [Int32] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    /// Rank and place of merges that may be done, the lowest on top; some are out of date.
    private var heap = MinHeap()

    init() {}

    /// Merges the symbols as far as they merge, appends what is left, and begins a new stretch.
    mutating func flush(_ merges: borrowing PairTable, into tokens: inout TokenList) {
        if symbols.count > 1 {
            findPairs(merges)
            if symbols.count <= Merger.scanLimit { mergeByScan(merges) } else { mergeByHeap(merges) }
        }
        for symbol in symbols { tokens.append(symbol.id, length: Int(symbol.length)) }
        symbols.removeAll(keepingCapacity: true)
    }

    private mutating func findPairs(_ merges: borrowing PairTable) {
        ranks.removeAll(keepingCapacity: true)
        merged.removeAll(keepingCapacity: true)
        for index in 0 ..< symbols.count - 1 {
            let merge = merges.merge(symbols[index].id, symbols[index + 1].id)
            ranks.append(merge?.rank ?? Merger.none)
            merged.append(merge?.id ?? 0)
        }
        ranks.append(Merger.none)
        merged.append(0)
    }

    private mutating func mergeByScan(_ merges: borrowing PairTable) {
        while true {
            var best = 0
            for index in 1 ..< ranks.count where ranks[index] < ranks[best] { best = index }
            guard ranks[best] != Merger.none else { return }
            symbols[best] = Symbol(id: merged[best], length: symbols[best].length + symbols[best + 1].length)
            symbols.remove(at: best + 1)
            ranks.remove(at: best + 1)
            merged.remove(at: best + 1)
            let following = best + 1 < symbols.count ? best + 1 : nil
            setPair(best, following, merges)
            if best > 0 { setPair(best - 1, best, merges) }
            if symbols.count == 1 { return }
        }
    }

    /// The same over a linked list, in O(n log n).
    private mutating func mergeByHeap(_ merges: borrowing PairTable) {
        let count = symbols.count
        next = (1 ... Int32(count)).map { $0 }
        previous = (-1 ..< Int32(count - 1)).map { $0 }
        heap.removeAll()
        for place in 0 ..< count where ranks[place] != Merger.none { push(place) }
        while let top = heap.pop() {
            let place = Int(top & 0xFFFF_FFFF)
            // A pair that has changed since has another rank; a symbol that was merged away has none.
            guard ranks[place] == UInt32(top >> 32) else { continue }
            let right = Int(next[place])
            symbols[place] = Symbol(id: merged[place], length: symbols[place].length + symbols[right].length)
            ranks[right] = Merger.none
            symbols[right].id = -1
            next[place] = next[right]
            if Int(next[place]) < count { previous[Int(next[place])] = Int32(place) }
            setPair(place, Int(next[place]) < count ? Int(next[place]) : nil, merges)
            push(place)
            if previous[place] >= 0 {
                setPair(Int(previous[place]), place, merges)
                push(Int(previous[place]))
            }
        }
        symbols.removeAll { $0.id < 0 }
    }

    private mutating func setPair(_ place: Int, _ following: Int?, _ merges: borrowing PairTable) {
        let merge = following.flatMap { merges.merge(symbols[place].id, symbols[$0].id) }
        ranks[place] = merge?.rank ?? Merger.none
        merged[place] = merge?.id ?? 0
    }

    private mutating func push(_ place: Int) {
        guard ranks[place] != Merger.none else { return }
        heap.push(UInt64(ranks[place]) << 32 | UInt64(place))
    }
}
