extension JSON: CustomStringConvertible {
    /// The value as compact JSON text: `{"a":1}`.
    public var description: String { text() }

    /// The value as JSON text.
    ///
    /// - Parameters:
    ///   - spaced: a space after `:` and `,`, as Python's `json.dumps` writes by default.
    ///   - ascii: every scalar above U+007F as a `\u` escape.
    public func text(spaced: Bool = false, ascii: Bool = false) -> String {
        var writer = JSONWriter(separator: spaced ? ", " : ",", colon: spaced ? ": " : ":", ascii: ascii)
        writer.write(self)
        return writer.text
    }
}

extension JSON.Object: CustomStringConvertible {
    /// The object as compact JSON text: `{"a":1}`.
    public var description: String { JSON.object(self).text() }
}

private struct JSONWriter {
    let separator: String
    let colon: String
    let ascii: Bool
    var text = ""

    mutating func write(_ value: JSON) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .largeInt(let digits): text += digits
        case .double(let value): text += JSONWriter.number(value)
        case .string(let value): write(value)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += separator }
                write(element)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, (key, value)) in members.enumerated() {
                if index > 0 { text += separator }
                write(key)
                text += colon
                write(value)
            }
            text += "}"
        }
    }

    /// Not-a-number and the infinities have no JSON; they are written as Python writes them.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value.description
    }

    private mutating func write(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars { text.appendJSON(scalar, ascii: ascii) }
        text += "\""
    }
}

extension String {
    /// Adds a scalar as it stands within a JSON string: as itself, or as an escape where it has to be one.
    ///
    /// - Parameter ascii: whether every scalar above U+007E is an escape, as with Python's `ensure_ascii`.
    public mutating func appendJSON(_ scalar: Unicode.Scalar, ascii: Bool) {
        switch scalar {
        case "\"": self += "\\\""
        case "\\": self += "\\\\"
        case "\n": self += "\\n"
        case "\r": self += "\\r"
        case "\t": self += "\\t"
        case "\u{08}": self += "\\b"
        case "\u{0C}": self += "\\f"
        case _ where scalar.value < 0x20 || (ascii && scalar.value > 0x7E):
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                self += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        default: unicodeScalars.append(scalar)
        }
    }
}
