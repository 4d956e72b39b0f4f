extension PatternParser {
    /// What stands in a group, whose '(' is read.
    mutating func group() throws -> PatternNode {
        let node: PatternNode
        let kept = options
        if take("?:") {
            node = try choice()
        } else if take("?=") {
            node = .look(try choice(), negated: false)
        } else if take("?!") {
            node = .look(try choice(), negated: true)
        } else if take("?>") {
            node = .atomic(try choice())
        } else if take("?<=") {
            node = try lookBehind(try choice(), negated: false)
        } else if take("?<!") {
            node = try lookBehind(try choice(), negated: true)
        } else if take("?<") || take("?'") {
            while let scalar = next, scalar != ">", scalar != "'" { index += 1 }
            _ = try advance(in: "a group's name")
            node = try choice()
        } else if next == "?" {
            index += 1
            options = try optionLetters()
            guard take(":") else { throw PatternError(reason: "a group '(?…'", isUnsupported: true) }
            node = try choice()
        } else if next == "*" {
            throw PatternError(reason: "a group '(*…'", isUnsupported: true)
        } else {
            node = try choice()
        }
        options = kept
        guard take(")") else { throw PatternError(reason: "a '(' has no ')'") }
        return node
    }

    /// `(?i)` and the like, which set options for the rest of the group; nil, with nothing read, for anything else.
    mutating func scopedOptions() throws -> Options? {
        let start = index
        if take("(?"), let options = try? optionLetters(), take(")") { return options }
        index = start
        return nil
    }

    /// The letters of `(?im-x:`; throws where another one stands.
    private mutating func optionLetters() throws -> Options {
        var result = options
        var value = true
        while let letter = next, letter != ":", letter != ")" {
            switch letter {
            case "i": result.ignoresCase = value
            case "m": result.dotMatchesNewline = value
            case "x": result.isExtended = value
            case "-": value = false
            default: throw PatternError(reason: "a group '(?\(letter)…'", isUnsupported: true)
            }
            index += 1
        }
        return result
    }

    private func lookBehind(_ body: PatternNode, negated: Bool) throws -> PatternNode {
        let choices = if case .choice(let choices) = body { choices } else { [body] }
        let looks = try choices.map { choice -> PatternNode in
            guard let length = choice.fixedLength else {
                throw PatternError(reason: "a look-behind of no fixed length below 256", isUnsupported: true)
            }
            return .lookBehind(choice, length: length, negated: negated)
        }
        return looks.count == 1 ? looks[0] : negated ? .sequence(looks) : .atomic(.choice(looks))
    }
}

// MARK: Escapes

extension PatternParser {
    /// What stands after a backslash outside of brackets.
    mutating func escape() throws -> PatternNode {
        switch next {
        case "A": return anchor(.textStart)
        case "z": return anchor(.textEnd)
        case "Z": return anchor(.textEndBeforeNewline)
        case "b": return anchor(.wordBoundary)
        case "B": return anchor(.noWordBoundary)
        case "R":
            index += 1
            let lineEnds = ScalarSet([0x0A ... 0x0D, 0x85 ... 0x85, 0x2028 ... 0x2029])
            return .atomic(.choice([.sequence([.one(ScalarSet(0x0D)), .one(ScalarSet(0x0A))]), .one(lineEnds)]))
        case "N":
            index += 1
            return .one(ScalarSet(0x0A).inverted)
        case "O":
            index += 1
            return .one(.all)
        case "G", "K", "X", "g", "k", "y", "Y":
            throw PatternError(reason: "'\\\(next.map(String.init) ?? "")'", isUnsupported: true)
        case let digit? where ("1" ... "9").contains(digit):
            throw PatternError(reason: "a back reference", isUnsupported: true)
        case "w":
            index += 1
            return .one(UnicodeProperty.bareWord)
        case "W":
            index += 1
            return .one(UnicodeProperty.bareWord.inverted)
        default:
            if let set = try escapedSet() { return .one(set) }
            return .one(literal(try escapedScalar()))
        }
    }

    private mutating func anchor(_ anchor: PatternNode.Anchor) -> PatternNode {
        index += 1
        return .anchor(anchor)
    }

    /// The set of `\d`, `\p{…}` and the like; nil, with nothing read, for the escape of one scalar.
    mutating func escapedSet() throws -> ScalarSet? {
        guard let letter = next else { return nil }
        let set: ScalarSet
        switch letter {
        case "d", "D": set = UnicodeProperty.categories("Nd")
        case "s", "S": set = UnicodeProperty.space
        case "w", "W": set = UnicodeProperty.word
        case "h", "H": set = ScalarSet([0x30 ... 0x39, 0x41 ... 0x46, 0x61 ... 0x66])
        case "p", "P":
            guard index + 1 < scalars.count, scalars[index + 1] == "{" else { return nil }
            index += 2
            return try property(isInverted: letter == "P")
        default: return nil
        }
        index += 1
        return letter.properties.isUppercase ? set.inverted : set
    }

    private mutating func property(isInverted: Bool) throws -> ScalarSet {
        let inverts = take("^") != isInverted
        var name = ""
        while true {
            let scalar = try advance(in: "a property")
            if scalar == "}" { break }
            name.unicodeScalars.append(scalar)
        }
        guard let set = UnicodeProperty.named(name) else {
            throw PatternError(reason: "the property '\(name)'", isUnsupported: true)
        }
        let result = inverts ? set.inverted : set
        return options.ignoresCase ? result.ignoringCase : result
    }

    /// The scalar of `\n`, `\x{41}`, `\.` and the like.
    mutating func escapedScalar() throws -> UInt32 {
        let letter = try advance(in: "an escape")
        switch letter {
        case "t": return 0x09
        case "n": return 0x0A
        case "v": return 0x0B
        case "f": return 0x0C
        case "r": return 0x0D
        case "a": return 0x07
        case "e": return 0x1B
        case "x":
            guard take("{") else {
                let value = digits(2, radix: 16)
                guard value < 0x80 else {
                    throw PatternError(
                        reason: "a byte of UTF-8 as '\\x\(String(value, radix: 16))'", isUnsupported: true)
                }
                return value
            }
            let value = digits(8, radix: 16)
            guard take("}"), Unicode.Scalar(value) != nil else { throw PatternError(reason: "'\\x{…}' is no scalar") }
            return value
        case "u":
            let value = digits(4, radix: 16)
            guard Unicode.Scalar(value) != nil else { throw PatternError(reason: "'\\u…' is no scalar") }
            return value
        case "0": return digits(2, radix: 8)
        case "c", "C", "M":
            throw PatternError(reason: "a control character as '\\\(letter)…'", isUnsupported: true)
        default: return letter.value
        }
    }

    private mutating func digits(_ limit: Int, radix: UInt32) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0 ..< limit {
            guard let digit = next, let number = Character(digit).hexDigitValue, number < radix else { break }
            value = value << (radix == 16 ? 4 : 3) | UInt32(number)
            index += 1
        }
        return value
    }
}
