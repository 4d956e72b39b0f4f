/// Reads the regular expressions of ECMA-262 as far as they are regular.
struct PatternReader {
    /// How deep groups may nest.
    static let depthLimit = 50
    /// The largest count in braces.
    static let countLimit = 10_000

    private let scalars: [Unicode.Scalar]
    private let pattern: String
    private let path: String
    private var position = 0

    /// What a pattern asks for: an expression that a text has, and for each look-ahead at its start one that it has, or
    /// has not.
    struct Reading {
        let expression: Expression
        var conditions: [(expression: Expression, isNegated: Bool)] = []
    }

    /// Reads a pattern that a text has to hold somewhere. `path` is for errors. Throws `GrammarError`.
    static func read(_ pattern: String, path: String) throws -> Reading {
        var reader = PatternReader(pattern, path)
        let conditions = try reader.lookAheads()
        var expression = try reader.alternatives(depth: 0)
        if !conditions.isEmpty {
            // They would be those of the first alternative only.
            if case .choice = expression { throw reader.error("look-ahead is not supported before '|'", at: 1) }
            expression = .sequence([.start, expression])
        }
        guard reader.position == reader.scalars.count else { throw reader.error("expected '(' before ')'") }
        return Reading(expression: .sequence([.anything, expression, .anything]), conditions: conditions)
    }

    /// The look-aheads after the start of a text, with what the pattern begins with.
    private mutating func lookAheads() throws -> [(expression: Expression, isNegated: Bool)] {
        var result: [(expression: Expression, isNegated: Bool)] = []
        let prefix = scalars.starts(with: "^(?=".unicodeScalars) || scalars.starts(with: "^(?!".unicodeScalars)
        guard prefix, take("^") else { return [] }
        while let isNegated = lookAhead {
            let place = position
            position += 3
            let inner = try alternatives(depth: 1)
            guard take(")") else { throw error("expected ')' after '('", at: place) }
            result.append((.sequence([.start, inner, .anything]), isNegated))
        }
        return result
    }

    /// Whether the look-ahead that comes now is negated; nil where there is none.
    private var lookAhead: Bool? {
        let rest = scalars[position...]
        if rest.starts(with: "(?!".unicodeScalars) { return true }
        return rest.starts(with: "(?=".unicodeScalars) ? false : nil
    }

    private init(_ pattern: String, _ path: String) {
        scalars = Array(pattern.unicodeScalars)
        self.pattern = pattern
        self.path = path
    }

