extension String {
    /// Which ends `str.strip` and its kin work on.
    enum Side { case left, right, both }

    /// The text without the scalars of a set, by default space, at its ends.
    func stripped(_ side: Side = .both, of characters: String? = nil) -> String {
        let set = characters.map { Array($0.unicodeScalars) }
        func isTaken(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
        let view = unicodeScalars
        var start = view.startIndex
        var end = view.endIndex
        if side != .right { while start < end, isTaken(view[start]) { start = view.index(after: start) } }
        if side != .left {
            while end > start {
                let last = view.index(before: end)
                guard isTaken(view[last]) else { break }
                end = last
            }
        }
        if start == view.startIndex, end == view.endIndex { return self }
        return String(self[start ..< end])
    }

    /// The words between runs of space; at most `limit` cuts, from the left or the right.
    func words(limit: Int, fromRight: Bool = false) -> [String] {
        let scalars = Array(unicodeScalars)
        var words: [String] = []
        var range = 0 ..< scalars.count
        while true {
            range = String.trimmed(scalars, range, fromRight: fromRight)
            guard !range.isEmpty else { break }
            guard words.count < limit else {
                words.append(String(scalars: scalars[range]))
                break
            }
            if fromRight {
                let start = scalars[range].lastIndex(where: \.isPythonSpace).map { $0 + 1 } ?? range.lowerBound
                words.append(String(scalars: scalars[start ..< range.upperBound]))
                range = range.lowerBound ..< start
            } else {
                let end = scalars[range].firstIndex(where: \.isPythonSpace) ?? range.upperBound
                words.append(String(scalars: scalars[range.lowerBound ..< end]))
                range = end ..< range.upperBound
            }
        }
        return fromRight ? words.reversed() : words
    }

    private static func trimmed(
        _ scalars: [Unicode.Scalar], _ range: Range<Int>, fromRight: Bool
    ) -> Range<Int> {
        var range = range
        if fromRight {
            while let last = range.last, scalars[last].isPythonSpace { range = range.lowerBound ..< last }
        } else {
            while let first = range.first, scalars[first].isPythonSpace { range = first + 1 ..< range.upperBound }
        }
        return range
    }

    /// The parts between separators; at most `limit` cuts, from the left or the right.
    func parts(by separator: String, limit: Int, fromRight: Bool = false) -> [String] {
        let cuts =
            fromRight ? placesFromRight(of: separator, limit: limit) : places(of: separator, limit: limit)
        var parts: [String] = []
        var start = 0
        for cut in cuts {
            parts.append(bytes(start ..< cut))
            start = cut + separator.utf8.count
        }
        parts.append(bytes(start ..< utf8.count))
        return parts
    }

    /// The lines; `keepingEnds` leaves each its line break.
    func lines(keepingEnds: Bool = false) -> [String] {
        var lines: [String] = []
        var start = unicodeScalars.startIndex
        var index = start
        while index < unicodeScalars.endIndex {
            let scalar = unicodeScalars[index]
            var after = unicodeScalars.index(after: index)
            if scalar.isLineBreak {
                if scalar == "\r", after < unicodeScalars.endIndex, unicodeScalars[after] == "\n" {
                    after = unicodeScalars.index(after: after)
                }
                lines.append(String(self[start ..< (keepingEnds ? after : index)]))
                start = after
            }
            index = after
        }
        if start < unicodeScalars.endIndex { lines.append(String(self[start...])) }
        return lines
    }

    /// The text with a part replaced, at most `limit` times; an empty part stands before each scalar and at the end.
    func replacing(_ old: String, with new: String, limit: Int) -> String {
        var result = ""
        if old.isEmpty {
            var count = 0
            for scalar in unicodeScalars {
                if count < limit {
                    result += new
                    count += 1
                }
                result.unicodeScalars.append(scalar)
            }
            return count < limit ? result + new : result
        }
        let places = places(of: old, limit: limit)
        guard !places.isEmpty else { return self }
        var start = 0
        for place in places {
            result += bytes(start ..< place)
            result += new
            start = place + old.utf8.count
        }
        return result + bytes(start ..< utf8.count)
    }
}
