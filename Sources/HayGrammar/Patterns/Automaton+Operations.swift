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

    /// The texts with at least `low` and at most `high` scalars; nil where that needs too many states.
    func bounded(_ low: Int, _ high: Int?) -> Automaton? {
        let (shortest, longest) = lengths
        // How many scalars came before a state counts only while that matters to what may follow.
        let uncounted = Int(UInt32.max)
        func key(_ state: Int, _ count: Int) -> Int? {
            guard let least = shortest[state], high.map({ least <= $0 - count }) ?? true else { return nil }
            if let most = longest[state], most < low - count { return nil }
            let isLongEnough = least >= low - count
            if high == nil { return isLongEnough ? uncounted : count }
            guard let high, let most = longest[state], most <= high - count, isLongEnough else { return count }
            return uncounted
        }
        var product = Product(limit: Automaton.boundedLimit)
        guard low <= Automaton.boundedLimit, let start = key(0, 0) else {
            return low <= Automaton.boundedLimit ? Automaton(.choice([])) : nil
        }
        _ = product.id(0, start)
        var next: [Int32] = []
        var isAccepting: [Bool] = []
        var index = 0
        while index < product.order.count {
            guard next.count <= Automaton.workLimit else { return nil }
            let (state, count) = product.order[index]
            isAccepting.append(self.isAccepting[state] && count >= low)
            for place in 0 ..< classes.count {
                let target = Int(self.next[state * classes.count + place])
                guard target >= 0, let count = count == uncounted ? count : key(target, count + 1) else {
                    next.append(-1)
                    continue
                }
                guard let id = product.id(target, count) else { return nil }
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

    /// How many scalars may follow each state at least, nil where no text ends, and at most, nil where there is no limit
    /// or no text ends.
    private var lengths: (shortest: [Int?], longest: [Int?]) {
        var sources = [[Int]](repeating: [], count: stateCount)
        var pending = [Int](repeating: 0, count: stateCount)
        for state in 0 ..< stateCount {
            let targets = Set(next[state * classes.count ..< (state + 1) * classes.count].filter { $0 >= 0 })
            for target in targets { sources[Int(target)].append(state) }
            pending[state] = targets.count
        }
        var shortest: [Int?] = isAccepting.map { $0 ? 0 : nil }
        var queue = isAccepting.indices.filter { isAccepting[$0] }
        var index = 0
        while index < queue.count {
            let state = queue[index]
            for source in sources[state] where shortest[source] == nil {
                shortest[source] = shortest[state].map { $0 + 1 }
                queue.append(source)
            }
            index += 1
        }
        // From the states that nothing follows backwards; those on loops are never reached.
        var longest = [Int?](repeating: nil, count: stateCount)
        var depth = [Int](repeating: 0, count: stateCount)
        var settled = pending.indices.filter { pending[$0] == 0 && isAccepting[$0] }
        while let state = settled.popLast() {
            longest[state] = depth[state]
            for source in sources[state] {
                depth[source] = max(depth[source], depth[state] + 1)
                pending[source] -= 1
                if pending[source] == 0 { settled.append(source) }
            }
        }
        return (shortest, longest)
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
