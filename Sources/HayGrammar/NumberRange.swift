/// The numbers between two bounds, as texts that JSON readers take for the same number that is written: at most 15
/// digits, which a 64-bit float holds.
struct NumberRange: Hashable, Sendable {
    /// The most digits that are written.
    static let digitLimit = 15
    /// The largest divisor that is followed along a number's digits.
    static let multipleLimit = 1000

    /// An end of the range.
    struct Bound: Hashable, Sendable {
        var value: Decimal
        var isExclusive: Bool
    }

    var low: Bound?
    var high: Bound?
    /// What numbers are integer multiples of; the largest integer for what is larger still.
    var multiple = 1

    init() {}

    /// Narrows the range from below.
    mutating func raise(to bound: Bound) {
        guard let low else { return low = bound }
        if bound.value > low.value || bound.value == low.value && bound.isExclusive { self.low = bound }
    }

    /// Narrows the range from above.
    mutating func lower(to bound: Bound) {
        guard let high else { return high = bound }
        if bound.value < high.value || bound.value == high.value && bound.isExclusive { self.high = bound }
    }

    func contains(_ number: Decimal) -> Bool {
        if let low, number < low.value || low.isExclusive && number == low.value { return false }
        if let high, number > high.value || high.isExclusive && number == high.value { return false }
        if multiple == .max { return number == .zero }
        return multiple == 1 || number.isInteger && number.remainder(by: multiple) == 0
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
        if isEmpty { return true }
        if low == nil, high == nil, multiple == 1 {
            guard let automaton = Automaton(isInteger ? NumberRange.anyInteger : NumberRange.anyNumber) else {
                return false
            }
            network.read(automaton, from: from, to: to, isQuoted: false, &characters)
            return true
        }
        let zero = Bound(value: .zero, isExclusive: false)
        if high.map({ $0.value > .zero || $0.value == .zero && !$0.isExclusive }) ?? true {
            var positive = self
            positive.raise(to: zero)
            guard positive.readMagnitude(isInteger, from, to, &network, &characters) else { return false }
        }
        if low.map({ $0.value < .zero }) ?? true {
            var negative = NumberRange()
            negative.multiple = multiple
            negative.low = high.map { Bound(value: $0.value.negated, isExclusive: $0.isExclusive) }
            negative.high = low.map { Bound(value: $0.value.negated, isExclusive: $0.isExclusive) }
            negative.raise(to: Bound(value: .zero, isExclusive: true))
            let digits = network.after(from, [UInt8(ascii: "-")])
            guard negative.readMagnitude(isInteger, digits, to, &network, &characters) else { return false }
        }
        return true
    }

    /// Reads a number without a sign. The lower bound is there and not negative.
    private func readMagnitude(
        _ isInteger: Bool, _ from: Int, _ to: Int, _ network: inout Network, _ characters: inout CharacterRules
    ) -> Bool {
        var parts = [isInteger || multiple > 1 ? NumberRange.integerMagnitude : NumberRange.magnitude]
        if let low {
            guard low.value.whole.count <= NumberRange.digitLimit else { return true }
            parts.append(NumberRange.atLeast(NumberRange.inner(low, away: true)))
        }
        if let high, high.value.isNegative { return true }
        if let high, high.value.whole.count <= NumberRange.digitLimit {
            parts.append(NumberRange.atMost(NumberRange.inner(high, away: false)))
        }
        guard var automaton = Automaton(parts[0]) else { return false }
        for part in parts.dropFirst() {
            guard let next = Automaton(part), let both = automaton.intersection(next) else { return false }
            automaton = both
        }
        if multiple > 1 {
            guard let both = automaton.intersection(NumberRange.multiples(of: multiple)) else { return false }
            automaton = both
        }
        network.read(automaton, from: from, to: to, isQuoted: false, &characters)
        return true
    }

    /// A bound with no more digits than are written, moved into the range where it has more.
    private static func inner(_ bound: Bound, away: Bool) -> Bound {
        let rounded = bound.value.rounded(digits: digitLimit, away: away)
        return Bound(value: rounded, isExclusive: bound.isExclusive && rounded == bound.value)
    }
}

extension NumberRange {
    private static let digit = Expression.set(ScalarSet([0x30 ... 0x39]))
    private static let positive = Expression.set(ScalarSet([0x31 ... 0x39]))
    private static let digits = Expression.repetition(digit, 0, nil)

