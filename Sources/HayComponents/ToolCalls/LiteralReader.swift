/// A notation of named arguments as literals, other than JSON.
struct LiteralNotation: Sendable {
    /// What stands between a name and its value.
    let assignment: UInt8
    /// What stands around texts; those of three bytes are found where two of one have come.
    let quotes: [[UInt8]]
    /// Whether a backslash begins an escape in a text.
    let hasEscapes: Bool
    /// Whether words that are no literals are texts.
    let readsWordsAsTexts: Bool

    /// Keyword arguments of a call in Python: `(a=1, b="x")`.
    static let python = LiteralNotation(
        assignment: UInt8(ascii: "="), quotes: ["\"", "'", "\"\"\"", "'''"].map { Array($0.utf8) },
        hasEscapes: true, readsWordsAsTexts: false)

    /// Gemma's objects: `{a:1,b:<|"|>x<|"|>}`.
    static func gemma(_ quote: String) -> LiteralNotation {
        LiteralNotation(
            assignment: UInt8(ascii: ":"), quotes: [Array(quote.utf8)], hasEscapes: false, readsWordsAsTexts: true)
    }

    /// The texts that a vocabulary may have as special tokens.
    var marks: [String] {
        quotes.flatMap { MarkPattern([.text(String(decoding: $0, as: UTF8.self))]).marks }
    }
}

/// Follows named arguments byte by byte, from their opening bracket on, and writes them as JSON.
struct LiteralReader: Sendable {
    private enum State {
        case key, bareKey([UInt8]), assignment, value, afterValue
        /// So many bytes of a quote have come, before a text or at its end.
        case quote(Int, matched: Int), text(Int, matched: Int)
        /// An empty text has ended, unless its quotes are the first two of three.
        case emptyText(Int)
        case escape(Int), digits(Int, [UInt8], left: Int), octal(Int, UInt32, left: Int)
        case word([UInt8])
    }

    private struct Level {
        let closer: UInt8
        /// What stands between a key and its value; nil in a list.
        let assignment: UInt8?
        /// Where its bracket stands in the JSON.
        let start: Int
        var count = 0
        var hasComma = false
    }

    private let notation: LiteralNotation
    private var levels: [Level] = []
    private var state = State.value
    private var textIsKey = false
    /// Where the text begins in the JSON, after its quote.
    private var textStart = 0

    /// The arguments as JSON, as far as they have come.
    private(set) var json: [UInt8] = []
    /// Whether the closing bracket has come.
    var isDone: Bool { levels.isEmpty && !json.isEmpty }

    init(_ notation: LiteralNotation) { self.notation = notation }

    /// Takes the byte that follows. False where the bytes are no such arguments; then nothing more may be taken.
    mutating func advance(_ byte: UInt8) -> Bool {
        switch state {
        case .text(let quote, let matched): return advanceText(byte, quote, matched)
        case .escape(let quote): return advanceEscape(byte, quote)
        case .digits(let quote, let digits, let left): return advanceDigits(byte, quote, digits, left)
        case .octal(let quote, let value, let left): return advanceOctal(byte, quote, value, left)
        case .emptyText(let quote): return advanceEmptyText(byte, quote)
        case .quote(let quote, let matched): return advanceQuote(byte, quote, matched)
        case .bareKey(let key): return advanceKey(byte, key)
        case .word(let word): return advanceWord(byte, word)
        case .key, .assignment, .value, .afterValue: return byte.isJSONSpace || advanceStructure(byte)
        }
    }

    private mutating func enter(_ state: State) -> Bool {
        self.state = state
        return true
    }

