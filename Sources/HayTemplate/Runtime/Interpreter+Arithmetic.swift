#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Interpreter {
    /// Python's `+`.
    func added(_ left: Value, _ right: Value) throws -> Value {
        switch (left, right) {
        case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw undefined.error
        case (.string(let first), .string(let second)): return .string(try charged(first + second))
        case (.markup(let first), _) where right.text != nil:
            return .markup(try charged(first + right.escapedText()))
        case (.string(let first), .markup(let second)): return .markup(try charged(first.htmlEscaped + second))
        case (.list(let first), .list(let second)):
            try charge((first.items.count + second.items.count) * 16)
            return .list(first.items + second.items)
        case (.tuple(let first), .tuple(let second)):
            try charge((first.items.count + second.items.count) * 16)
            return .tuple(first.items + second.items)
        case (.object(let first as ByteString), .object(let second as ByteString)):
            try charge(first.bytes.count + second.bytes.count)
            return .bytes(first.bytes + second.bytes)
        case (.string, _), (.markup, _):
            throw TemplateError.type("can only concatenate str (not \"\(right.typeName)\") to str")
        case (.list, _), (.tuple, _):
            let type = left.typeName
            throw TemplateError.type("can only concatenate \(type) (not \"\(right.typeName)\") to \(type)")
        default:
            if let first = left.integer, let second = right.integer {
                return try .int(checked(first.addingReportingOverflow(second)))
            }
            guard let first = left.number, let second = right.number else { throw unsupported("+", left, right) }
            return .float(first + second)
        }
    }

    /// Any other operator of two values.
    func apply(_ operation: BinaryOperator, _ left: Value, _ right: Value) throws -> Value {
        if operation == .modulo, let text = left.text {
            return try PercentFormat.format(text, right, isMarkup: left.isMarkup, self)
        }
        if case .undefined(let undefined) = left { throw undefined.error }
        if case .undefined(let undefined) = right { throw undefined.error }
        if let first = left.integer, let second = right.integer { return try apply(operation, first, second) }
        if let first = left.number, let second = right.number { return try apply(operation, first, second) }
        if operation == .multiply, let count = right.integer, let repeated = try repeated(left, count) {
            return repeated
        }
        if operation == .multiply, let count = left.integer, let repeated = try repeated(right, count) {
            return repeated
        }
        throw unsupported(operation == .power ? "** or pow()" : operation.rawValue, left, right)
    }

    private func unsupported(_ symbol: String, _ left: Value, _ right: Value) -> TemplateError {
        if left.largeInteger != nil || right.largeInteger != nil { return LargeInteger.error }
        return .type("unsupported operand type(s) for \(symbol): '\(left.typeName)' and '\(right.typeName)'")
    }

    private func repeated(_ value: Value, _ count: Int) throws -> Value? {
        let count = max(count, 0)
        func charge(_ size: Int) throws {
            let (total, overflow) = size.multipliedReportingOverflow(by: count)
            try self.charge(overflow ? Int.max : total)
        }
        switch value {
        case .string(let text):
            try charge(text.utf8.count)
            return .string(text.repeated(count))
        case .markup(let text):
            try charge(text.utf8.count)
            return .markup(text.repeated(count))
        case .list(let elements):
            try charge(elements.items.count * 16)
            return .list(elements.repeated(count))
        case .tuple(let elements):
            try charge(elements.items.count * 16)
            return .tuple(elements.repeated(count))
        case .object(let object as ByteString):
            try charge(object.bytes.count)
            return .bytes(object.bytes.isEmpty ? [] : Array(repeatElement(object.bytes, count: count).joined()))
        default: return nil
        }
    }

    /// An integer operation's result; integers here have 64 bits, where Python's have as many as they need.
    func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> Int {
        guard !result.overflow else { throw LargeInteger.error }
        return result.partialValue
    }

    private func apply(_ operation: BinaryOperator, _ left: Int, _ right: Int) throws -> Value {
        switch operation {
        case .subtract: return try .int(checked(left.subtractingReportingOverflow(right)))
        case .multiply: return try .int(checked(left.multipliedReportingOverflow(by: right)))
        case .divide:
            guard right != 0 else { throw TemplateError.arithmetic("division by zero") }
            return .float(Double(left) / Double(right))
        case .floorDivide:
            guard right != 0 else { throw TemplateError.arithmetic("integer division or modulo by zero") }
            let quotient = try checked(left.dividedReportingOverflow(by: right))
            return .int(quotient * right != left && (left < 0) != (right < 0) ? quotient - 1 : quotient)
        case .modulo:
            guard right != 0 else { throw TemplateError.arithmetic("integer modulo by zero") }
            if right == -1 { return .int(0) }
            let remainder = left % right
            return .int(remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder)
        case .power: return try power(left, right)
        }
    }

    private func power(_ base: Int, _ exponent: Int) throws -> Value {
        if exponent < 0 {
            guard base != 0 else { throw TemplateError.arithmetic("0.0 cannot be raised to a negative power") }
            return .float(pow(Double(base), Double(exponent)))
        }
        if base == 0 || base == 1 { return .int(exponent == 0 ? 1 : base) }
        if base == -1 { return .int(exponent % 2 == 0 ? 1 : -1) }
        var result = 1
        for _ in 0 ..< min(exponent, 64) { result = try checked(result.multipliedReportingOverflow(by: base)) }
        return .int(result)
    }

    private func apply(_ operation: BinaryOperator, _ left: Double, _ right: Double) throws -> Value {
        switch operation {
        case .subtract: return .float(left - right)
        case .multiply: return .float(left * right)
        case .divide:
            guard right != 0 else { throw TemplateError.arithmetic("float division by zero") }
            return .float(left / right)
        case .floorDivide:
            guard right != 0 else { throw TemplateError.arithmetic("float floor division by zero") }
            return .float(floorQuotient(left, right))
        case .modulo:
            guard right != 0 else { throw TemplateError.arithmetic("float modulo") }
            return .float(remainder(left, right))
        case .power:
            if left == 0, right < 0 { throw TemplateError.arithmetic("0.0 cannot be raised to a negative power") }
            if left < 0, right.rounded() != right, right.isFinite {
                throw TemplateError.arithmetic("a negative number to a fractional power is complex")
            }
            let result = pow(left, right)
            if result.isInfinite, left.isFinite, right.isFinite {
                throw TemplateError.arithmetic("Numerical result out of range")
            }
            return .float(result)
        }
    }

    /// Python's `//` of floats: the floor of the quotient, exact where the remainder is.
    private func floorQuotient(_ left: Double, _ right: Double) -> Double {
        let remainder = fmod(left, right)
        var quotient = (left - remainder) / right
        if remainder != 0, (remainder < 0) != (right < 0) { quotient -= 1 }
        if quotient == 0 { return Double(signOf: left / right, magnitudeOf: 0) }
        let floor = quotient.rounded(.down)
        return quotient - floor > 0.5 ? floor + 1 : floor
    }

    /// Python's float remainder, which has the sign of the divisor.
    private func remainder(_ left: Double, _ right: Double) -> Double {
        let remainder = fmod(left, right)
        if remainder == 0 { return Double(signOf: right, magnitudeOf: 0) }
        return (remainder < 0) != (right < 0) ? remainder + right : remainder
    }
}

extension Elements {
    /// The elements so many times over; nothing is nothing however often.
    fileprivate func repeated(_ count: Int) -> [Value] {
        items.isEmpty ? [] : Array(repeatElement(items, count: count).joined())
    }
}

extension Value {
    var isMarkup: Bool { if case .markup = self { true } else { false } }

    /// The value's text with what HTML reserves escaped, unless it is escaped already.
    func escapedText() throws -> String {
        if case .markup(let text) = self { return text }
        return try printed().htmlEscaped
    }
}
