import HayJSON

/// A number as its decimal digits, exactly.
struct Decimal: Hashable, Sendable {
    /// Below zero; never for zero itself.
    let isNegative: Bool
    /// The digits before the point, without zeros in front: "0" where there are none.
    let whole: [UInt8]
    /// The digits after the point, without zeros at the end.
    let fraction: [UInt8]

    static let zero = Decimal(isNegative: false, digits: [], point: 0)

    /// The number of a JSON value; nil for one that is none. A float is the shortest number that reads as it.
    init?(_ json: JSON) {
        switch json {
        case .int(let value): self.init(text: String(value))
        case .largeInt(let digits): self.init(text: digits)
        case .double(let value) where value.isFinite: self.init(text: value.description)
        default: return nil
        }
    }

    /// Reads what Swift writes: digits with an optional point and exponent.
    private init?(text: String) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        let parts = text.split(whereSeparator: { $0 == "e" || $0 == "E" })
        for byte in parts[0].utf8 {
            if byte == UInt8(ascii: ".") { point = digits.count }
            if (UInt8(ascii: "0") ... UInt8(ascii: "9")).contains(byte) { digits.append(byte - UInt8(ascii: "0")) }
        }
        if parts.count > 1 {
            guard let value = Int(parts[1]), value.magnitude < 1000 else { return nil }
            exponent = value
        }
        self.init(isNegative: text.hasPrefix("-"), digits: digits, point: (point ?? digits.count) + exponent)
    }

    /// The number 0.d₁d₂… · 10^point.
    private init(isNegative: Bool, digits: [UInt8], point: Int) {
        let lead = digits.prefix { $0 == 0 }.count
        let kept = digits.dropFirst(lead)
        let point = point - lead
        let padded = [UInt8](repeating: 0, count: max(0, -point)) + kept
        let cut = max(0, point)
        let whole = Array(padded.prefix(cut)) + [UInt8](repeating: 0, count: max(0, cut - padded.count))
        var fraction = Array(padded.dropFirst(cut))
        while fraction.last == 0 { fraction.removeLast() }
        self.isNegative = isNegative && kept.contains { $0 != 0 }
        self.whole = kept.isEmpty || whole.isEmpty ? [0] : whole
        self.fraction = kept.isEmpty ? [] : fraction
    }

    /// Whether there is nothing after the point.
    var isInteger: Bool { fraction.isEmpty }

    /// The number without its sign.
    var magnitude: Decimal {
        Decimal(isNegative: false, digits: whole + fraction, point: whole.count)
    }

    /// The number with the other sign.
    var negated: Decimal { Decimal(isNegative: !isNegative, digits: whole + fraction, point: whole.count) }

    /// The remainder of an integer by a positive number.
    func remainder(by divisor: Int) -> Int {
        whole.reduce(0) { Int((UInt128($0) * 10 + UInt128($1)) % UInt128(divisor)) }
    }

    /// The digits with a point between them, as numbers are written without an exponent.
    var text: String {
        func text(_ digits: [UInt8]) -> String { String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self) }
        return (isNegative ? "-" : "") + text(whole) + (fraction.isEmpty ? "" : "." + text(fraction))
    }

    /// The digit before the point, those after it and the power of ten in scientific notation; of a number above 0.
    var scientific: (mantissa: Decimal, exponent: Int) {
        let digits = whole + fraction
        let lead = digits.prefix { $0 == 0 }.count
        return (Decimal(isNegative: false, digits: Array(digits.dropFirst(lead)), point: 1), whole.count - lead - 1)
    }

    /// The numbers that readers take a float for: its shortest decimal, and where that differs its exact value. Floats
    /// of 2^53 and more are integers, which need not be their shortest decimals.
    static func readings(of float: Double) -> [Decimal] {
        guard let shortest = Decimal(.double(float)) else { return [] }
        guard float.magnitude >= 0x1p53 else { return [shortest] }
        // The digits, the last one first.
        var digits = String(UInt64(float.significand * 0x1p52)).utf8.reversed().map { $0 - 0x30 }
        for _ in 52 ..< Int(float.exponent) {
            var carry: UInt8 = 0
            for index in digits.indices {
                let double = 2 * digits[index] + carry
                (digits[index], carry) = (double % 10, double / 10)
            }
            if carry > 0 { digits.append(carry) }
        }
        let exact = Decimal(isNegative: float < 0, digits: digits.reversed(), point: digits.count)
        return exact == shortest ? [shortest] : [shortest, exact]
    }
}

extension Decimal: Comparable {
    static func < (left: Decimal, right: Decimal) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? right.isSmaller(than: left) : left.isSmaller(than: right)
    }

    /// Whether the magnitude is smaller.
    private func isSmaller(than other: Decimal) -> Bool {
        if whole.count != other.whole.count { return whole.count < other.whole.count }
        if whole != other.whole { return whole.lexicographicallyPrecedes(other.whole) }
        return fraction.lexicographicallyPrecedes(other.fraction)
    }
}
