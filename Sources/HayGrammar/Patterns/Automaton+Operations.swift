extension Automaton {
    /// The texts that both have; nil where that needs too many states.
    func intersection(_ other: Automaton) -> Automaton? {
        var classes: [ScalarSet] = []
        var pairs: [(Int, Int)] = []
        for (left, set) in self.classes.enumerated() {
            for (right, otherSet) in other.classes.enumerated() {
                let common = set.intersection(otherSet)
                guard !common.isEmpty else { continue }
                classes.append(common)
                pairs.append((left, right))
            }
        }
        var product = Product(limit: Automaton.stateLimit)
        _ = product.id(0, 0)
        var next: [Int32] = []
        var isAccepting: [Bool] = []
        var index = 0
        while index < product.order.count {
            guard next.count <= Automaton.workLimit else { return nil }
            let (left, right) = product.order[index]
            isAccepting.append(self.isAccepting[left] && other.isAccepting[right])
            for (leftClass, rightClass) in pairs {
                let leftTarget = self.next[left * self.classes.count + leftClass]
                let rightTarget = other.next[right * other.classes.count + rightClass]
                guard leftTarget >= 0, rightTarget >= 0 else {
                    next.append(-1)
                    continue
                }
                guard let id = product.id(Int(leftTarget), Int(rightTarget)) else { return nil }
                next.append(id)
            }
            index += 1
        }
        var result = Automaton(classes: classes, next: next, isAccepting: isAccepting)
        result.trim()
        return result
    }

    /// The texts with at least `low` and at most `high` scalars; nil where that needs too many states. With more states
    /// than the goal, texts that are longer than `low` are left out.
    func bounded(_ low: Int, _ high: Int?, goal: Int) -> Automaton? {
        guard let result = bounded(low, high, states: goal) else { return nil }
        return result.isEmpty && !isEmpty ? bounded(low, high, states: Automaton.stateLimit * 9 / 10) : result
    }

    private func bounded(_ low: Int, _ high: Int?, states goal: Int) -> Automaton? {
        let lengths = lengths
        if lengths.low >= low, let high, let longest = lengths.high, longest <= high { return self }
        if lengths.low >= low, high == nil { return self }
        var cap = high ?? low
        guard low <= Automaton.stateLimit else { return nil }
        var product = Product(limit: Automaton.stateLimit)
        _ = product.id(0, 0)
        var next: [Int32] = []
        var isAccepting: [Bool] = []
        var index = 0
        while index < product.order.count {
            guard next.count <= Automaton.workLimit else { return nil }
            let (state, count) = product.order[index]
            if high != nil, count >= low, count < cap, product.order.count >= goal { cap = count }
            isAccepting.append(self.isAccepting[state] && count >= low)
            for place in 0 ..< classes.count {
                let target = self.next[state * classes.count + place]
                guard target >= 0, high == nil || count < cap else {
                    next.append(-1)
                    continue
                }
                guard let id = product.id(Int(target), min(count + 1, cap)) else { return nil }
                next.append(id)
            }
            index += 1
        }
        var result = Automaton(classes: classes, next: next, isAccepting: isAccepting)
        result.trim()
        return result
    }

    /// The texts that it does not have.
    var complement: Automaton {
        let sink = Int32(stateCount)
        let targets = next.map { $0 < 0 ? sink : $0 } + [Int32](repeating: sink, count: classes.count)
        var result = Automaton(classes: classes, next: targets, isAccepting: isAccepting.map { !$0 } + [true])
        result.trim()
        return result
    }

    /// The lengths of the shortest and of the longest text, the latter nil where there is none.
    private var lengths: (low: Int, high: Int?) {
        var low: Int?
        var level: Set<Int> = [0]
        var seen = level
        for length in 0 ... stateCount {
            if low == nil, level.contains(where: { isAccepting[$0] }) { low = length }
            var following: Set<Int> = []
            for state in level {
                for place in 0 ..< classes.count where next[state * classes.count + place] >= 0 {
                    following.insert(Int(next[state * classes.count + place]))
                }
            }
            if following.isEmpty { return (low ?? 0, length) }
            // Levels of a graph without loops end; looking for the longest text stops where it would take long.
            if low != nil, length > 400 || seen.count * length > Automaton.workLimit { return (low ?? 0, nil) }
            seen.formUnion(following)
            level = following
        }
        return (low ?? 0, nil)
    }
}

/// Pairs of states that were come upon, in that order.
private struct Product {
    let limit: Int
    private(set) var order: [(Int, Int)] = []
    private var ids: [UInt64: Int32] = [:]

    init(limit: Int) { self.limit = limit }

    mutating func id(_ left: Int, _ right: Int) -> Int32? {
        let key = UInt64(left) << 32 | UInt64(right)
        if let id = ids[key] { return id }
        guard order.count < limit else { return nil }
        ids[key] = Int32(order.count)
        order.append((left, right))
        return Int32(order.count - 1)
    }
}
