/// Filters that make a number of a value, or print one.
enum NumberFilters {
    static let all: [String: Filter.Function] = [
        "abs": absolute, "int": integer, "float": float, "round": round, "filesizeformat": fileSize,
        "length": length, "count": length, "default": fallback, "d": fallback,
    ]

    private static func absolute(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        if case .float(let number) = value { return .float(abs(number)) }
        guard let integer = value.integer else {
            if value.largeInteger != nil { throw LargeInteger.error }
            throw TemplateError.type("bad operand type for abs(): '\(value.typeName)'")
        }
        return .int(integer < 0 ? try interpreter.checked(0.subtractingReportingOverflow(integer)) : integer)
    }

    private static func length(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        guard let length = value.length else {
            throw TemplateError.type("object of type '\(value.typeName)' has no len()")
        }
        return .int(length)
    }

    private static func fallback(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("default", ["default_value", "boolean"])
        let isReplaced = value.isUndefined || (values[1]?.isTrue == true && !value.isTrue)
        return isReplaced ? values[0] ?? .string("") : value
    }

    private static func integer(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("int", ["default", "base"])
        let base = try values[1]?.integerArgument() ?? 10
        if case .undefined(let undefined) = value { throw undefined.error }
        let text = value.text ?? value.bytes.map { ByteString($0).text }
        if let text, let number = try text.pythonInteger(base: value.text == nil ? 10 : base) { return .int(number) }
        if let integer = value.integer { return .int(integer) }
        if value.largeInteger != nil { return value }
        let number: Double? = if case .float(let number) = value { number } else { text.flatMap(\.pythonFloat) }
        if let number, let integer = Int(exactly: number.rounded(.towardZero)) { return .int(integer) }
        if let number, number.isFinite || (number.isInfinite && text == nil) { throw LargeInteger.error }
        return values[0] ?? .int(0)
    }

    private static func float(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("float", ["default"])
        if case .undefined(let undefined) = value { throw undefined.error }
        let text = value.text ?? value.bytes.map { ByteString($0).text } ?? value.largeInteger?.digits
        let number = value.number ?? text.flatMap(\.pythonFloat)
        return number.map(Value.float) ?? values[0] ?? .float(0)
    }

    private static func round(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("round", ["precision", "method"])
        let precision = min(max(try values[0]?.integerArgument() ?? 0, -1000), 1000)
        let method = try values[1]?.textArgument("round") ?? "common"
        guard ["common", "ceil", "floor"].contains(method) else {
            throw TemplateError.value("method must be common, ceil or floor")
        }
        guard let number = value.number else {
            if value.largeInteger != nil { throw LargeInteger.error }
            throw TemplateError.type("type \(value.typeName) doesn't define __round__ method")
        }
        if method == "common" {
            if let integer = value.integer {
                return .int(precision >= 0 ? integer : try roundedInteger(integer, digits: -precision))
            }
            return .float(number.rounded(toDigits: precision))
        }
        guard abs(precision) <= 300 else { throw TemplateError.arithmetic("the precision \(precision) is too large") }
        var scale = 1.0
        for _ in 0 ..< abs(precision) { scale *= 10 }
        let scaled = precision >= 0 ? number * scale : number / scale
        let whole = scaled.rounded(method == "ceil" ? .up : .down)
        guard whole.isFinite else { throw TemplateError.arithmetic("cannot convert float infinity to integer") }
        // Integers have no negative zero.
        return .float(precision >= 0 ? (whole + 0) / scale : (whole + 0) * scale)
    }

    private static func roundedInteger(_ integer: Int, digits: Int) throws -> Int {
        guard digits < 19 else { return 0 }
        var scale = 1
        for _ in 0 ..< digits { scale *= 10 }
        let (quotient, remainder) = (integer / scale, abs(integer % scale))
        let isUp = remainder > scale - remainder || (remainder == scale - remainder && quotient % 2 != 0)
        let result = (quotient + (isUp ? integer.signum() : 0)).multipliedReportingOverflow(by: scale)
        guard !result.overflow else { throw LargeInteger.error }
        return result.partialValue
    }

    private static func fileSize(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let isBinary = try arguments.bind("filesizeformat", ["binary"])[0]?.isTrue ?? false
        if value.largeInteger != nil { throw LargeInteger.error }
        guard let size = value.number ?? value.text.flatMap(\.pythonFloat) else {
            throw TemplateError.value("could not convert to float: \(try ReprWriter.text(of: value))")
        }
        let base = isBinary ? 1024.0 : 1000.0
        if size == 1 { return .string("1 Byte") }
        if size < base { return .string("\(Int(exactly: size.rounded(.towardZero)) ?? 0) Bytes") }
        var unit = base
        for prefix in ["k", "M", "G", "T", "P", "E", "Z", "Y"] {
            if size < unit * base || prefix == "Y" {
                let name = isBinary ? "\(prefix == "k" ? "K" : prefix)iB" : "\(prefix)B"
                return .string((size / unit).formatted("%.1f") + " " + name)
            }
            unit *= base
        }
        return .null
    }
}
