/// The methods of `int` and `float`.
enum NumberMethod: String {
    case as_integer_ratio, bit_count, bit_length, conjugate, from_bytes, fromhex, hex, is_integer, to_bytes

    /// Whether a number of that type has the method.
    func belongs(to value: Value) -> Bool {
        switch self {
        case .as_integer_ratio, .conjugate: true
        case .bit_count, .bit_length, .from_bytes, .to_bytes: value.integer != nil
        case .fromhex, .hex, .is_integer: value.integer == nil
        }
    }
}

extension Interpreter {
    func call(_ method: NumberMethod, on value: Value, _ arguments: Arguments) throws -> Value {
        switch method {
        case .to_bytes: return try bytes(of: value.integer ?? 0, arguments)
        case .from_bytes: return .int(try integer(ofBytes: arguments))
        case .fromhex:
            let text = try arguments.positional("fromhex", 1 ... 1)[0].textArgument("fromhex()")
            try step(text.utf8.count >> 3)
            return .float(try NumberMethod.float(ofHexadecimal: text))
        default: break
        }
        _ = try arguments.positional(method.rawValue, 0 ... 0)
        let integer = value.integer ?? 0
        let number = value.number ?? 0
        switch method {
        case .bit_count: return .int(integer.magnitude.nonzeroBitCount)
        case .bit_length: return .int(UInt.bitWidth - integer.magnitude.leadingZeroBitCount)
        case .conjugate: return value.integer.map { .int($0) } ?? value
        case .hex: return .string(NumberMethod.hexadecimal(number))
        case .is_integer: return .bool(number.isFinite && number.rounded() == number)
        default: return .tuple(try value.integer.map { [.int($0), .int(1)] } ?? ratio(number))
        }
    }

    /// A float as a fraction in lowest terms.
    private func ratio(_ number: Double) throws -> [Value] {
        guard number.isFinite else { throw TemplateError.value("cannot convert \(number) to integer ratio") }
        var (numerator, denominator) = (number, 1)
        while numerator.rounded() != numerator {
            numerator *= 2
            denominator = try checked(denominator.multipliedReportingOverflow(by: 2))
        }
        guard let integer = Int(exactly: numerator) else { throw LargeInteger.error }
        return [.int(integer), .int(denominator)]
    }

    private func isLittle(_ order: Value?) throws -> Bool {
        switch try order?.textArgument("byteorder") ?? "big" {
        case "big": return false
        case "little": return true
        default: throw TemplateError.value("byteorder must be either 'little' or 'big'")
        }
    }

    private func bytes(of integer: Int, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("to_bytes", ["length", "byteorder", "signed"])
        let count = try values[0]?.integerArgument() ?? 1
        let isSigned = values[2]?.isTrue ?? false
        guard count >= 0 else { throw TemplateError.value("length argument must be non-negative") }
        guard integer >= 0 || isSigned else { throw TemplateError.arithmetic("can't convert negative int to unsigned") }
        let magnitude = integer < 0 ? ~integer : integer
        let bitCount = Int.bitWidth - magnitude.leadingZeroBitCount + (isSigned ? 1 : 0)
        guard integer == 0 || bitCount <= min(count, 16) * 8 else {
            throw TemplateError.arithmetic("int too big to convert")
        }
        try charge(count)
        let little = (0 ..< count).map { UInt8(truncatingIfNeeded: integer >> min($0 * 8, Int.bitWidth - 1)) }
        return .bytes(try isLittle(values[1]) ? little : little.reversed())
    }

    private func integer(ofBytes arguments: Arguments) throws -> Int {
        let values = try arguments.bind("from_bytes", ["bytes", "byteorder", "signed"], required: 1)
        var bytes =
            try values[0]?.bytes
            ?? elements(values[0] ?? .null).map { value in
                guard let byte = UInt8(exactly: try value.integerArgument()) else {
                    throw TemplateError.value("bytes must be in range(0, 256)")
                }
                return byte
            }
        if try isLittle(values[1]) { bytes.reverse() }
        var integer = 0
        if values[2]?.isTrue ?? false, let first = bytes.first, first >= 0x80 { integer = -1 }
        for byte in bytes {
            integer = try checked(integer.multipliedReportingOverflow(by: 256)) | Int(byte)
        }
        return integer
    }
}

extension NumberMethod {
    /// Python's `float.hex`: `0x1.8000000000000p+0`.
    fileprivate static func hexadecimal(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
        let sign = number.sign == .minus ? "-" : ""
        if number == 0 { return sign + "0x0.0p+0" }
        let digits = String(number.significandBitPattern, radix: 16)
        let exponent = number.isNormal ? number.exponent : -1022
        return "\(sign)0x\(number.isNormal ? 1 : 0).\(String(repeating: "0", count: 13 - digits.count))\(digits)"
            + "p\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
    }

    /// Python's `float.fromhex`.
    fileprivate static func float(ofHexadecimal text: String) throws -> Double {
        let spaces = " \t\n\r\u{0B}\u{0C}"
        var digits = Substring(text.stripped(of: spaces).pythonLowercase)
        let isNegative = digits.utf8.first == UInt8(ascii: "-")
        if isNegative || digits.utf8.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        let isNamed = ["inf", "infinity", "nan"].contains(digits)
        if !isNamed { digits = "0x" + (digits.hasPrefix("0x") ? digits.dropFirst(2) : digits) }
        guard isNamed || isHexadecimal(digits.utf8.dropFirst(2)), let number = Double(digits) else {
            throw TemplateError.value("invalid hexadecimal floating-point string")
        }
        guard isNamed || number.isFinite else {
            throw TemplateError.arithmetic("hexadecimal value too large to represent as a float")
        }
        return isNegative ? -number : number
    }

    /// Whether lowercase text is hexadecimal digits with at most one point, and an exponent of decimal digits or none.
    private static func isHexadecimal(_ text: Substring.UTF8View.SubSequence) -> Bool {
        let isDigit = { (byte: UInt8) in (0x30 ... 0x39).contains(byte) }
        let parts = text.split(separator: UInt8(ascii: "p"), maxSplits: 1, omittingEmptySubsequences: false)
        let points = parts[0].count { $0 == UInt8(ascii: ".") }
        let digitCount = parts[0].count { isDigit($0) || (0x61 ... 0x66).contains($0) }
        guard points <= 1, digitCount > 0, digitCount + points == parts[0].count else { return false }
        guard parts.count > 1 else { return true }
        let isSigned = parts[1].first == UInt8(ascii: "-") || parts[1].first == UInt8(ascii: "+")
        let exponent = parts[1].dropFirst(isSigned ? 1 : 0)
        return !exponent.isEmpty && exponent.allSatisfy(isDigit)
    }
}
