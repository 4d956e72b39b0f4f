/// The regular expressions that byte-level tokenizers cut words with, as matchers over bytes.
///
/// They are told by their text: a tokenizer.json holds one of a few, and each matches at every place.
enum WordPattern: Sendable {
    /// GPT-2: contractions, then letters, digits or other signs with one space before.
    case gpt2
    /// cl100k and its kin: contractions in any case, letters with one sign before, up to so many digits, line ends.
    case cl100k(digits: Int)

    /// The pattern of an expression; nil for one that is not known.
    init?(expression: String) {
        let cl100k = { (digits: String) in
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
                + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        }
        switch expression {
        case #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: self = .gpt2
        case cl100k(#"\p{N}{1,3}"#): self = .cl100k(digits: 3)
        case cl100k(#"\p{N}"#): self = .cl100k(digits: 1)
        default: return nil
        }
    }

    /// Where the match ends that begins at `start`; always past it.
    func end(of text: Bytes, from start: Int) -> Int {
        switch self {
        case .gpt2: gpt2End(text, start)
        case .cl100k(let digits): cl100kEnd(text, start, digits)
        }
    }

    private func gpt2End(_ text: Bytes, _ start: Int) -> Int {
        if let end = contraction(text, start, ignoringCase: false) { return end }
        let begin = text[start] == 0x20 && start + 1 < text.count ? start + 1 : start
        switch WordPattern.kind(text, begin) {
        case .letter: return run(text, begin) { $0 == .letter }
        case .number: return run(text, begin) { $0 == .number }
        case .other: return run(text, begin) { $0 == .other }
        case .space, .newline: return spaceEnd(text, start)
        }
    }

    private func cl100kEnd(_ text: Bytes, _ start: Int, _ digits: Int) -> Int {
        if let end = contraction(text, start, ignoringCase: true) { return end }
        let first = text.scalar(at: start)
        let kind = WordPattern.kind(first.value)
        let second = start + first.length
        let nextKind = second < text.count ? WordPattern.kind(text, second) : nil
        switch kind {
        case .letter: return run(text, start) { $0 == .letter }
        case .other, .space:
            if nextKind == .letter { return run(text, second) { $0 == .letter } }
        case .number: return run(text, start, limit: digits) { $0 == .number }
        case .newline: break
        }
        if kind == .other || first.value == 0x20 && nextKind == .other {
            let signs = run(text, kind == .other ? start : second) { $0 == .other }
            return run(text, signs) { $0 == .newline }
        }
        return lineEnd(text, start) ?? spaceEnd(text, start)
    }

    /// `\s*[\r\n]+`: white space up to the last line end in it.
    private func lineEnd(_ text: Bytes, _ start: Int) -> Int? {
        let end = run(text, start) { $0 == .space || $0 == .newline }
        let last = text[start ..< end].lastIndex { $0 == 0x0A || $0 == 0x0D }
        return last.map { $0 + 1 }
    }

    /// `\s+(?!\S)|\s+`: white space, but its last character stays for what follows.
    private func spaceEnd(_ text: Bytes, _ start: Int) -> Int {
        let end = run(text, start) { $0 == .space || $0 == .newline }
        guard end < text.count else { return end }
        let beforeLast = end - text.scalar(before: end).length
        return beforeLast > start ? beforeLast : end
    }

    private func contraction(_ text: Bytes, _ start: Int, ignoringCase: Bool) -> Int? {
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
    private func run(_ text: Bytes, _ start: Int, limit: Int = .max, _ belongs: (Kind) -> Bool) -> Int {
        var index = start
        var count = 0
        while index < text.count, count < limit {
            let scanned = text.scalar(at: index)
            guard belongs(WordPattern.kind(scanned.value)) else { break }
            index += scanned.length
            count += 1
        }
        return index
    }

    @inline(__always)
    private static func kind(_ text: Bytes, _ index: Int) -> Kind { kind(text.scalar(at: index).value) }

    @inline(__always)
    private static func kind(_ value: UInt32) -> Kind {
        if value == 0x0A || value == 0x0D { return .newline }
        if ScalarClass.isLetter(value) { return .letter }
        if ScalarClass.isNumber(value) { return .number }
        return ScalarClass.isWhitespace(value) ? .space : .other
    }
}
