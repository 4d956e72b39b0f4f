extension PatternParser {
    /// The set of a bracket expression, whose '[' is read.
    mutating func bracket() throws -> ScalarSet {
        let isInverted = take("^")
        var whole: ScalarSet?
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while true {
            guard next != nil else { throw PatternError(reason: "a '[' has no ']'") }
            if next == "]", !(isFirst && scalars[(index + 1)...].contains("]")) { break }
            isFirst = false
            if take("&&") {
                let part = ScalarSet(ranges)
                whole = whole.map { $0.intersection(part) } ?? part
                ranges = []
                continue
            }
            if take("[:") {
                if let set = posixBracket() {
                    ranges += set.ranges
                    continue
                }
                index -= 1
                ranges += try nested { try $0.bracket() }.ranges
                continue
            }
            if take("[") {
                ranges += try nested { try $0.bracket() }.ranges
                continue
            }
            ranges += try bracketItem()
        }
        index += 1
        let part = ScalarSet(ranges)
        var set = whole.map { $0.intersection(part) } ?? part
        if options.ignoresCase { set = set.ignoringCase }
        return isInverted ? set.inverted : set
    }

    /// A scalar, a range of scalars, or the set of an escape.
    private mutating func bracketItem() throws -> [ClosedRange<UInt32>] {
        if next == "\\" {
            index += 1
            if let set = try escapedSet() { return set.ranges }
            if take("R") || take("X") { throw PatternError(reason: "a text in brackets", isUnsupported: true) }
            index -= 1
        }
        let low = try bracketScalar()
        guard next == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else { return [low ... low] }
        let start = index
        index += 1
        if take("&&") || next == "[" {
            index = start
            return [low ... low]
        }
        if next == "\\" {
            index += 1
            guard try escapedSet() == nil else { throw PatternError(reason: "a range ends in a set") }
            index -= 1
        }
        let high = try bracketScalar()
        guard low <= high else { throw PatternError(reason: "a range in brackets is upside down") }
        return [low ... high]
    }

    private mutating func bracketScalar() throws -> UInt32 {
        guard take("\\") else { return try advance(in: "a '['").value }
        if take("b") { return 0x08 }
        return try escapedScalar()
    }

    /// The set of `[:alpha:]`, whose "[:" is read; nil, with nothing read, for anything else.
    private mutating func posixBracket() -> ScalarSet? {
        let start = index
        let inverts = take("^")
        var name = ""
        while let scalar = next, scalar.properties.isAlphabetic {
            name.unicodeScalars.append(scalar)
            index += 1
        }
        guard take(":]"), let set = UnicodeProperty.posix(name) else {
            index = start
            return nil
        }
        return inverts ? set.inverted : set
    }
}
