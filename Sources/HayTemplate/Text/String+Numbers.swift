extension String {
    /// What Python's `int` reads in a base, 0 taking the base from the text's prefix; nil where it reads nothing.
    /// Throws when the integer does not fit 64 bits.
    func pythonInteger(base: Int) throws -> Int? {
        var digits = Substring(stripped().withPlainDigits)
        let sign = digits.hasPrefix("-") ? "-" : ""
        if digits.hasPrefix("-") || digits.hasPrefix("+") { digits.removeFirst() }
        var radix = base
        for (prefix, value) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.lowercased().hasPrefix(prefix) {
            guard base == value || base == 0 else { continue }
            radix = value
            digits = digits.dropFirst(2)
            if digits.hasPrefix("_") { digits.removeFirst() }
            break
        }
        if radix == 0 {
            radix = 10
            if digits.hasPrefix("0"), digits.contains(where: { $0 != "0" && $0 != "_" }) { return nil }
        }
        guard (2 ... 36).contains(radix), let plain = String.withoutUnderscores(digits),
            plain.utf8.allSatisfy({ Int(String(Unicode.Scalar($0)), radix: radix) != nil })
        else { return nil }
        guard let integer = Int(sign + plain, radix: radix) else {
            throw LargeInteger.error
        }
        return integer
    }

    /// What Python's `float` reads; nil where it reads nothing.
    var pythonFloat: Double? {
        let text = stripped().withPlainDigits
        var rest = Substring(text)
        if rest.hasPrefix("-") || rest.hasPrefix("+") { rest.removeFirst() }
        if ["inf", "infinity", "nan"].contains(rest.lowercased()) { return Double(text) }
        let parts = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let numbers = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let mantissa = numbers.compactMap { $0.isEmpty ? "" : String.decimalDigits($0) }
        guard mantissa.count == numbers.count, mantissa.contains(where: { !$0.isEmpty }) else { return nil }
        var plain = (text.hasPrefix("-") ? "-0" : "0") + mantissa[0]
        if mantissa.count > 1 { plain += "." + mantissa[1] + "0" }
        if parts.count > 1 {
            var exponent = parts[1]
            let sign = exponent.hasPrefix("-") ? "-" : ""
            if exponent.hasPrefix("-") || exponent.hasPrefix("+") { exponent.removeFirst() }
            guard let digits = String.decimalDigits(exponent) else { return nil }
            plain += "e" + sign + digits
        }
        return Double(plain)
    }

    /// The text with the decimal digits of all scripts as 0 to 9.
    private var withPlainDigits: String {
        if isPlainASCII { return self }
        return String(
            scalars: unicodeScalars.map { scalar in
                guard !scalar.isASCII, scalar.isDecimal, let value = scalar.properties.numericValue else {
                    return scalar
                }
                return Unicode.Scalar(UInt8(ascii: "0") + UInt8(value))
            })
    }

    private static func decimalDigits(_ text: Substring) -> String? {
        withoutUnderscores(text).flatMap { $0.isAll(\.isDigit) ? $0 : nil }
    }

    /// The digits without underscores, which stand singly between digits; nil where there are no digits or others.
    private static func withoutUnderscores(_ digits: Substring) -> String? {
        let parts = digits.split(separator: "_", omittingEmptySubsequences: false)
        return parts.contains(where: \.isEmpty) ? nil : parts.joined()
    }
}
