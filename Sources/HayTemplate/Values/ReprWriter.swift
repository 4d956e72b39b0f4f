/// Writes values as Python's `repr` does.
struct ReprWriter {
    var text = ""
    /// Whether the keys of dicts are written in order.
    var sortsKeys = false
    private var depth = 0
    private var isASCII = false

    static let maximumSize = 64 << 20

    static func text(of value: Value, isASCII: Bool = false) throws -> String {
        var writer = ReprWriter()
        writer.isASCII = isASCII
        try writer.write(value)
        return writer.text
    }

    mutating func write(_ value: Value) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 2 * Extent.maximum.depth else {
            throw TemplateError.limit("a value is nested deeper than \(2 * Extent.maximum.depth)")
        }
        guard text.utf8.count <= ReprWriter.maximumSize else {
            throw TemplateError.limit("a printed value is longer than \(ReprWriter.maximumSize) bytes")
        }
        switch value {
        case .unset, .undefined: text += "Undefined"
        case .null: text += "None"
        case .bool(let value): text += value ? "True" : "False"
        case .int(let value): text += String(value)
        case .float(let value): text += value.pythonDescription
        case .string(let string): text += string.pythonQuoted(isASCII: isASCII)
        case .markup(let string): text += "Markup(" + string.pythonQuoted(isASCII: isASCII) + ")"
        case .list(let elements): try write(elements.items, "[", "]")
        case .tuple(let elements): try write(elements.items, "(", elements.items.count == 1 ? ",)" : ")")
        case .dict(let dict): try write(dict)
        case .object(let object): try object.write(to: &self)
        }
    }

    private mutating func write(_ items: [Value], _ open: String, _ close: String) throws {
        text += open
        for (index, item) in items.enumerated() {
            if index > 0 { text += ", " }
            try write(item)
        }
        text += close
    }

    mutating func write(_ dict: Dict) throws {
        text += "{"
        let order = sortsKeys ? dict.sortedPositions : Array(dict.keys.indices)
        for (count, position) in order.enumerated() {
            if count > 0 { text += ", " }
            try write(dict.keys[position])
            text += ": "
            try write(dict.values[position])
        }
        text += "}"
    }
}

extension Value {
    /// Python's `str`.
    func printed() throws -> String {
        switch self {
        case .string(let text), .markup(let text): text
        case .undefined: ""
        case .int(let value): String(value)
        default: try ReprWriter.text(of: self)
        }
    }
}

extension String {
    /// Python's `repr` of the string.
    var pythonQuoted: String { pythonQuoted(isASCII: false) }

    /// Python's `ascii` or `repr` of the string.
    func pythonQuoted(isASCII: Bool) -> String {
        if withBytes({ bytes in bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x27 && $0 != 0x5C } }) {
            return "'" + self + "'"
        }
        let quote: Unicode.Scalar = unicodeScalars.contains("'") && !unicodeScalars.contains("\"") ? "\"" : "'"
        var text = String.UnicodeScalarView()
        text.append(quote)
        for scalar in unicodeScalars {
            switch scalar {
            case quote, "\\":
                text.append("\\")
                text.append(scalar)
            case "\n": text.append(contentsOf: "\\n".unicodeScalars)
            case "\r": text.append(contentsOf: "\\r".unicodeScalars)
            case "\t": text.append(contentsOf: "\\t".unicodeScalars)
            case _ where scalar.isPrintable && (scalar.isASCII || !isASCII): text.append(scalar)
            default: text.append(contentsOf: scalar.pythonEscape.unicodeScalars)
            }
        }
        text.append(quote)
        return String(text)
    }
}

extension Unicode.Scalar {
    /// `\x`, `\u` or `\U` with the scalar's number.
    var pythonEscape: String {
        let digits = String(value, radix: 16)
        let (letter, count) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: count - digits.count) + digits
    }
}
