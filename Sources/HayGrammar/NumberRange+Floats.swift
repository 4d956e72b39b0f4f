extension NumberRange {
    /// Powers of ten that are written. Below the least one readers take every number for zero.
    private static let exponents = -999 ... 308
    /// The least number above 0 that is written without an exponent.
    private static let leastDecimal = Decimal(.double(1e-40))

    /// Reads a number without a sign that has a point or an exponent. The lower bound is there and not negative. False
    /// where that needs too many states.
    func readFloats(_ from: Int, _ to: Int, _ network: inout Network, _ characters: inout CharacterRules) -> Bool {
        guard let low, let least = NumberRange.float(above: low),
            let most = NumberRange.float(
                below: high ?? Bound(value: .greatestFloat)), least <= most
        else { return true }
        var floats = NumberRange(
            low: Bound(value: least), high: Bound(value: most))
        guard floats.readScientific(from, to, &network, &characters) else { return false }
        if low == .zero, high == nil {
            guard NumberRange.readUnnormalized(from, to, &network, &characters) else { return false }
        }
        if low.isExclusive, low.value == .zero, let least = NumberRange.leastDecimal {
            floats.raise(to: Bound(value: least))
        }
        let whole = Expression.choice([
            .text("0"),
            .sequence([NumberRange.positive, .repetition(NumberRange.digit, 0, NumberRange.pointLimit - 1)]),
        ])
        guard let decimals = floats.magnitude(.sequence([whole, NumberRange.fraction])) else { return false }
        network.read(decimals, from: from, to: to, isQuoted: false, &characters)
        return true
    }

    /// The least float that readers take for a number which a lower bound allows; nil for none.
    private static func float(above bound: Bound) -> Decimal? {
        guard var float = Double(bound.value.text) else { return nil }
        while float.isFinite {
            let readings = bound.isFloat ? [Decimal(.double(float)) ?? .zero] : Decimal.readings(of: float)
            if readings.allSatisfy({ $0 > bound.value || $0 == bound.value && !bound.isExclusive }) {
                return readings.max()
            }
            float = float.nextUp
        }
        return nil
    }

    /// The largest float that readers take for a number which an upper bound allows; nil for none.
    private static func float(below bound: Bound) -> Decimal? {
        guard var float = Double(bound.value.text) else { return nil }
        float = min(float, .greatestFiniteMagnitude)
        while float >= 0 {
            let readings = bound.isFloat ? [Decimal(.double(float)) ?? .zero] : Decimal.readings(of: float)
            if readings.allSatisfy({ $0 < bound.value || $0 == bound.value && !bound.isExclusive }) {
                return readings.min()
            }
            float = float.nextDown
        }
        return nil
    }

    /// Reads numbers with an exponent and one digit before the point, which is not 0. Both bounds are there, inclusive.
    private func readScientific(
        _ from: Int, _ to: Int, _ network: inout Network, _ characters: inout CharacterRules
    ) -> Bool {
        guard let low = low?.value, let high = high?.value, high > .zero else { return true }
        let last = high.scientific
        var first: (mantissa: Decimal?, exponent: Int) = (nil, NumberRange.exponents.lowerBound)
        if low > .zero { first = low.scientific }
        func read(_ low: Decimal?, _ high: Decimal?, _ exponents: ClosedRange<Int>) -> Bool {
            let mantissas = NumberRange(
                low: low.map { Bound(value: $0) },
                high: high.map { Bound(value: $0) })
            let expression = Expression.sequence([NumberRange.positive, .optional(NumberRange.fraction)])
            guard let automaton = mantissas.magnitude(expression) else { return false }
            return NumberRange.read(automaton, exponents, from, to, &network, &characters)
        }
        if first.exponent == last.exponent {
            return read(first.mantissa, last.mantissa, last.exponent ... last.exponent)
        }
        guard read(first.mantissa, nil, first.exponent ... first.exponent),
            read(nil, last.mantissa, last.exponent ... last.exponent)
        else { return false }
        guard first.exponent + 1 < last.exponent else { return true }
        return read(nil, nil, first.exponent + 1 ... last.exponent - 1)
    }

    /// Reads numbers with an exponent and several digits before the point, or a 0 there.
    private static func readUnnormalized(
        _ from: Int, _ to: Int, _ network: inout Network, _ characters: inout CharacterRules
    ) -> Bool {
        let whole = Expression.sequence([positive, .repetition(digit, 1, pointLimit - 1)])
        guard let several = Automaton(.sequence([whole, .optional(fraction)])),
            let zero = Automaton(.sequence([.text("0"), .optional(fraction)]))
        else { return false }
        let limit = exponents.upperBound - pointLimit
        return read(several, exponents.lowerBound ... limit, from, to, &network, &characters)
            && read(zero, exponents, from, to, &network, &characters)
    }

    /// Reads one of some numbers and an exponent after it.
    private static func read(
        _ mantissa: Automaton, _ exponents: ClosedRange<Int>, _ from: Int, _ to: Int, _ network: inout Network,
        _ characters: inout CharacterRules
    ) -> Bool {
        let (mark, sign) = (network.addState(), network.addState())
        network.read(mantissa, from: from, to: mark, isQuoted: false, &characters)
        for letter in [UInt8(ascii: "e"), UInt8(ascii: "E")] { network.step(mark, letter ... letter, sign) }
        func readDigits(_ place: Int, _ range: ClosedRange<Int>) -> Bool {
            func bound(_ value: Int) -> Bound? { Decimal(.int(value)).map { Bound(value: $0) } }
            let values = NumberRange(low: bound(range.lowerBound), high: bound(range.upperBound))
            guard let digits = values.magnitude(.sequence([positive, .repetition(digit, 0, 2)])) else { return false }
            let zero = network.after(place, [0x30])
            for start in [place, zero, network.after(zero, [0x30])] {
                if range.contains(0), start != place { network.jump(start, to) }
                network.read(digits, from: start, to: to, isQuoted: false, &characters)
            }
            return true
        }
        if exponents.upperBound >= 0 {
            let plus = network.after(sign, [UInt8(ascii: "+")])
            network.jump(sign, plus)
            guard readDigits(plus, max(0, exponents.lowerBound) ... exponents.upperBound) else { return false }
        }
        guard exponents.lowerBound <= 0 else { return true }
        return readDigits(
            network.after(sign, [UInt8(ascii: "-")]), max(0, -exponents.upperBound) ... -exponents.lowerBound)
    }
}

extension Decimal {
    /// The largest number that 64-bit floats hold, as its shortest decimal.
    fileprivate static let greatestFloat = Decimal(.double(.greatestFiniteMagnitude)) ?? .zero
}
