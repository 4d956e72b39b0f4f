import HayJSON

extension LiteralNotation {
    /// The JSON of a value that has no quotes; nil where it is none.
    func json(ofWord bytes: [UInt8]) -> String? {
        let word = String(decoding: bytes, as: UTF8.self)
        switch word {
        case "true", "True": return "true"
        case "false", "False": return "false"
        case "null", "None": return "null"
        default: break
        }
        if let value = try? JSON.parse(word), value.double != nil { return word }
        return readsWordsAsTexts ? JSON.string(word.trimmed).text() : pythonNumber(word)
    }

    /// The JSON of a number that only Python writes so: `+5`, `.5`, `1_000`, `0x1F`; nil where it is none. `00123` is none.
    private func pythonNumber(_ word: String) -> String? {
        let sign = word.hasPrefix("-") ? "-" : ""
        let digits = word.hasPrefix("-") || word.hasPrefix("+") ? word.dropFirst() : word[...]
        let groups = digits.split(separator: "_", omittingEmptySubsequences: false)
        guard let first = digits.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+"),
            !groups.contains(where: \.isEmpty)
        else { return nil }
        let number = groups.joined()
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where number.lowercased().hasPrefix(prefix) {
            return UInt(number.dropFirst(2), radix: radix).map { "\(sign)\($0)" }
        }
        if (try? JSON.parse(number))?.double != nil { return sign + number }
        let isFloat = number.utf8.allSatisfy(\.isJSONNumberByte) && number.contains { ".eE".contains($0) }
        guard isFloat, let value = Double(number), value.isFinite else { return nil }
        return sign + JSON.double(value).text()
    }

    /// The value of a literal; nil where a text is none.
    func value(of text: String) -> JSON? {
        var reader = LiteralReader(self)
        let assignment = String(decoding: [assignment], as: UTF8.self)
        for byte in "(v\(assignment)\(text))".utf8 {
            // A bracket of the text that ends the arguments leaves a rest: then the text is no literal.
            guard !reader.isDone, reader.advance(byte) else { return nil }
        }
        guard reader.isDone, let members = (try? JSON.parse(reader.json))?.object, members.count == 1 else {
            return nil
        }
        return members.values[0]
    }
}

extension String {
    /// The text without the white space around it.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

extension [UInt8] {
    /// Adds a byte of a text to a JSON string.
    mutating func appendInString(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): self += [UInt8(ascii: "\\"), byte]
        case ..<0x20:
            let digits = Array(String(byte, radix: 16).utf8)
            self += Array("\\u00".utf8) + (digits.count == 1 ? [UInt8(ascii: "0")] : []) + digits
        default: append(byte)
        }
    }
}

extension UInt8 {
    /// Whether a name without quotes may hold it.
    var isKeyByte: Bool {
        switch self {
        case UInt8(ascii: "a") ... UInt8(ascii: "z"), UInt8(ascii: "A") ... UInt8(ascii: "Z"),
            UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }

    fileprivate var isJSONNumberByte: Bool {
        switch self {
        case UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
