extension Lexer {
    /// Reads one token inside a tag. `open` holds the brackets to be closed, innermost last.
    mutating func token(_ open: inout [Token.Symbol]) throws {
        let start = position
        let scalar = scalars[start]
        if scalar.isDigit {
            try number()
        } else if scalar.isIdentifierPart {
            while let next = peek(position), next.isIdentifierPart { position += 1 }
            guard scalar.isIdentifierStart else { throw error("Invalid character in identifier", at: start) }
            add(.name(text(start ..< position)), at: start)
        } else if scalar == "'" || scalar == "\"" {
            try string(quote: scalar)
        } else {
            try symbol(&open)
        }
    }

    private mutating func symbol(_ open: inout [Token.Symbol]) throws {
        guard let symbol = Token.Symbol.allCases.first(where: { matches($0.rawValue, at: position) }) else {
            throw unexpectedCharacter(at: position)
        }
        switch symbol {
        case .leftBrace: open.append(.rightBrace)
        case .leftBracket: open.append(.rightBracket)
        case .leftParenthesis: open.append(.rightParenthesis)
        case .rightBrace, .rightBracket, .rightParenthesis:
            guard let expected = open.popLast() else { throw error("unexpected '\(symbol.rawValue)'", at: position) }
            guard expected == symbol else {
                throw error("unexpected '\(symbol.rawValue)', expected '\(expected.rawValue)'", at: position)
            }
        default: break
        }
        add(.symbol(symbol), at: position)
        position += symbol.rawValue.utf8.count
    }

    private func unexpectedCharacter(at place: Int) -> TemplateError {
        error("unexpected char \(String(scalars[place]).pythonQuoted) at \(place)", at: place)
    }

    /// An integer or a float; digits may be parted by single underscores.
    private mutating func number() throws {
        let start = position
        if scalars[start] == "0", let radix = peek(start + 1).flatMap(Lexer.radix(of:)) {
            let end = endOfDigits(start + 2, isDigit: { Lexer.digitValue($0).map { $0 < radix } ?? false })
            if end > start + 2 { return try integer(start ..< end, digits: start + 2 ..< end, radix: radix) }
        }
        if start == 0 || scalars[start - 1] != ".", let end = endOfFloat(start) {
            position = end
            guard let value = Double(plainDigits(start ..< end)) else { throw error("expected a number", at: start) }
            return add(.float(value), at: start)
        }
        let isZero = scalars[start] == "0"
        let end = endOfDigits(start, isDigit: { isZero ? $0 == "0" : $0.isDigit })
        try integer(start ..< end, digits: start ..< end, radix: 10)
    }

    private mutating func integer(_ range: Range<Int>, digits: Range<Int>, radix: Int) throws {
        guard let value = Int(plainDigits(digits), radix: radix) else {
            throw error("the integer \(text(range)) does not fit 64 bits", at: range.lowerBound)
        }
        position = range.upperBound
        add(.integer(value), at: range.lowerBound)
    }

    private func endOfFloat(_ start: Int) -> Int? {
        var end = endOfDigits(start, isDigit: \.isDigit)
        var isFloat = false
        if peek(end) == ".", peek(end + 1)?.isDigit == true {
            end = endOfDigits(end + 1, isDigit: \.isDigit)
            isFloat = true
        }
        if peek(end) == "e" || peek(end) == "E" {
            let digits = peek(end + 1) == "+" || peek(end + 1) == "-" ? end + 2 : end + 1
            if peek(digits)?.isDigit == true { return endOfDigits(digits, isDigit: \.isDigit) }
        }
        return isFloat ? end : nil
    }

    private func endOfDigits(_ start: Int, isDigit: (Unicode.Scalar) -> Bool) -> Int {
        var index = start
        while let scalar = peek(index) {
            if isDigit(scalar) {
                index += 1
            } else if scalar == "_", let next = peek(index + 1), isDigit(next) {
                index += 2
            } else {
                break
            }
        }
        return index
    }

    private func plainDigits(_ range: Range<Int>) -> String { text(range).filter { $0 != "_" } }

    private static func radix(of letter: Unicode.Scalar) -> Int? {
        switch letter {
        case "b", "B": 2
        case "o", "O": 8
        case "x", "X": 16
        default: nil
        }
    }

    private static func digitValue(_ scalar: Unicode.Scalar) -> Int? {
        scalar.isASCII ? Character(scalar).hexDigitValue : nil
    }

    private mutating func string(quote: Unicode.Scalar) throws {
        let start = position
        var text = String.UnicodeScalarView()
        position += 1
        while let scalar = peek(position), scalar != quote {
            position += 1
            if scalar == "\\" { try escape(into: &text) } else { text.append(scalar) }
        }
        guard position < scalars.count else { throw unexpectedCharacter(at: start) }
        position += 1
        add(.string(String(text)), at: start)
    }

    /// What follows a backslash, as in a Python string; an unknown escape stays as it is written.
    private mutating func escape(into text: inout String.UnicodeScalarView) throws {
        guard let letter = peek(position) else { return }
        position += 1
        switch letter {
        case "\n": break
        case "\\", "'", "\"": text.append(letter)
        case "a": text.append("\u{07}")
        case "b": text.append("\u{08}")
        case "f": text.append("\u{0C}")
        case "n": text.append("\n")
        case "r": text.append("\r")
        case "t": text.append("\t")
        case "v": text.append("\u{0B}")
        case "x": text.append(try hexadecimal(digits: 2, letter))
        case "u": text.append(try hexadecimal(digits: 4, letter))
        case "U": text.append(try hexadecimal(digits: 8, letter))
        case "N": throw error("a character cannot be given by its name (\\N)", at: position - 2)
        case "0" ... "7": text.append(octal(first: letter))
        default:
            text.append("\\")
            text.append(letter)
        }
    }

    private mutating func octal(first: Unicode.Scalar) -> Unicode.Scalar {
        var value = first.value - 0x30
        for _ in 0 ..< 2 {
            guard let next = peek(position), ("0" ... "7").contains(next) else { break }
            value = value * 8 + next.value - 0x30
            position += 1
        }
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    /// The scalar of so many hexadecimal digits; half of a surrogate pair becomes U+FFFD, as a string cannot hold it.
    private mutating func hexadecimal(digits: Int, _ letter: Unicode.Scalar) throws -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0 ..< digits {
            guard let digit = peek(position).flatMap(Lexer.digitValue) else {
                throw error("expected \(digits) hexadecimal digits after \\\(letter)", at: position)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        if (0xD800 ..< 0xE000).contains(value) { return "\u{FFFD}" }
        guard let scalar = Unicode.Scalar(value) else { throw error("there is no such Unicode scalar", at: position) }
        return scalar
    }
}