    private mutating func alternatives(depth: Int) throws -> Expression {
        guard depth < PatternReader.depthLimit else {
            throw error("groups nest deeper than \(PatternReader.depthLimit)")
        }
        var choices: [Expression] = []
        repeat {
            var parts: [Expression] = []
            while let scalar = peek, scalar != "|", scalar != ")" { parts.append(try term(depth: depth)) }
            choices.append(.sequence(parts))
        } while take("|")
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func term(depth: Int) throws -> Expression {
        let place = position
        let atom = try atom(depth: depth)
        guard let (low, high) = try quantifier() else { return atom }
        switch atom {
        case .start, .end: throw error("a quantifier needs something to repeat", at: place)
        default: break
        }
        // Lazy ones take the same texts.
        _ = take("?")
        if let next = peek, "*+?".unicodeScalars.contains(next) { throw error("a quantifier after a quantifier") }
        return .repetition(atom, low, high)
    }

    private mutating func quantifier() throws -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{") else { return nil }
        guard let low = try count() else {
            position = start
            return nil
        }
        var high: Int? = low
        if take(",") { high = try count() }
        guard take("}") else {
            position = start
            return nil
        }
        if let high, high < low { throw error("the counts of a quantifier are in the wrong order", at: start) }
        return (low, high)
    }

    private mutating func count() throws -> Int? {
        var value: Int?
        while let digit = peek.flatMap({ Character($0).wholeNumberValue }), peek?.isASCII == true {
            value = (value ?? 0) * 10 + digit
            position += 1
            if value ?? 0 > PatternReader.countLimit {
                throw error("a count is above \(PatternReader.countLimit)", at: position - 1)
            }
        }
        return value
    }

    private mutating func atom(depth: Int) throws -> Expression {
        let place = position
        position += 1
        switch scalars[place] {
        case "^": return .start
        case "$": return .end
        case "(": return try group(depth: depth, at: place)
        case "[": return try bracket(at: place)
        case ".": return .set(ScalarSet("\n\r\u{2028}\u{2029}").complement)
        case "*", "+", "?": throw error("a quantifier needs something to repeat", at: place)
        case "{":
            position = place
            if try quantifier() != nil { throw error("a quantifier needs something to repeat", at: place) }
            position = place + 1
            return PatternReader.one("{")
        case "\\":
            if let next = peek, next == "b" || next == "B" {
                throw error("word boundaries are not supported", at: place)
            }
            let item = try escape(at: place, inBrackets: false)
            return .set(lower: item.lower, upper: item.upper)
        case let scalar: return PatternReader.one(scalar)
        }
    }

    private static func one(_ scalar: Unicode.Scalar) -> Expression {
        .set(ScalarSet([scalar.value ... scalar.value]))
    }

    private mutating func group(depth: Int, at place: Int) throws -> Expression {
        if take("?") {
            if take("=") || take("!") {
                throw error("look-ahead is supported only after a '^' at the start", at: place)
            }
            if take("<") {
                if peek == "=" || peek == "!" { throw error("look-behind is not supported", at: place) }
                while let scalar = peek, scalar != ">" { _ = take(scalar) }
                guard take(">") else { throw error("the name of a group has no end", at: place) }
            } else if !take(":") {
                throw error("only groups '(…)', '(?:…)' and '(?<name>…)' are supported", at: place)
            }
        }
        let inner = try alternatives(depth: depth + 1)
        guard take(")") else { throw error("expected ')' after '('", at: place) }
        return inner
    }

    /// A class of scalars, with what is in it for sure and what may be.
    struct Item {
        var lower: ScalarSet
        var upper: ScalarSet

        init(_ lower: ScalarSet, _ upper: ScalarSet? = nil) {
            self.lower = lower
            self.upper = upper ?? lower
        }

        var negated: Item { Item(upper.complement, lower.complement) }

        /// Digits, some of which only Python takes for ones. Those lie outside of the ranges here.
        static let digit = Item(
            ScalarSet([0x30 ... 0x39]),
            ScalarSet([0 ... 0x2F, 0x3A ... 0x65F, 0x3000 ... 0xA61F, 0x1F300 ... 0x1F6FF]).complement)
        static let word = Item(
            ScalarSet([0x30 ... 0x39, 0x41 ... 0x5A, 0x5F ... 0x5F, 0x61 ... 0x7A]),
            ScalarSet([0x30 ... 0x39, 0x41 ... 0x5A, 0x5F ... 0x5F, 0x61 ... 0x7A, 0x80 ... 0x10FFFF]))
        static let space = Item(
            ScalarSet(spaces), ScalarSet(spaces + [0x1C ... 0x1F, 0x85 ... 0x85, 0xFEFF ... 0xFEFF]))
        private static let spaces: [ClosedRange<UInt32>] = [
            0x09 ... 0x0D, 0x20 ... 0x20, 0xA0 ... 0xA0, 0x1680 ... 0x1680, 0x2000 ... 0x200A, 0x2028 ... 0x2029,
            0x202F ... 0x202F, 0x205F ... 0x205F, 0x3000 ... 0x3000,
        ]
    }

    private mutating func bracket(at place: Int) throws -> Expression {
        let isNegated = take("^")
        var lower: [ClosedRange<UInt32>] = []
        var upper: [ClosedRange<UInt32>] = []
        while true {
            guard let first = try bracketItem(at: place) else { break }
            let dash = position
            if take("-"), peek != "]" {
                guard let last = try bracketItem(at: place) else { break }
                guard let low = first.scalar, let high = last.scalar else {
                    throw error("a range needs a character at each end", at: dash)
                }
                guard low <= high else { throw error("the ends of a range are in the wrong order", at: dash) }
                lower.append(low ... high)
                upper.append(low ... high)
            } else {
                position = dash
                lower += first.item.lower.ranges
                upper += first.item.upper.ranges
            }
        }
        let item = Item(ScalarSet(lower), ScalarSet(upper))
        let result = isNegated ? item.negated : item
        return .set(lower: result.lower, upper: result.upper)
    }

    /// The next member of a bracket, with its scalar where it is one; nil at the closing bracket.
    private mutating func bracketItem(at place: Int) throws -> (item: Item, scalar: UInt32?)? {
        guard let scalar = peek else { throw error("expected ']' after '['", at: place) }
        let start = position
        position += 1
        if scalar == "]" { return nil }
        guard scalar == "\\" else {
            if scalar == "[", let next = peek, next == ":" {
                throw error("classes such as [:alpha:] are not supported", at: start)
            }
            return (Item(ScalarSet([scalar.value ... scalar.value])), scalar.value)
        }
        let item = try escape(at: start, inBrackets: true)
        guard item.lower == item.upper, let range = item.lower.ranges.first, item.lower.ranges.count == 1,
            range.count == 1
        else { return (item, nil) }
        return (item, range.lowerBound)
    }

    /// What an escape stands for; its backslash has been read.
    private mutating func escape(at place: Int, inBrackets: Bool) throws -> Item {
        guard let letter = peek else { throw error("the pattern ends within an escape", at: place) }
        position += 1
        func one(_ value: UInt32) -> Item { Item(ScalarSet([value ... value])) }
        switch letter {
        case "d": return .digit
        case "D": return Item.digit.negated
        case "w": return .word
        case "W": return Item.word.negated
        case "s": return .space
        case "S": return Item.space.negated
        case "t": return one(0x09)
        case "n": return one(0x0A)
        case "v": return one(0x0B)
        case "f": return one(0x0C)
        case "r": return one(0x0D)
        case "b" where inBrackets: return one(0x08)
        case "0":
            if let next = peek, ("0" ... "9").contains(next) {
                throw error("octal escapes are not supported", at: place)
            }
            return one(0)
        case "x": return one(try hexadecimal(2, at: place))
        case "u": return one(try unicode(at: place))
        case "c":
            guard let control = peek, control.isASCII, control.properties.isAlphabetic else {
                throw error("expected a letter after \\c", at: place)
            }
            position += 1
            return one(control.value & 0x1F)
        case "1" ... "9", "k": throw error("back references are not supported", at: place)
        case "p", "P": throw error("Unicode properties are not supported", at: place)
        case _ where letter.isASCII && !letter.properties.isAlphabetic: return one(letter.value)
        default: throw error("unknown escape '\\\(letter)'", at: place)
        }
    }

    private mutating func unicode(at place: Int) throws -> UInt32 {
        if take("{") {
            var value: UInt32 = 0
            var count = 0
            while let digit = hexDigit, count < 8 {
                value = value << 4 | UInt32(digit)
                position += 1
                count += 1
            }
            guard count > 0, take("}"), Unicode.Scalar(value) != nil else {
                throw error("expected a character's number in '\\u{…}'", at: place)
            }
            return value
        }
        let value = try hexadecimal(4, at: place)
        if Unicode.Scalar(value) != nil { return value }
        if value < 0xDC00, take("\\"), take("u") {
            let low = try hexadecimal(4, at: place)
            if (0xDC00 ... 0xDFFF).contains(low) { return 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00) }
        }
        throw error("half of a surrogate pair is no character", at: place)
    }

    private mutating func hexadecimal(_ count: Int, at place: Int) throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0 ..< count {
            guard let digit = hexDigit else {
                throw error("expected \(count) hexadecimal digits", at: place)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private var hexDigit: Int? { peek.flatMap { $0.isASCII ? Character($0).hexDigitValue : nil } }

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private func error(_ reason: String, at place: Int? = nil) -> GrammarError {
        .wrongPattern(path: path, pattern: pattern, offset: place ?? position, reason: reason)
    }
}
