/// A set of Unicode scalars, as ranges that are sorted, apart from one another, and without surrogates.
struct ScalarSet: Hashable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []

    /// Every scalar.
    static let all = ScalarSet([0 ... 0xD7FF, 0xE000 ... 0x10FFFF])

    init() {}

    /// The scalars of some ranges, which may overlap; surrogates in them are passed over.
    init(_ ranges: [ClosedRange<UInt32>]) {
        for range in ranges.flatMap(ScalarSet.withoutSurrogates).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = self.ranges.last, UInt64(range.lowerBound) <= UInt64(last.upperBound) + 1 {
                self.ranges[self.ranges.count - 1] = last.lowerBound ... max(last.upperBound, range.upperBound)
            } else {
                self.ranges.append(range)
            }
        }
    }

    /// The scalars of a text.
    init(_ text: String) { self.init(text.unicodeScalars.map { $0.value ... $0.value }) }

    var isEmpty: Bool { ranges.isEmpty }

    /// Every scalar that is not in the set.
    var complement: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next ... range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next ... 0x10FFFF) }
        return ScalarSet(gaps)
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    func intersection(_ other: ScalarSet) -> ScalarSet {
        var common: [ClosedRange<UInt32>] = []
        var (left, right) = (0, 0)
        while left < ranges.count, right < other.ranges.count {
            let low = max(ranges[left].lowerBound, other.ranges[right].lowerBound)
            let high = min(ranges[left].upperBound, other.ranges[right].upperBound)
            if low <= high { common.append(low ... high) }
            if ranges[left].upperBound < other.ranges[right].upperBound { left += 1 } else { right += 1 }
        }
        return ScalarSet(common)
    }

    func contains(_ scalar: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(scalar)
    }

    private static func withoutSurrogates(_ range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
        var parts: [ClosedRange<UInt32>] = []
        if range.lowerBound <= 0xD7FF { parts.append(range.lowerBound ... min(range.upperBound, 0xD7FF)) }
        if range.upperBound >= 0xE000 { parts.append(max(range.lowerBound, 0xE000) ... range.upperBound) }
        return parts
    }
}