    private mutating func advanceStructure(_ byte: UInt8) -> Bool {
        switch state {
        case .key:
            if byte == levels.last?.closer { return close() }
            guard beginItem() else { return false }
            textIsKey = true
            if let quote = quote(byte) { return advanceQuote(byte, quote, 0) }
            return byte.isKeyByte && enter(.bareKey([byte]))
        case .assignment:
            guard byte == levels.last?.assignment else { return false }
            json += Array(": ".utf8)
            return enter(.value)
        case .value: return beginValue(byte)
        default:
            if byte == levels.last?.closer { return close() }
            guard byte == UInt8(ascii: ","), !levels.isEmpty else { return false }
            levels[levels.count - 1].hasComma = true
            return enter(levels.last?.assignment == nil ? .value : .key)
        }
    }

    private mutating func beginValue(_ byte: UInt8) -> Bool {
        if levels.last?.assignment == nil, byte == levels.last?.closer { return close() }
        if !levels.isEmpty, levels[levels.count - 1].assignment == nil, !beginItem() { return false }
        textIsKey = false
        switch byte {
        case _ where levels.isEmpty: return open(byte, notation.assignment)
        case UInt8(ascii: "{"): return open(byte, UInt8(ascii: ":"))
        case UInt8(ascii: "["), UInt8(ascii: "("): return open(byte, nil)
        default: break
        }
        if let quote = quote(byte) { return advanceQuote(byte, quote, 0) }
        return isWordByte(byte) && enter(.word([byte]))
    }

    /// Writes what separates an element or member from the one before it.
    private mutating func beginItem() -> Bool {
        guard !levels.isEmpty else { return false }
        if levels[levels.count - 1].count > 0 { json += Array(", ".utf8) }
        levels[levels.count - 1].count += 1
        return true
    }

    private mutating func open(_ byte: UInt8, _ assignment: UInt8?) -> Bool {
        guard levels.count < JSONTracker.maximumDepth else { return false }
        let closer: UInt8 =
            switch byte {
            case UInt8(ascii: "("): UInt8(ascii: ")")
            case UInt8(ascii: "["): UInt8(ascii: "]")
            default: UInt8(ascii: "}")
            }
        levels.append(Level(closer: closer, assignment: assignment, start: json.count))
        json.append(assignment == nil ? UInt8(ascii: "[") : UInt8(ascii: "{"))
        return enter(assignment == nil ? .value : .key)
    }

    private mutating func close() -> Bool {
        let level = levels.removeLast()
        if level.assignment == nil, level.closer == UInt8(ascii: ")"), level.count == 1, !level.hasComma {
            // Without a comma the brackets only group.
            json.remove(at: level.start)
            return enter(.afterValue)
        }
        json.append(level.assignment == nil ? UInt8(ascii: "]") : UInt8(ascii: "}"))
        return enter(.afterValue)
    }

    private func quote(_ byte: UInt8) -> Int? { notation.quotes.firstIndex { $0[0] == byte } }

    private mutating func advanceQuote(_ byte: UInt8, _ quote: Int, _ matched: Int) -> Bool {
        let text = notation.quotes[quote]
        guard byte == text[matched] else { return false }
        guard matched + 1 == text.count else { return enter(.quote(quote, matched: matched + 1)) }
        json.append(UInt8(ascii: "\""))
        textStart = json.count
        return enter(.text(quote, matched: 0))
    }

    private mutating func advanceEmptyText(_ byte: UInt8, _ quote: Int) -> Bool {
        let three = [UInt8](repeating: byte, count: 3)
        if byte == notation.quotes[quote][0], let long = notation.quotes.firstIndex(of: three) {
            return enter(.text(long, matched: 0))
        }
        json.append(UInt8(ascii: "\""))
        state = textIsKey ? .assignment : .afterValue
        return byte.isJSONSpace || advanceStructure(byte)
    }

