/// How a value is laid out in a field: Python's format specification,
/// `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
struct FormatSpec {
    var fill: Unicode.Scalar = " "
    var alignment: Unicode.Scalar?
    var sign: Unicode.Scalar?
    /// Whether a negative number that is written as zero loses its sign.
    var dropsZeroSign = false
    var isAlternate = false
    var width = 0
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?
    /// Whether a 0 before the width asks for zeros after the sign, which texts ignore.
    private var fillsWithZeros = false

    init() {}

    init(_ text: String) throws {
        var reader = Reader(scalars: Array(text.unicodeScalars))
        let hasFill = reader.peek(1).map(Reader.alignments.contains) == true
        if hasFill {
            fill = reader.scalars[0]
            reader.index = 1
        }
        alignment = reader.take("<>^=")
        sign = reader.take("+- ")
        dropsZeroSign = reader.take("z") != nil
        isAlternate = reader.take("#") != nil
        if !hasFill, reader.take("0") != nil {
            fill = "0"
            fillsWithZeros = alignment == nil
        }
        width = try reader.number() ?? 0
        grouping = reader.take(",_")
        if grouping != nil, reader.take(",_") != nil { throw TemplateError.value("Cannot specify both ',' and '_'.") }
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
    /// The value laid out, as Python's `format` does with a specification that is not empty.
    func format(_ value: Value, _ interpreter: Interpreter) throws -> String {
        switch value {
        case .int, .bool, .float: return try laidOut(NumberText(value, self), interpreter)
        case .string(let text), .markup(let text): return try format(text, interpreter)
        default:
            if value.largeInteger != nil { throw LargeInteger.error }
            throw TemplateError.type("unsupported format string passed to \(value.typeName).__format__")
        }
    }

    private func format(_ text: String, _ interpreter: Interpreter) throws -> String {
        guard type == nil || type == "s" else { throw unknownType("str") }
        guard sign == nil else { throw TemplateError.value("Sign not allowed in string format specifier") }
        guard !dropsZeroSign, !isAlternate, grouping == nil, alignment != "=" else {
            throw TemplateError.value("'=', 'z', '#', ',' and '_' are not allowed in a string format specifier")
        }
        let part = precision.map { String(scalars: text.unicodeScalars.prefix($0)) } ?? text
        return try padded(part, alignment ?? "<", interpreter)
    }

    /// A number in its field, with zeros between sign and digits where they are asked for.
    func laidOut(_ number: NumberText, _ interpreter: Interpreter) throws -> String {
        let alignment = alignment ?? (fillsWithZeros ? "=" : ">")
        var digits = number.digits
        if !digits.isEmpty {
            let around = number.head.scalarCount + number.tail.scalarCount
            let room = alignment == "=" && fill == "0" ? max(width, around) - around : 0
            if let grouping {
                try interpreter.charge(room, of: 16)
                digits = FormatSpec.grouped(digits, grouping, by: number.groupSize, width: room)
            } else {
                digits = try interpreter.padded(digits, .right, width: room, fill: "0")
            }
        }
        let text = digits + number.tail
        guard alignment == "=" else { return try padded(number.head + text, alignment, interpreter) }
        let room = max(width, number.head.scalarCount) - number.head.scalarCount
        return number.head + (try interpreter.padded(text, .right, width: room, fill: String(fill)))
    }

    /// Digits in groups, with zeros before them until they fill a width together with what parts them.
    private static func grouped(_ digits: String, _ separator: Unicode.Scalar, by size: Int, width: Int) -> String {
        var rest = Array(digits.unicodeScalars)
        var missing = width
        var reversed: [Unicode.Scalar] = []
        while true {
            let count = min(size, max(rest.count, missing, 1))
            for _ in 0 ..< count { reversed.append(rest.popLast() ?? "0") }
            missing -= count
            guard !rest.isEmpty || missing > 0 else { return String(scalars: reversed.reversed()) }
            missing -= 1
            reversed.append(separator)
        }
    }

    private func padded(
        _ text: String, _ alignment: Unicode.Scalar, _ interpreter: Interpreter
    ) throws -> String {
        let fill = String(fill)
        switch alignment {
        case "<": return try interpreter.padded(text, .left, width: width, fill: fill)
        case "^":
            let count = text.scalarCount
            let left = max(width - count, 0) / 2
            let half = try interpreter.padded(text, .right, width: count + left, fill: fill)
            return try interpreter.padded(half, .left, width: width, fill: fill)
        default: return try interpreter.padded(text, .right, width: width, fill: fill)
        }
    }

    func unknownType(_ name: String) -> TemplateError {
        .value("Unknown format code '\(type.map { String($0) } ?? "")' for object of type '\(name)'")
    }
}
