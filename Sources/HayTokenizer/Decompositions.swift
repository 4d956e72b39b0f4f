/// What scalars decompose into, and which pairs compose.
struct Decompositions: Sendable {
    static let canonical = Decompositions([UnicodeData.canonical])
    static let compatible = Decompositions([UnicodeData.canonical, UnicodeData.compatible])
    /// The composed scalar of each pair, as the merge of the two.
    static let pairs = Decompositions.readPairs()
    /// The Hangul syllables.
    static let hangul: Range<UInt32> = 0xAC00 ..< 0xD7A4

    /// Where each scalar's decomposition begins in `scalars`, -1 for those that stay: first its count, then it.
    private var places = ScalarTable(absent: -1)
    private var scalars: [UInt32] = []

    /// A later text overrides an earlier one.
    private init(_ texts: [String]) {
        for text in texts {
            Decompositions.forEach(in: text) { scalar, decomposition, _ in
                places[scalar] = Int32(scalars.count)
                scalars.append(UInt32(decomposition.count))
                scalars += decomposition
            }
        }
    }

    /// Appends the full decomposition of a scalar.
    @inline(__always)
    func append(_ scalar: UInt32, to result: inout [UInt32]) {
        let place = Int(places[scalar])
        if place >= 0 {
            result.append(contentsOf: scalars[place + 1 ..< place + 1 + Int(scalars[place])])
        } else if Decompositions.hangul ~= scalar {
            let index = scalar - 0xAC00
            result.append(0x1100 + index / 588)
            result.append(0x1161 + index % 588 / 28)
            if index % 28 > 0 { result.append(0x11A7 + index % 28) }
        } else {
            result.append(scalar)
        }
    }

    private static func readPairs() -> PairTable {
        var composed: [(scalar: UInt32, parts: [UInt32])] = []
        forEach(in: UnicodeData.canonical) { scalar, parts, composes in
            if composes { composed.append((scalar, parts)) }
        }
        // Short ones first: what a longer one begins with is then known.
        composed.sort { $0.parts.count < $1.parts.count }
        var pairs = PairTable(capacity: composed.count)
        for (scalar, parts) in composed {
            var left = parts[0]
            for part in parts[1 ..< parts.count - 1] {
                left = pairs.merge(Int32(left), Int32(part)).map { UInt32($0.id) } ?? left
            }
            pairs.insert(Int32(left), Int32(parts[parts.count - 1]), PairTable.Merge(rank: 0, id: Int32(scalar)))
        }
        return pairs
    }

    /// Calls `body` with each scalar of a table, its full decomposition, and whether that composes to it again.
    private static func forEach(in text: String, _ body: (UInt32, [UInt32], Bool) -> Void) {
        var numbers = UnicodeData.Numbers(text)
        var scalar: UInt32 = 0
        while let gap = numbers.next(), let head = numbers.next() {
            scalar += gap
            let decomposition = (0 ..< head / 2).compactMap { _ in numbers.next() }
            body(scalar, decomposition, head % 2 == 1)
        }
    }
}