    private mutating func advanceText(_ byte: UInt8, _ quote: Int, _ matched: Int) -> Bool {
        let text = notation.quotes[quote]
        if byte == text[matched] {
            guard matched + 1 == text.count else { return enter(.text(quote, matched: matched + 1)) }
            if text.count == 1, json.count == textStart { return enter(.emptyText(quote)) }
            json.append(UInt8(ascii: "\""))
            return enter(textIsKey ? .assignment : .afterValue)
        }
        if matched > 0 {
            // No quote begins again within itself.
            for byte in text[..<matched] { json.appendInString(byte) }
            state = .text(quote, matched: 0)
            return advanceText(byte, quote, 0)
        }
        if byte == UInt8(ascii: "\\"), notation.hasEscapes { return enter(.escape(quote)) }
        json.appendInString(byte)
        return true
    }

    private mutating func advanceEscape(_ byte: UInt8, _ quote: Int) -> Bool {
        switch byte {
        case UInt8(ascii: "x"): return enter(.digits(quote, [], left: 2))
        case UInt8(ascii: "u"): return enter(.digits(quote, [], left: 4))
        case UInt8(ascii: "U"): return enter(.digits(quote, [], left: 8))
        case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "\\"), UInt8(ascii: "\""):
            json += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "a"): json.appendInString(7)
        case UInt8(ascii: "v"): json.appendInString(11)
        case UInt8(ascii: "0") ... UInt8(ascii: "7"): return enter(.octal(quote, UInt32(byte) - 48, left: 2))
        case UInt8(ascii: "'"): json.append(byte)
        case UInt8(ascii: "\n"): break
        default:
            // Python keeps the backslash of what is no escape.
            json.appendInString(UInt8(ascii: "\\"))
            json.appendInString(byte)
        }
        return enter(.text(quote, matched: 0))
    }

    private mutating func advanceOctal(_ byte: UInt8, _ quote: Int, _ value: UInt32, _ left: Int) -> Bool {
        if left > 0, (UInt8(ascii: "0") ... UInt8(ascii: "7")).contains(byte) {
            return enter(.octal(quote, value * 8 + UInt32(byte) - 48, left: left - 1))
        }
        for byte in Unicode.Scalar(value).map({ String(Character($0)).utf8.map(\.self) }) ?? [] {
            json.appendInString(byte)
        }
        state = .text(quote, matched: 0)
        return advanceText(byte, quote, 0)
    }

    private mutating func advanceDigits(_ byte: UInt8, _ quote: Int, _ digits: [UInt8], _ left: Int) -> Bool {
        let digits = digits + [byte]
        guard let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), byte != UInt8(ascii: "+")
        else { return false }
        if left > 1 { return enter(.digits(quote, digits, left: left - 1)) }
        if digits.count == 8 {
            guard let scalar = Unicode.Scalar(value) else { return false }
            for byte in String(Character(scalar)).utf8 { json.appendInString(byte) }
        } else {
            // Halves of a scalar are put together when the JSON is read.
            json += Array("\\u".utf8) + [UInt8](repeating: UInt8(ascii: "0"), count: 4 - digits.count) + digits
        }
        return enter(.text(quote, matched: 0))
    }

    private mutating func advanceKey(_ byte: UInt8, _ key: [UInt8]) -> Bool {
        if byte.isKeyByte { return key.count < 256 && enter(.bareKey(key + [byte])) }
        json.append(UInt8(ascii: "\""))
        for byte in key { json.appendInString(byte) }
        json.append(UInt8(ascii: "\""))
        state = .assignment
        return byte.isJSONSpace || advanceStructure(byte)
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        if notation.readsWordsAsTexts { return !",]}[{<".utf8.contains(byte) && byte >= 0x20 }
        return byte.isKeyByte || byte == UInt8(ascii: "+")
    }

    private mutating func advanceWord(_ byte: UInt8, _ word: [UInt8]) -> Bool {
        if isWordByte(byte) { return word.count < 1024 && enter(.word(word + [byte])) }
        guard let text = notation.json(ofWord: word) else { return false }
        json += Array(text.utf8)
        state = .afterValue
        return byte.isJSONSpace || advanceStructure(byte)
    }
}
