/// Why a regular expression cannot be used.
struct PatternError: Error {
    /// What is wrong with it: "where ')' is missing".
    let reason: String
    /// Whether it is right in itself and only asks for what Hayloft does not have.
    var isUnsupported = false
}

/// Reads a regular expression as Oniguruma does with the syntax of Ruby, which is what the `tokenizers` library uses.
///
/// Not read are what remembers parts of a match (back references, calls, conditions) and absent operators. Groups are
/// read and remember nothing. Where case is ignored, one scalar never stands for several: "ß" is not "ss".
struct PatternParser {
    /// The most that a repetition may count to.
    static let repeatLimit = 1000
    /// How deep groups may be nested.
    static let depthLimit = 100

    struct Options {
        var ignoresCase = false
        var dotMatchesNewline = false
        var isExtended = false
    }

    var scalars: [Unicode.Scalar]
    var index = 0
    var options = Options()
    private var depth = 0

    init(_ expression: String) { scalars = Array(expression.unicodeScalars) }

    /// The node of a whole expression. Throws `PatternError`.
    static func parse(_ expression: String) throws -> PatternNode {
        var parser = PatternParser(expression)
        let node = try parser.choice()
        guard parser.index == parser.scalars.count else { throw PatternError(reason: "a ')' has no '('") }
        return node
    }

    var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    /// Steps over a text if it is next.
    mutating func take(_ text: String) -> Bool {
        let text = text.unicodeScalars
        guard scalars[index...].starts(with: text) else { return false }
        index += text.count
        return true
    }

    /// The next scalar, which must be there.
    mutating func advance(in what: String) throws -> Unicode.Scalar {
        guard let scalar = next else { throw PatternError(reason: "\(what) does not end") }
        index += 1
        return scalar
    }

    mutating func nested<Result>(_ body: (inout PatternParser) throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PatternParser.depthLimit else {
            throw PatternError(reason: "groups are nested more than \(PatternParser.depthLimit) deep")
        }
        return try body(&self)
    }

    /// Parts with `|` between them, up to the end of the group.
    mutating func choice() throws -> PatternNode {
        var choices: [PatternNode] = []
        repeat { choices.append(try sequence()) } while take("|")
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func sequence() throws -> PatternNode {
        var parts: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if options.isExtended, skipExtended() { continue }
            if take("(?#") {
                while try advance(in: "a comment") != ")" {}
                continue
            }
            if let scope = try scopedOptions() {
                // Options without a group hold up to its end, alternatives included.
                let kept = options
                options = scope
                parts.append(try choice())
                options = kept
                break
            }
            let part = try atom()
            parts.append(try repeated(part))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func skipExtended() -> Bool {
        guard let scalar = next else { return false }
        if scalar == "#" {
            while let scalar = next, scalar != "\n" { index += 1 }
            return true
        }
        guard scalar.properties.isWhitespace else { return false }
        index += 1
        return true
    }

    private mutating func atom() throws -> PatternNode {
        let scalar = try advance(in: "it")
        switch scalar {
        case "(": return try nested { try $0.group() }
        case "[": return .one(try nested { try $0.bracket() })
        case ".": return .one(options.dotMatchesNewline ? .all : ScalarSet(0x0A).inverted)
        case "^": return .anchor(.lineStart)
        case "$": return .anchor(.lineEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw PatternError(reason: "there is nothing before '\(scalar)' to repeat")
        default: return .one(literal(scalar.value))
        }
    }

    func literal(_ scalar: UInt32) -> ScalarSet {
        options.ignoresCase ? ScalarSet(scalar).ignoringCase : ScalarSet(scalar)
    }
}

// MARK: Repetition

extension PatternParser {
    /// A part with the counts that follow it.
    private mutating func repeated(_ part: PatternNode) throws -> PatternNode {
        var part = part
        while true {
            if options.isExtended { while skipExtended() {} }
            let minimum: Int
            let maximum: Int?
            var mayBePossessive = true
            if take("*") {
                (minimum, maximum) = (0, nil)
            } else if take("+") {
                (minimum, maximum) = (1, nil)
            } else if take("?") {
                (minimum, maximum) = (0, 1)
            } else if let counts = try counts() {
                (minimum, maximum) = counts
                mayBePossessive = false
            } else {
                return part
            }
            switch part {
            case .anchor, .look, .lookBehind: throw PatternError(reason: "a condition on a place is repeated")
            default: break
            }
            // `{n}?` is an optional `{n}`, not a lazy one.
            let isFixed = !mayBePossessive && minimum == maximum
            var greed = PatternNode.Greed.greedy
            if !isFixed, take("?") {
                greed = .lazy
            } else if mayBePossessive, take("+") {
                greed = .possessive
            }
            part = .loop(part, minimum: minimum, maximum: maximum, greed)
        }
    }

    /// `{n}`, `{n,}`, `{,m}` or `{n,m}`; nil, with nothing read, where a brace is just a brace.
    private mutating func counts() throws -> (Int, Int?)? {
        let start = index
        guard take("{") else { return nil }
        let low = number()
        var high = low
        let hasComma = take(",")
        if hasComma { high = number() }
        guard low != nil || high != nil, take("}") else {
            index = start
            return nil
        }
        let minimum = low ?? 0
        guard max(minimum, high ?? 0) <= PatternParser.repeatLimit else {
            throw PatternError(reason: "it repeats more than \(PatternParser.repeatLimit) times")
        }
        if let high, high < minimum {
            throw PatternError(reason: "a repetition from \(minimum) to \(high)", isUnsupported: true)
        }
        return (minimum, high)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let digit = next, ("0" ... "9").contains(digit) {
            value = min((value ?? 0) * 10 + Int(digit.value - 0x30), 1 << 20)
            index += 1
        }
        return value
    }
}
