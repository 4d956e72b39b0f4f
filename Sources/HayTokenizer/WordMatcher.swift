/// Matches a word pattern.
struct WordMatcher {
    /// The text that is matched.
    var text = Bytes(start: nil, count: 0)
    private let pattern: WordPattern
    private let classes = ScalarClass.table

    init(_ pattern: WordPattern) { self.pattern = pattern }

    /// Where the match ends that begins at `start`; always past it.
    @inline(__always)
    func end(from start: Int) -> Int {
        switch pattern {
        case .gpt2: gpt2End(start)
        case .cl100k(let digits): cl100kEnd(start, digits)
        }
    }

    private func gpt2End(_ start: Int) -> Int {
        if let end = contraction(start, ignoringCase: false) { return end }
        let begin = text[start] == 0x20 && start + 1 < text.count ? start + 1 : start
        switch kind(at: begin) {
        case .letter: return run(begin) { $0 == .letter }
        case .number: return run(begin) { $0 == .number }
        case .other: return run(begin) { $0 == .other }
        case .space, .newline: return spaceEnd(start)
        }
    }

    private func cl100kEnd(_ start: Int, _ digits: Int) -> Int {
        if let end = contraction(start, ignoringCase: true) { return end }
        let first = text.scalar(at: start)
        let kind = self.kind(first.value)
        let second = start + first.length
        let nextKind = second < text.count ? self.kind(at: second) : nil
        switch kind {
        case .letter: return run(start) { $0 == .letter }
        case .other, .space:
            if nextKind == .letter { return run(second) { $0 == .letter } }
        case .number: return run(start, limit: digits) { $0 == .number }
        case .newline: break
        }
        if kind == .other || first.value == 0x20 && nextKind == .other {
            let signs = run(kind == .other ? start : second) { $0 == .other }
            return run(signs) { $0 == .newline }
        }
        return lineEnd(start) ?? spaceEnd(start)
    }

    /// `\s*[\r\n]+`: white space up to the last line end in it.
    private func lineEnd(_ start: Int) -> Int? {
        let end = run(start) { $0 == .space || $0 == .newline }
        let last = text[start ..< end].lastIndex { $0 == 0x0A || $0 == 0x0D }
        return last.map { $0 + 1 }
    }

    /// `\s+(?!\S)|\s+`: white space, but its last character stays for what follows.
    private func spaceEnd(_ start: Int) -> Int {
        let end = run(start) { $0 == .space || $0 == .newline }
        guard end < text.count else { return end }
        let beforeLast = end - text.scalar(before: end).length
        return beforeLast > start ? beforeLast : end
    }

    private func contraction(_ start: Int, ignoringCase: Bool) -> Int? {
        guard text[start] == UInt8(ascii: "'"), start + 1 < text.count else { return nil }
        let fold: UInt8 = ignoringCase ? 0x20 : 0
        let first = text[start + 1] | fold
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        default: break
        }
        // The long s folds to s, the one letter outside ASCII that does.
        if ignoringCase, text[start...].starts(with: [0x27, 0xC5, 0xBF]) { return start + 3 }
        guard start + 2 < text.count else { return nil }
        switch (first, text[start + 2] | fold) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: return nil
        }
    }

    private enum Kind { case letter, number, space, newline, other }

    @inline(__always)
    private func run(_ start: Int, limit: Int = .max, _ belongs: (Kind) -> Bool) -> Int {
        var index = start
        var count = 0
        while index < text.count, count < limit {
            let scanned = text.scalar(at: index)
            guard belongs(kind(scanned.value)) else { break }
            index += scanned.length
            count += 1
        }
        return index
    }

    @inline(__always)
    private func kind(at index: Int) -> Kind { kind(text.scalar(at: index).value) }

    @inline(__always)
    private func kind(_ value: UInt32) -> Kind {
        switch classes[value] {
        case 1: .letter
        case 2: .number
        default: value == 0x0A || value == 0x0D ? .newline : ScalarClass.isWhitespace(value) ? .space : .other
        }
    }
}
