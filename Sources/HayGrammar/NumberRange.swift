/// The numbers between two bounds, as texts.
///
/// Integers are written with as many digits as the bounds leave, and compared exactly. What has a point or an exponent is
/// a 64-bit float to most readers: its bounds are such floats, so that rounding never leads out of the range.
struct NumberRange: Hashable, Sendable {
    /// The most digits of a bound.
    static let digitLimit = 1000
    /// The largest divisor that is followed along a number's digits.
    static let multipleLimit = 1000
    /// The most digits before a point, and after it. Floats tell 17 digits apart.
    static let pointLimit = 40

    /// An end of the range.
    struct Bound: Hashable, Sendable {
        let value: Decimal
        var isExclusive = false
        /// Whether readers take it for a float, which may be another number than its decimal.
        var isFloat = false

        static let zero = Bound(value: .zero)
        var negated: Bound { Bound(value: value.negated, isExclusive: isExclusive, isFloat: isFloat) }

        /// The numbers that readers may take it for.
        var readings: [Decimal] {
            guard isFloat, let float = Double(value.text) else { return [value] }
            return Decimal.readings(of: float)
        }
    }

    var low: Bound?
    var high: Bound?
    /// What numbers are integer multiples of; nil for nothing, the largest integer for what is larger still.
    var multiple: Int?

    init(low: Bound? = nil, high: Bound? = nil) {
        self.low = low
        self.high = high
    }

    /// Narrows the range from below.
    mutating func raise(to bound: Bound) {
        guard let low else { return low = bound }
        if bound.value > low.value || bound.value == low.value && bound.isExclusive { return self.low = bound }
        if bound.value == low.value, bound.isFloat { self.low?.isFloat = true }
    }

    /// Narrows the range from above.
    mutating func lower(to bound: Bound) {
        guard let high else { return high = bound }
        if bound.value < high.value || bound.value == high.value && bound.isExclusive { return self.high = bound }
        if bound.value == high.value, bound.isFloat { self.high?.isFloat = true }
    }

    func contains(_ number: Decimal) -> Bool {
        if let low, number < low.value || low.isExclusive && number == low.value { return false }
        if let high, number > high.value || high.isExclusive && number == high.value { return false }
        guard let multiple else { return true }
        return multiple == .max ? number == .zero : number.isInteger && number.remainder(by: multiple) == 0
    }

    /// Whether no number is in both ranges, seen by their ends.
    func isApart(from other: NumberRange) -> Bool { ends(before: other) || other.ends(before: self) }

    private func ends(before other: NumberRange) -> Bool {
        guard let high, let low = other.low else { return false }
        return high.value < low.value || high.value == low.value && (high.isExclusive || low.isExclusive)
    }

    private var isEmpty: Bool { ends(before: self) }

    /// Reads a number of the range. False where that needs too many states.
    @discardableResult
    func read(
        isInteger: Bool, from: Int, to: Int, in network: inout Network, _ characters: inout CharacterRules
    ) -> Bool {
        let isInteger = isInteger || multiple != nil
        var positive = self
        positive.raise(to: .zero)
        guard positive.readMagnitude(isInteger, from, to, &network, &characters) else { return false }
        guard low.map({ $0.value < .zero }) ?? true else { return true }
        var negative = NumberRange(low: high?.negated, high: low?.negated)
        negative.multiple = multiple
        negative.raise(to: Bound(value: .zero, isExclusive: isInteger))
        let digits = network.after(from, [UInt8(ascii: "-")])
        return negative.readMagnitude(isInteger, digits, to, &network, &characters)
    }

    /// Reads a number without a sign. The lower bound is there and not negative.
    private func readMagnitude(
        _ isInteger: Bool, _ from: Int, _ to: Int, _ network: inout Network, _ characters: inout CharacterRules
    ) -> Bool {
        if isEmpty { return true }
        let bounds = NumberRange(
            low: (low?.readings.max()).map { Bound(value: $0, isExclusive: low?.isExclusive ?? false) },
            high: (high?.readings.min()).map { Bound(value: $0, isExclusive: high?.isExclusive ?? false) })
        guard var integers = bounds.magnitude(NumberRange.integer) else { return false }
        if let multiple {
            guard multiple <= NumberRange.multipleLimit,
                let both = integers.intersection(.multiples(of: multiple))
            else { return false }
            integers = both
        }
        network.read(integers, from: from, to: to, isQuoted: false, &characters)
        return isInteger || readFloats(from, to, &network, &characters)
    }

    /// The texts of an expression, numbers without a sign, that are in the range; nil where that needs too many states.
    func magnitude(_ expression: Expression) -> Automaton? {
        guard var automaton = Automaton(expression) else { return nil }
        if let low {
            let part = Automaton.numbers([.greater] + (low.isExclusive ? [] : [.equal]), than: low.value)
            guard let both = automaton.intersection(part) else { return nil }
            automaton = both
        }
        if let high {
            let part = Automaton.numbers([.less] + (high.isExclusive ? [] : [.equal]), than: high.value)
            guard let both = automaton.intersection(part) else { return nil }
            automaton = both
        }
        return automaton
    }
}

extension NumberRange {
    static let digit = Expression.set(ScalarSet([0x30 ... 0x39]))
    static let positive = Expression.set(ScalarSet([0x31 ... 0x39]))
    /// More digits than a float tells apart, and an end for models that do not stop.
    static let fraction = Expression.sequence([.text("."), .repetition(digit, 1, pointLimit)])
    private static let integer = Expression.choice([.text("0"), .sequence([positive, .repetition(digit, 0, nil)])])
}