    private static func exactly(_ digit: UInt8) -> Expression { between(digit, digit) }

    private static func between(_ low: UInt8, _ high: UInt8) -> Expression {
        .set(ScalarSet([0x30 + UInt32(low) ... 0x30 + UInt32(high)]))
    }

    private static let integerMagnitude = Expression.choice([
        exactly(0), .sequence([positive, .repetition(digit, 0, digitLimit - 1)]),
    ])

    private static let magnitude = Expression.choice(
        [.sequence([exactly(0), .optional(.sequence([.text("."), .repetition(digit, 1, digitLimit)]))])]
            + (1 ... digitLimit).map { count in
                let whole = Expression.sequence([positive, .repetition(digit, count - 1, count - 1)])
                guard count < digitLimit else { return whole }
                let fraction = Expression.repetition(digit, 1, digitLimit - count)
                return .sequence([whole, .optional(.sequence([.text("."), fraction]))])
            })

    private static let anyInteger = Expression.choice([
        exactly(0), .sequence([.optional(.text("-")), positive, .repetition(digit, 0, digitLimit - 1)]),
    ])

    private static let anyNumber = Expression.sequence([
        .optional(.text("-")), magnitude,
        .optional(.sequence([.set(ScalarSet("eE")), .optional(.set(ScalarSet("+-"))), .repetition(digit, 1, 2)])),
    ])

    private static let anyFraction = Expression.optional(.sequence([.text("."), digits]))
    private static let never = Expression.choice([])

    /// Numbers without sign that are a bound or above it.
    private static func atLeast(_ bound: Bound) -> Expression {
        let (whole, fraction) = (bound.value.whole, bound.value.fraction)
        // After all digits of the bound: more of them, for an exclusive one not only zeros.
        var tail = bound.isExclusive ? .sequence([.repetition(exactly(0), 0, nil), positive, digits]) : digits
        for place in fraction.reversed() {
            let larger = place < 9 ? Expression.sequence([between(place + 1, 9), digits]) : never
            tail = .choice([.sequence([exactly(place), tail]), larger])
        }
        tail = .sequence([.text("."), tail])
        if fraction.isEmpty, !bound.isExclusive { tail = .optional(tail) }
        for (index, place) in whole.enumerated().reversed() {
            let larger = place < 9 ? following(between(place + 1, 9), whole.count - 1 - index) : never
            tail = .choice([.sequence([exactly(place), tail]), larger])
        }
        return .choice([tail, .sequence([.repetition(digit, whole.count + 1, nil), anyFraction])])
    }

    /// Numbers without sign that are a bound or below it.
    private static func atMost(_ bound: Bound) -> Expression {
        let (whole, fraction) = (bound.value.whole, bound.value.fraction)
        // After all digits of the bound: zeros, where it is not exclusive.
        var tail = bound.isExclusive ? never : .repetition(exactly(0), 0, nil)
        for (index, place) in fraction.enumerated().reversed() {
            let smaller = place > 0 ? Expression.sequence([between(0, place - 1), digits]) : never
            tail = .choice([.sequence([exactly(place), tail]), smaller])
            if index > 0 { tail = .optional(tail) }
        }
        tail = .sequence([.text("."), tail])
        if !fraction.isEmpty || !bound.isExclusive { tail = .optional(tail) }
        for (index, place) in whole.enumerated().reversed() {
            let smaller = place > 0 ? following(between(0, place - 1), whole.count - 1 - index) : never
            tail = .choice([.sequence([exactly(place), tail]), smaller])
        }
        guard whole.count > 1 else { return tail }
        return .choice([tail, .sequence([.repetition(digit, 1, whole.count - 1), anyFraction])])
    }

    /// A digit with so many after it, and any fraction.
    private static func following(_ first: Expression, _ count: Int) -> Expression {
        .sequence([first, .repetition(digit, count, count), anyFraction])
    }

    /// Digits of the multiples of a number.
    private static func multiples(of divisor: Int) -> Automaton {
        let classes = (0 ..< 10).map { ScalarSet([0x30 + $0 ... 0x30 + $0]) } + [ScalarSet([0x30 ... 0x39]).complement]
        var next: [Int32] = []
        for remainder in 0 ..< divisor {
            for digit in 0 ..< 10 { next.append(Int32((remainder * 10 + digit) % divisor)) }
            next.append(-1)
        }
        return Automaton(classes: classes, next: next, isAccepting: (0 ..< divisor).map { $0 == 0 })
    }
}
