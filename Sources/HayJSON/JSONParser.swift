/// Why a text is not JSON, and where.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// What was found and what was expected.
    public let message: String
    /// The line, from 1.
    public let line: Int
    /// The column in bytes, from 1.
    public let column: Int

    /// The place and the message in one sentence.
    public var description: String { "line \(line), column \(column): \(message)" }
}

extension JSON {
    /// The deepest nesting that is read; deeper text is an error, never a stack overflow.
    public static let maximumDepth = 256

    /// Reads one JSON value that fills the whole text.
    ///
    /// Throws `JSONError`. Accepts RFC 8259 and Python's `NaN`, `Infinity` and `-Infinity`.
    public static func parse(_ text: String) throws -> JSON {
        var text = text
        return try text.withUTF8 { try parse(UnsafeRawBufferPointer($0)) }
    }

    /// Reads one JSON value that fills all of the bytes, which must be UTF-8.
    ///
    /// The error names the kind of a file that stands in place of the JSON: see `FileKind`.
    public static func parse(_ bytes: UnsafeRawBufferPointer) throws -> JSON {
        var parser = JSONParser(bytes: bytes.bindMemory(to: UInt8.self))
        do { return try parser.document() } catch let error as JSONError {
            guard !bytes.isEmpty, let kind = FileKind(bytes) else { throw error }
            throw JSONError(message: "it is \(kind)", line: 1, column: 1)
        }
    }

    /// Reads one JSON value that fills all of the bytes, which must be UTF-8.
    public static func parse(_ bytes: [UInt8]) throws -> JSON {
        try bytes.withUnsafeBytes { try parse($0) }
    }
}

/// A recursive-descent reader over bytes.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    mutating func document() throws -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw error("text after the end of the value") }
        return value
    }

    private mutating func value(depth: Int) throws -> JSON {
        guard depth < JSON.maximumDepth else { throw error("nested deeper than \(JSON.maximumDepth)") }
        skipSpace()
        guard let byte = peek else { throw error("the text ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "N"): return try word("NaN", .double(.nan))
        case UInt8(ascii: "I"): return try word("Infinity", .double(.infinity))
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws -> JSON {
        var members = JSON.Object()
        position += 1
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw error("expected ':' after the key '\(key)'") }
            members.append(key, try value(depth: depth + 1))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("expected ',' or '}' in an object") }
        }
    }

    private mutating func array(depth: Int) throws -> JSON {
        var elements: [JSON] = []
        position += 1
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw error("expected ',' or ']' in an array") }
        }
    }

    /// The string whose opening quote is the next byte. Text without escapes, the usual case, is taken in one piece.
    private mutating func string() throws -> String {
        position += 1
        let start = position
        try skipPlainCharacters()
        if bytes[position] == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try text(bytes[start ..< position], at: start)
        }
        var unescaped = Array(bytes[start ..< position])
        while bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") {
                try escape(into: &unescaped)
            }
            let plain = position
            try skipPlainCharacters()
            unescaped.append(contentsOf: bytes[plain ..< position])
        }
        position += 1
        return try unescaped.withUnsafeBufferPointer { try text($0[...], at: start) }
    }

    /// Stops at the closing quote or a backslash.
    private mutating func skipPlainCharacters() throws {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            guard byte >= 0x20 else { throw error("a control character must be escaped in a string") }
            position += 1
        }
        throw error("the text ends within a string")
    }

    private func text(_ slice: Slice<UnsafeBufferPointer<UInt8>>, at start: Int) throws -> String {
        guard let text = String(validating: UnsafeBufferPointer(rebasing: slice), as: UTF8.self) else {
            throw error("a string is not valid UTF-8", at: start)
        }
        return text
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        guard position + 1 < bytes.count else { throw error("the text ends within a string") }
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: Array(String(try unicodeEscape()).utf8))
        default: throw error("unknown escape in a string", at: position - 2)
        }
    }

    /// The scalar of `\uXXXX` or of a surrogate pair; U+FFFD for half a pair, as a Swift string cannot hold one.
    private mutating func unicodeEscape() throws -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let next = position
        if (0xD800 ..< 0xDC00).contains(first), position + 6 <= bytes.count, take("\\"), take("u") {
            let second = try hexadecimal()
            if (0xDC00 ..< 0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
        }
        position = next
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() throws -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("the text ends within an escape") }
        var value: UInt32 = 0
        for _ in 0 ..< 4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw error("expected four hexadecimal digits after \\u")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func number() throws -> JSON {
        let start = position
        let isNegative = take("-")
        if isNegative, peek == UInt8(ascii: "I") { return try word("Infinity", .double(-.infinity)) }
        let integerDigits = skipDigits()
        guard integerDigits > 0 else { throw error("expected a value", at: start) }
        if integerDigits > 1, bytes[position - integerDigits] == UInt8(ascii: "0") {
            throw error("a number must not begin with 0", at: start)
        }
        var isInteger = true
        if take(".") {
            isInteger = false
            guard skipDigits() > 0 else { throw error("expected a digit after the decimal point") }
        }
        if take("e") || take("E") {
            isInteger = false
            _ = take("+") || take("-")
            guard skipDigits() > 0 else { throw error("expected a digit in the exponent") }
        }
        let text = String(decoding: bytes[start ..< position], as: UTF8.self)
        if isInteger { return Int(text).map(JSON.int) ?? .largeInt(text) }
        guard let value = Double(text) else { throw error("expected a number", at: start) }
        return .double(value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek, byte &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws -> JSON {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, word.withUTF8Buffer({ bytes[position ..< end].elementsEqual($0) }) else {
            throw error("expected a value")
        }
        position = end
        return value
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func error(_ message: String, at place: Int? = nil) -> JSONError {
        let before = bytes[..<(place ?? position)]
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSONError(message: message, line: line, column: before.endIndex - lineStart + 1)
    }
}
