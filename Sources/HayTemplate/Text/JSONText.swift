import HayJSON

/// Writes values as Python's `json.dumps` does.
struct JSONText {
    private var text = ""
    private var isASCII = false
    private var indent: String?
    private var separator = ", "
    private var colon = ": "
    private var sortsKeys = false
    private let maximumSize: Int

    /// The filter `tojson` with the options that Hugging Face gives it.
    static func filter(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        var writer = JSONText(maximumSize: interpreter.limits.outputSize)
        if !arguments.isEmpty {
            let values = try arguments.bind("tojson", ["ensure_ascii", "indent", "separators", "sort_keys"])
            writer.isASCII = values[0]?.isTrue ?? false
            writer.sortsKeys = values[3]?.isTrue ?? false
            if let indent = values[1], !indent.isNull {
                if let text = indent.text {
                    writer.indent = text
                } else {
                    writer.indent = try interpreter.padded("", .left, width: try indent.integerArgument())
                }
                writer.separator = ","
            }
            if let separators = values[2], !separators.isNull {
                let parts = try interpreter.elements(separators)
                guard parts.count == 2 else { throw TemplateError.value("separators must be two strings") }
                writer.separator = try parts[0].textArgument("separators")
                writer.colon = try parts[1].textArgument("separators")
            }
        }
        try writer.write(value, level: 0)
        return .string(try interpreter.charged(writer.text))
    }

    private init(maximumSize: Int) { self.maximumSize = maximumSize }

    private mutating func write(_ value: Value, level: Int) throws {
        if text.utf8.count > maximumSize {
            throw TemplateError.limit("the JSON text is longer than \(maximumSize) bytes")
        }
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .float(let value): text += JSONText.number(value)
        case .string(let string), .markup(let string): write(string)
        case .list(let elements), .tuple(let elements): try write(elements.items, level: level)
        case .dict(let dict): try write(dict, level: level)
        case .object(let object as Group): try write(object.items, level: level)
        case .object(let integer as LargeInteger): text += integer.digits
        default: throw TemplateError.type("Object of type \(value.typeName) is not JSON serializable")
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : value.pythonDescription
    }

    private mutating func write(_ items: [Value], level: Int) throws {
        if items.isEmpty {
            text += "[]"
            return
        }
        text += "["
        for (index, item) in items.enumerated() {
            if index > 0 { text += separator }
            breakLine(level: level + 1)
            try write(item, level: level + 1)
        }
        breakLine(level: level)
        text += "]"
    }

    private mutating func write(_ dict: Dict, level: Int) throws {
        if dict.count == 0 {
            text += "{}"
            return
        }
        var order = Array(0 ..< dict.count)
        if sortsKeys { try order.sort { try dict.keys[$0].isLess(than: dict.keys[$1]) } }
        text += "{"
        for (count, index) in order.enumerated() {
            if count > 0 { text += separator }
            breakLine(level: level + 1)
            write(try JSONText.key(dict.keys[index]))
            text += colon
            try write(dict.values[index], level: level + 1)
        }
        breakLine(level: level)
        text += "}"
    }

    private static func key(_ key: Value) throws -> String {
        switch key {
        case .string(let text), .markup(let text): text
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .float(let value): number(value)
        case .object(let integer as LargeInteger): integer.digits
        default:
            throw TemplateError.type("keys must be str, int, float, bool or None, not \(key.typeName)")
        }
    }

    private mutating func breakLine(level: Int) {
        guard let indent else { return }
        text += "\n"
        for _ in 0 ..< level { text += indent }
    }

    private mutating func write(_ string: String) {
        text += "\""
        if string.withBytes({ bytes in bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C } }) {
            text += string
        } else {
            for scalar in string.unicodeScalars { text.appendJSON(scalar, ascii: isASCII) }
        }
        text += "\""
    }
}
