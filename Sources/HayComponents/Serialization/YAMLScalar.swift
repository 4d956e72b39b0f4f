import HayJSON

/// What an unquoted YAML text stands for, by the rules of YAML 1.1 that Haystack's files are read with.
///
/// Dates stay texts. Source: https://yaml.org/type, with the changes that PyYAML makes: a float has a point, and a
/// number in its exponent has a sign.
enum YAMLScalar {
    /// The value of an unquoted text.
    static func value(_ text: String) -> JSON {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
        default: return number(text) ?? .string(text)
        }
    }

    /// Whether a text would be read as something else, here or by another reader, if it stood without quotes.
    static func needsQuotes(_ text: String) -> Bool {
        guard value(text) == .string(text), text != "=", text != "<<" else { return true }
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return false }
        return text.utf8.allSatisfy("+-.0123456789_:xXoOabcdefABCDEFTZ ".utf8.contains)
    }

    private static func number(_ text: String) -> JSON? {
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        let unsigned = isNegative || first == UInt8(ascii: "+") ? text.dropFirst() : text[...]
        switch unsigned {
        case ".inf", ".Inf", ".INF": return .double(isNegative ? -.infinity : .infinity)
        case ".nan", ".NaN", ".NAN": return unsigned.startIndex == text.startIndex ? .double(.nan) : nil
        default: break
        }
        // A float that begins with its point has no sign.
        if unsigned.first == ".", unsigned.startIndex != text.startIndex { return nil }
        return integer(unsigned, isNegative) ?? parts(unsigned, isNegative) ?? float(unsigned, isNegative)
    }

    private static func integer(_ text: Substring, _ isNegative: Bool) -> JSON? {
        let (digits, radix) =
            text.hasPrefix("0b")
            ? (text.dropFirst(2), 2)
            : text.hasPrefix("0x")
                ? (text.dropFirst(2), 16) : text.count > 1 && text.first == "0" ? (text, 8) : (text, 10)
        guard let first = digits.utf8.first, radix != 10 || first != UInt8(ascii: "_") else { return nil }
        let plain = String(digits.filter { $0 != "_" })
        guard !plain.isEmpty, plain.utf8.allSatisfy({ isDigit($0, radix) }) else { return nil }
        if let value = Int((isNegative ? "-" : "") + plain, radix: radix) { return .int(value) }
        return radix == 10 ? .largeInt((isNegative ? "-" : "") + plain) : nil
    }

    private static func isDigit(_ byte: UInt8, _ radix: Int) -> Bool {
        guard byte < 0x80, let value = Character(Unicode.Scalar(byte)).hexDigitValue else { return false }
        return value < radix
    }

    /// Hours, minutes and seconds, or as many parts as there are: `1:30` is 90.
    private static func parts(_ text: Substring, _ isNegative: Bool) -> JSON? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return nil }
        let fraction = last.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isFloat = fraction.count == 2
        guard let firstDigit = first.utf8.first, isDigit(firstDigit, 10), isFloat || firstDigit != UInt8(ascii: "0")
        else { return nil }
        var total = 0
        for (index, part) in parts.enumerated() {
            let text = index == parts.count - 1 ? fraction[0] : part
            let digits = index == 0 ? text.filter { $0 != "_" } : String(text)
            guard digits.utf8.allSatisfy({ isDigit($0, 10) }), let value = Int(digits),
                index == 0 || (digits.utf8.count <= 2 && value < 60)
            else { return nil }
            let (product, overflows) = total.multipliedReportingOverflow(by: 60)
            let (sum, carries) = product.addingReportingOverflow(value)
            guard !overflows, !carries else { return nil }
            total = sum
        }
        guard isFloat else { return .int(isNegative ? -total : total) }
        let digits = fraction[1].filter { $0 != "_" }
        guard digits.utf8.allSatisfy({ isDigit($0, 10) }), let rest = Double("0.\(digits)0") else { return nil }
        return .double((Double(total) + rest) * (isNegative ? -1 : 1))
    }

    private static func float(_ text: Substring, _ isNegative: Bool) -> JSON? {
        guard let point = text.firstIndex(of: "."), text.first != "_" else { return nil }
        let whole = text[..<point].filter { $0 != "_" }
        let rest = text[text.index(after: point)...]
        let exponentStart = rest.firstIndex { $0 == "e" || $0 == "E" } ?? rest.endIndex
        let fraction = rest[..<exponentStart].filter { $0 != "_" }
        guard whole.utf8.allSatisfy({ isDigit($0, 10) }), fraction.utf8.allSatisfy({ isDigit($0, 10) }) else {
            return nil
        }
        // Without digits before the point, one has to follow it.
        if whole.isEmpty, rest.utf8.first.map({ isDigit($0, 10) }) != true { return nil }
        var exponent = ""
        if exponentStart < rest.endIndex {
            let part = rest[exponentStart...].dropFirst()
            guard let sign = part.first, sign == "+" || sign == "-" else { return nil }
            guard part.utf8.count > 1, part.utf8.dropFirst().allSatisfy({ isDigit($0, 10) }) else { return nil }
            exponent = "e\(part)"
        }
        guard let value = Double("\(whole.isEmpty ? "0" : whole).\(fraction)0\(exponent)") else { return nil }
        return .double(isNegative ? -value : value)
    }
}
