extension Automaton {
    /// How a number compares with another.
    enum Order: Int { case equal, less, greater }

    /// Digits, a point, and all other scalars.
    private static let numberClasses: [ScalarSet] =
        (0 ..< 10).map { ScalarSet([0x30 + $0 ... 0x30 + $0]) }
        + [ScalarSet([0x2E ... 0x2E]), ScalarSet([0x2E ... 0x2E, 0x30 ... 0x39]).complement]

    /// Numbers without sign, exponent and leading zeros that compare in one of some ways with a bound.
    static func numbers(_ orders: [Order], than bound: Decimal) -> Automaton {
        let (whole, fraction) = (bound.whole, bound.fraction)
        // Of each count of digits three states, which say how they compare with as many of the bound; then one of more
        // digits than it has, and those after the point.
        func state(_ count: Int, _ order: Order) -> Int { 3 * count + order.rawValue }
        let longer = 3 * whole.count + 3
        let (less, greater, equal) = (longer + 1, longer + 2, longer + 3)
        var next: [Int32] = []
        var isAccepting: [Bool] = []
        func add(_ order: Order, point: Int, _ target: (UInt8) -> Int) {
            for digit in UInt8(0) ..< 10 { next.append(Int32(target(digit))) }
            next += [Int32(point), -1]
            isAccepting.append(orders.contains(order))
        }
        func compare(_ digit: UInt8, _ other: UInt8) -> Order {
            digit == other ? .equal : digit < other ? .less : .greater
        }
        func afterPoint(_ order: Order) -> Int { order == .equal ? equal : order == .less ? less : greater }
        for count in 0 ... whole.count {
            for order in [Order.equal, .less, .greater] {
                let outcome = count < whole.count ? .less : order
                let isShort = outcome == .equal && !fraction.isEmpty
                add(isShort ? .less : outcome, point: afterPoint(outcome)) { digit in
                    guard count < whole.count else { return longer }
                    return state(count + 1, order == .equal ? compare(digit, whole[count]) : order)
                }
            }
        }
        add(.greater, point: greater) { _ in longer }
        add(.less, point: -1) { _ in less }
        add(.greater, point: -1) { _ in greater }
        for count in 0 ... fraction.count {
            add(count < fraction.count ? .less : .equal, point: -1) { digit in
                let order = compare(digit, count < fraction.count ? fraction[count] : 0)
                return order == .equal ? min(equal + count + 1, equal + fraction.count) : afterPoint(order)
            }
        }
        return Automaton(classes: numberClasses, next: next, isAccepting: isAccepting)
    }

    /// Integers without sign that are multiples of another.
    static func multiples(of divisor: Int) -> Automaton {
        var next: [Int32] = []
        for remainder in 0 ..< divisor {
            for digit in 0 ..< 10 { next.append(Int32((remainder * 10 + digit) % divisor)) }
            next += [-1, -1]
        }
        return Automaton(classes: numberClasses, next: next, isAccepting: (0 ..< divisor).map { $0 == 0 })
    }
}
