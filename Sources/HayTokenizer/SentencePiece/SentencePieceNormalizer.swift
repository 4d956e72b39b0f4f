/// How the sentencepiece library rewrites a text before it cuts it: replacements by a table, one space for several, and
/// a mark for each space.
struct SentencePieceNormalizer: Sendable {
    /// Which texts get a space that they do not have.
    enum DummyPrefix {
        case always, never
        /// Only the one that begins the input, not those after a token that was cut out, and not one that has a space.
        case first
    }

    /// U+2581, which stands for a space.
    static let mark: [UInt8] = [0xE2, 0x96, 0x81]

    private let table: ReplacementTable?
    var dummyPrefix: DummyPrefix
    private let removesExtraSpaces: Bool
    private let space: [UInt8]
    /// Whether the added space comes after the text.
    private let putsSpacesLast: Bool
    /// Texts that nothing is replaced in.
    private let symbols: PrefixTrie

    init(_ rules: SentencePieceFile.Rules, putsSpacesLast: Bool = false, symbols: PrefixTrie = PrefixTrie()) {
        table = rules.table
        dummyPrefix = rules.addsDummyPrefix ? .always : .never
        removesExtraSpaces = rules.removesExtraSpaces
        space = rules.escapesSpaces ? SentencePieceNormalizer.mark : [0x20]
        self.putsSpacesLast = putsSpacesLast
        self.symbols = symbols
    }

    /// How many times as long as before a text can be, the added space included.
    var expansion: Double { Double(space.count) * 2 + Double(table.map { max(3, $0.longestReplacement) } ?? 1) }

    /// Rewrites a text. An added space comes from no part of it.
    func normalize(_ text: inout TrackedText) {
        text.rewrite { text, result in
            var output = Output(text: text, rewrite: result)
            text.bytes.withUnsafeBufferPointer {
                normalize($0, beginsInput: text.beginsInput, into: &output)
            }
            result = output.rewrite
        }
    }

    /// A text and what it is rewritten to.
    private struct Output {
        let text: TrackedText
        var rewrite: Rewrite

        @inline(__always)
        mutating func append(_ byte: UInt8, from origin: Range<Int>) { rewrite.append(byte, from: origin, of: text) }

        mutating func append(_ text: [UInt8], from origin: Range<Int>) {
            for byte in text { append(byte, from: origin) }
        }

        func ends(with text: [UInt8]) -> Bool { rewrite.bytes.suffix(text.count).elementsEqual(text) }
    }

    private func normalize(_ text: Bytes, beginsInput: Bool, into output: inout Output) {
        var index = removesExtraSpaces ? spaceEnd(in: text) : 0
        guard index < text.count else { return }
        let addsSpace = addsSpace(to: text.slice(index ..< text.count), beginsInput: beginsInput)
        if addsSpace, !putsSpacesLast { output.append(space, from: index ..< index) }
        var followsSpace = removesExtraSpaces
        while index < text.count {
            let length = withPart(of: text, at: index) { length, part in
                append(part, from: index ..< index + length, &followsSpace, to: &output)
                return length
            }
            index += length
        }
        while removesExtraSpaces, output.ends(with: space) { output.rewrite.removeLast(space.count) }
        if addsSpace, putsSpacesLast { output.append(space, from: text.count ..< text.count) }
    }

    private func addsSpace(to text: Bytes, beginsInput: Bool) -> Bool {
        switch dummyPrefix {
        case .always: true
        case .never: false
        case .first: beginsInput && text[0] != 0x20 && !text.starts(with: SentencePieceNormalizer.mark)
        }
    }

    /// Appends a part without the spaces that follow others.
    @inline(__always)
    private func append(_ part: Bytes, from origin: Range<Int>, _ followsSpace: inout Bool, to output: inout Output) {
        var start = 0
        while followsSpace, start < part.count, part[start] == 0x20 { start += 1 }
        guard start < part.count else { return }
        for byte in part[start...] {
            if byte == 0x20 { output.append(space, from: origin) } else { output.append(byte, from: origin) }
        }
        followsSpace = removesExtraSpaces && part[part.count - 1] == 0x20
    }

    /// Where the text begins after what becomes single spaces.
    private func spaceEnd(in text: Bytes) -> Int {
        var index = 0
        while index < text.count {
            let length = withPart(of: text, at: index) { length, part in
                part.count == 1 && part[0] == 0x20 ? length : 0
            }
            guard length > 0 else { break }
            index += length
        }
        return index
    }

    /// Calls `body` with the length of what is rewritten as a whole at an index, and with what becomes of it.
    @inline(__always)
    private func withPart<Result>(of text: Bytes, at index: Int, _ body: (Int, Bytes) -> Result) -> Result {
        if !symbols.isEmpty, let length = symbols.longest(in: text, at: index) {
            return body(length, text.slice(index ..< index + length))
        }
        if let table, let match = table.longestMatch(in: text, at: index) {
            return table.replacements.withUnsafeBufferPointer { body(match.length, $0.slice(match.replacement)) }
        }
        // A table may end a match within a character; what is left of it is no text.
        if text[index] & 0xC0 == 0x80 {
            return UTF8Repair.replacement.withUnsafeBufferPointer { body(1, $0) }
        }
        let length = text.scalar(at: index).length
        return body(length, text.slice(index ..< index + length))
    }
}

extension PrefixTrie {
    /// The length of the longest text that begins at an index.
    @inline(__always)
    func longest(in text: Bytes, at index: Int) -> Int? {
        var longest: Int?
        matches(in: text, from: index) { end, _ in longest = end - index }
        return longest
    }
}
