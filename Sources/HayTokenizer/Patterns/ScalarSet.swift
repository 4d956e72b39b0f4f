/// A set of Unicode scalars, as the ranges that make it up.
struct ScalarSet: Hashable, Sendable {
    /// The ranges, in order, with a gap between any two.
    let ranges: [ClosedRange<UInt32>]

    static let none = ScalarSet([])
    static let all = ScalarSet([0 ... 0x10FFFF])

    /// The set of all that some range has; they may overlap and stand in any order.
    init(_ ranges: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound &+ 1 {
                merged[merged.count - 1] = last.lowerBound ... max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    /// The set of some scalars.
    init(_ scalars: UInt32...) { self.init(scalars.map { $0 ... $0 }) }

    var isEmpty: Bool { ranges.isEmpty }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    func intersection(_ other: ScalarSet) -> ScalarSet { inverted.union(other.inverted).inverted }

    func subtracting(_ other: ScalarSet) -> ScalarSet { inverted.union(other).inverted }

    func isDisjoint(with other: ScalarSet) -> Bool { intersection(other).isEmpty }

    /// All other scalars.
    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if next < range.lowerBound { gaps.append(next ... range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next ... 0x10FFFF) }
        return ScalarSet(gaps)
    }

    func contains(_ scalar: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(scalar)
    }

    /// The set with all scalars that differ from a member only in case.
    var ignoringCase: ScalarSet {
        var added: [ClosedRange<UInt32>] = []
        for (scalar, others) in CaseFolding.table where contains(scalar) {
            added += others.map { $0 ... $0 }
        }
        return ScalarSet(ranges + added)
    }
}

/// Which scalars are the same but for case.
enum CaseFolding {
    /// For each scalar that has any, the others.
    static let table: [UInt32: [UInt32]] = {
        var groups: [UInt32: [UInt32]] = [:]
        for value in (0x41 as UInt32) ... 0x1E943 {
            guard let scalar = Unicode.Scalar(value), let folded = fold(scalar) else { continue }
            groups[folded, default: [folded]].append(value)
        }
        var table: [UInt32: [UInt32]] = [:]
        for group in groups.values {
            for scalar in group { table[scalar] = group.filter { $0 != scalar } }
        }
        return table
    }()

    /// The scalar that a scalar folds to; nil for one that stays.
    private static func fold(_ scalar: Unicode.Scalar) -> UInt32? {
        // Some lowercase letters have the same capital: s and the long s. What folds to several scalars is left out,
        // and so are the dotted and the dotless i, which fold to themselves.
        guard scalar.value != 0x130, scalar.value != 0x131 else { return nil }
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        let folded = single(upper.properties.lowercaseMapping) ?? upper
        return folded == scalar ? nil : folded.value
    }

    private static func single(_ text: String) -> Unicode.Scalar? {
        text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
    }
}
