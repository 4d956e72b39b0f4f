/// Python's `text % values`.
struct PercentFormat {
    private let scalars: [Unicode.Scalar]
    private let values: Value
    private let isMarkup: Bool
    private let interpreter: Interpreter
    private var index = 0
    private var used = 0

    static func format(_ text: String, _ values: Value, isMarkup: Bool, _ interpreter: Interpreter) throws -> Value {
        var format = PercentFormat(
            scalars: Array(text.unicodeScalars), values: values, isMarkup: isMarkup, interpreter: interpreter)
        let result = try interpreter.charged(try format.text())
        return isMarkup ? .markup(result) : .string(result)
    }

    private mutating func text() throws -> String {
        var text = ""
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar != "%" {
                text.unicodeScalars.append(scalar)
            } else if index < scalars.count, scalars[index] == "%" {
                index += 1
                text += "%"
            } else {
                text += try conversion()
                if text.utf8.count > interpreter.limits.outputSize {
                    throw TemplateError.limit("a formatted text is too long")
                }
            }
        }
        try checkAllUsed()
        return text
    }

    private func checkAllUsed() throws {
        switch values {
        case .tuple(let elements) where used < elements.items.count: break
        case .tuple, .dict, .list: return
        case .object: return
        default: if used > 0 { return }
        }
        throw TemplateError.type("not all arguments converted during string formatting")
    }

    private mutating func conversion() throws -> String {
        var spec = FormatSpec()
        let key = try mappingKey()
        readFlags(&spec)
        if let width = try number() {
            if width < 0 { spec.alignment = "<" }
            spec.width = Int(clamping: width.magnitude)
        }
        if index < scalars.count, scalars[index] == "." {
            index += 1
            spec.precision = max(try number() ?? 0, 0)
        }
        if index < scalars.count, "hlL".unicodeScalars.contains(scalars[index]) { index += 1 }
        guard index < scalars.count else { throw TemplateError.value("incomplete format") }
        let letter = scalars[index]
        index += 1
        return try converted(try key ?? nextValue(), letter, &spec)
    }

    private mutating func mappingKey() throws -> Value? {
        guard index < scalars.count, scalars[index] == "(" else { return nil }
        let start = index + 1
        var open = 0
        repeat {
            guard index < scalars.count else { throw TemplateError.value("incomplete format key") }
            open += scalars[index] == "(" ? 1 : scalars[index] == ")" ? -1 : 0
            index += 1
        } while open > 0
        let key = String(scalars: scalars[start ..< index - 1])
        guard case .dict(let dict) = values else { throw TemplateError.type("format requires a mapping") }
        guard let value = dict[key] else { throw TemplateError.value("KeyError: \(key.pythonQuoted)") }
        used = max(used, 1)
        return value
    }

    private mutating func readFlags(_ spec: inout FormatSpec) {
        var isZeroFilled = false
        defer {
            if isZeroFilled, spec.alignment == nil {
                spec.alignment = "="
                spec.fill = "0"
            }
        }
        while index < scalars.count {
            switch scalars[index] {
            case "-": spec.alignment = "<"
            case "+": spec.sign = "+"
            case " ": if spec.sign != "+" { spec.sign = " " }
            case "#": spec.isAlternate = true
            case "0": isZeroFilled = true
            default: return
            }
            index += 1
        }
    }

    private mutating func number() throws -> Int? {
        if index < scalars.count, scalars[index] == "*" {
            index += 1
            guard let number = try nextValue().integer else { throw TemplateError.type("* wants int") }
            return number
        }
        var digits = ""
        while index < scalars.count, scalars[index].isDigit {
            digits.unicodeScalars.append(scalars[index])
            index += 1
        }
        if digits.isEmpty { return nil }
        guard let number = Int(digits) else { throw TemplateError.value("width too big") }
        return number
    }

    private mutating func nextValue() throws -> Value {
        defer { used += 1 }
        guard case .tuple(let elements) = values else {
            guard used == 0 else { throw TemplateError.type("not enough arguments for format string") }
            return values
        }
        guard used < elements.items.count else { throw TemplateError.type("not enough arguments for format string") }
        return elements.items[used]
    }

    private func converted(_ value: Value, _ letter: Unicode.Scalar, _ spec: inout FormatSpec) throws -> String {
        switch letter {
        case "s": return try text(isMarkup ? try value.escapedText() : try value.printed(), spec)
        case "r", "a":
            let written = try ReprWriter.text(of: value, isASCII: letter == "a")
            return try text(isMarkup ? written.htmlEscaped : written, spec)
        case "c":
            spec.precision = nil
            return try text(try character(value), spec)
        case "d", "i", "u", "o", "x", "X": return try integer(value, letter, spec)
        case "e", "E", "f", "F", "g", "G":
            if case .undefined(let undefined) = value { throw undefined.error }
            guard let number = value.number else {
                throw TemplateError.type("must be real number, not \(value.typeName)")
            }
            spec.type = letter
            return try spec.laidOut(NumberText(.float(number), spec), interpreter)
        default: throw TemplateError.value("unsupported format character '\(letter)'")
        }
    }

    private func text(_ text: String, _ spec: FormatSpec) throws -> String {
        var plain = FormatSpec()
        plain.width = spec.width
        plain.precision = spec.precision
        plain.alignment = spec.alignment == "<" ? "<" : ">"
        return try plain.format(.string(text), interpreter)
    }

    private func character(_ value: Value) throws -> String {
        if let text = value.text, text.unicodeScalars.count == 1 { return text }
        guard let scalar = value.integer.flatMap({ UInt32(exactly: $0) }).flatMap(Unicode.Scalar.init) else {
            throw TemplateError.type("%c requires int or char")
        }
        return String(scalar)
    }

    private func integer(_ value: Value, _ letter: Unicode.Scalar, _ spec: FormatSpec) throws -> String {
        if case .undefined(let undefined) = value { throw undefined.error }
        var integer = value.integer
        if case .float(let number) = value, "diu".unicodeScalars.contains(letter) {
            integer = Int(exactly: number.rounded(.towardZero))
            if integer == nil { throw LargeInteger.error }
        }
        guard let integer else {
            let wanted = "diu".unicodeScalars.contains(letter) ? "a real number" : "an integer"
            throw TemplateError.type("%\(letter) format: \(wanted) is required, not \(value.typeName)")
        }
        var plain = spec
        plain.type = "oxX".unicodeScalars.contains(letter) ? letter : "d"
        plain.precision = nil
        var number = try NumberText(.int(integer), plain)
        // A precision asks for at least so many digits.
        number.digits = try interpreter.padded(number.digits, .right, width: spec.precision ?? 0, fill: "0")
        return try plain.laidOut(number, interpreter)
    }

    private init(scalars: [Unicode.Scalar], values: Value, isMarkup: Bool, interpreter: Interpreter) {
        self.scalars = scalars
        self.values = values
        self.isMarkup = isMarkup
        self.interpreter = interpreter
    }
}
