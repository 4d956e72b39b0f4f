/// How a value is laid out in a field: Python's format specification, `[[fill]align][sign][#][0][width][,][.n][type]`.
struct FormatSpec {
    var fill: Unicode.Scalar = " "
    var alignment: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var isAlternate = false
    var width = 0
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?

    init() {}

    init(_ text: String) throws {
        var reader = Reader(scalars: Array(text.unicodeScalars))
        if reader.peek(1).map(Reader.alignments.contains) == true {
            fill = reader.scalars[0]
            reader.index = 1
        }
        alignment = reader.take("<>^=")
        sign = reader.take("+- ") ?? "-"
        isAlternate = reader.take("#") != nil
        if reader.take("0") != nil, alignment == nil {
            fill = "0"
            alignment = "="
        }
        width = try reader.number() ?? 0
        grouping = reader.take(",_")
        if reader.take(".") != nil {
            precision = try reader.number()
            guard precision != nil else { throw TemplateError.value("Format specifier missing precision") }
        }
        type = reader.peek(0)
        guard reader.index + 1 >= reader.scalars.count else {
            throw TemplateError.value("Invalid format specifier '\(text)'")
        }
    }

    private struct Reader {
        let scalars: [Unicode.Scalar]
        var index = 0

        static let alignments: Set<Unicode.Scalar> = ["<", ">", "^", "="]

        func peek(_ offset: Int) -> Unicode.Scalar? { index + offset < scalars.count ? scalars[index + offset] : nil }

        mutating func take(_ choices: String) -> Unicode.Scalar? {
            guard let scalar = peek(0), choices.unicodeScalars.contains(scalar) else { return nil }
            index += 1
            return scalar
        }

        mutating func number() throws -> Int? {
            var digits = ""
            while let digit = take("0123456789") { digits.unicodeScalars.append(digit) }
            if digits.isEmpty { return nil }
            guard let number = Int(digits) else {
                throw TemplateError.value("Too many decimal digits in format string")
            }
            return number
        }
    }
}

extension FormatSpec {
    /// The value laid out, as Python's `format` does.
    func format(_ value: Value, _ interpreter: Interpreter) throws -> String {
        switch value {
        case .bool where type == nil && width == 0: return try value.printed()
        case .int, .bool, .float: return try format(number: value, interpreter)
        case .string(let text), .markup(let text): return try format(text, interpreter)
        default:
            if width != 0 || type != nil || precision != nil || alignment != nil {
                throw TemplateError.type("unsupported format string passed to \(value.typeName).__format__")
            }
            return try value.printed()
        }
    }

    private func format(_ text: String, _ interpreter: Interpreter) throws -> String {
        guard type == nil || type == "s" else { throw unknownType("str") }
        let part = precision.map { String(scalars: text.unicodeScalars.prefix($0)) } ?? text
        return try padded(part, sign: "", interpreter, standard: "<")
    }

    private func format(number value: Value, _ interpreter: Interpreter) throws -> String {
        let (isNegative, digits) = try self.digits(of: value)
        let sign = isNegative ? "-" : self.sign == "-" ? "" : String(self.sign)
        return try padded(digits, sign: sign, interpreter, standard: ">")
    }

    /// The sign of a number and its digits in the notation asked for.
    func digits(of value: Value) throws -> (isNegative: Bool, digits: String) {
        if let integer = value.integer, type == nil || "bcdoxXn".unicodeScalars.contains(type ?? "d") {
            guard precision == nil else {
                throw TemplateError.value("Precision not allowed in integer format specifier")
            }
            return (integer < 0, try digits(of: integer))
        }
        guard let number = value.number else { throw unknownType(value.typeName) }
        let magnitude = number.magnitude
        guard number.isFinite else {
            let name = number.isNaN ? "nan" : "inf"
            return (number < 0, type.map { $0.properties.isUppercase } == true ? name.uppercased() : name)
        }
        let precision = min(precision ?? 6, Double.maximumPrecision)
        switch type {
        case nil where self.precision == nil: return (number.sign == .minus, grouped(magnitude.pythonDescription))
        case nil: return (number.sign == .minus, grouped(general(magnitude, max(precision, 1))))
        case "f"?, "F"?: return (number.sign == .minus, grouped(magnitude.formatted("%.\(precision)f")))
        case "%"?: return (number.sign == .minus, grouped((magnitude * 100).formatted("%.\(precision)f")) + "%")
        case "e"?, "E"?, "g"?, "G"?:
            let flag = isAlternate ? "#" : ""
            let letter = type.map { String($0) } ?? "g"
            return (number.sign == .minus, grouped(magnitude.formatted("%\(flag).\(precision)\(letter)")))
        default: throw unknownType(value.typeName)
        }
    }

    /// A float with a precision but no type: as `g`, but with a digit after the point.
    private func general(_ number: Double, _ precision: Int) -> String {
        let text = number.formatted("%.\(precision)g")
        return text.contains(".") || text.contains("e") ? text : text + ".0"
    }

    private func digits(of integer: Int) throws -> String {
        let magnitude = integer.magnitude
        switch type {
        case "b"?: return (isAlternate ? "0b" : "") + String(magnitude, radix: 2)
        case "o"?: return (isAlternate ? "0o" : "") + String(magnitude, radix: 8)
        case "x"?: return (isAlternate ? "0x" : "") + String(magnitude, radix: 16)
        case "X"?: return (isAlternate ? "0X" : "") + String(magnitude, radix: 16, uppercase: true)
        case "c"?:
            guard let scalar = UInt32(exactly: integer).flatMap(Unicode.Scalar.init) else {
                throw TemplateError.arithmetic("%c arg not in range(0x110000)")
            }
            return String(scalar)
        default: return grouped(String(magnitude))
        }
    }

    private func grouped(_ digits: String) -> String {
        guard let grouping else { return digits }
        let whole = digits.prefix { $0.isNumber }
        var text = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { text.unicodeScalars.append(grouping) }
            text.append(digit)
        }
        return text + digits.dropFirst(whole.count)
    }

    private func padded(
        _ body: String, sign: String, _ interpreter: Interpreter, standard: Unicode.Scalar
    ) throws -> String {
        let fill = String(fill)
        switch alignment ?? standard {
        case "=":
            let rest = max(width, 0) - sign.count
            return sign + (try interpreter.padded(body, .right, width: rest, fill: fill))
        case "<": return try interpreter.padded(sign + body, .left, width: width, fill: fill)
        case "^":
            let text = sign + body
            let left = max(width - text.scalarCount, 0) / 2
            let half = try interpreter.padded(text, .right, width: text.scalarCount + left, fill: fill)
            return try interpreter.padded(half, .left, width: width, fill: fill)
        default: return try interpreter.padded(sign + body, .right, width: width, fill: fill)
        }
    }

    private func unknownType(_ name: String) -> TemplateError {
        .value("Unknown format code '\(type.map { String($0) } ?? "")' for object of type '\(name)'")
    }
}
