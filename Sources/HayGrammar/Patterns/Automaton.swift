/// A deterministic automaton over scalars: the texts that a regular expression has.
///
/// Every scalar belongs to one class; state 0 is the first.
struct Automaton: Sendable {
    /// The most states that an automaton may have.
    static let stateLimit = 10_000
    /// The most states where the length of texts is counted too.
    static let boundedLimit = 40_000
    /// The most steps that making one may take.
    static let workLimit = 5_000_000

    /// Scalars that no state tells apart.
    private(set) var classes: [ScalarSet]
    /// Where a state goes with a class, -1 for nowhere: `next[state * classes.count + class]`.
    private(set) var next: [Int32]
    private(set) var isAccepting: [Bool]

    var stateCount: Int { isAccepting.count }

    init(classes: [ScalarSet], next: [Int32], isAccepting: [Bool]) {
        self.classes = classes
        self.next = next
        self.isAccepting = isAccepting
    }

    /// The texts of an expression; nil where it needs too many states. Where implementations disagree what an expression
    /// means, those that it has for all of them, or if `isUpper` those that it has for any.
    init?(_ expression: Expression, isUpper: Bool = false) {
        guard let graph = PositionGraph(expression, isUpper: isUpper) else { return nil }
        let (classes, members) = Automaton.partition(graph.sets)
        self.init(classes: classes, next: [], isAccepting: [])
        guard determinise(graph, members) else { return nil }
        trim()
    }

    /// The texts that are one of some.
    init?(_ texts: [String]) { self.init(.choice(texts.map(Expression.text))) }

    /// Cuts the scalars into classes that some sets do not tell apart; and for each set, which classes it has.
    private static func partition(_ sets: [ScalarSet]) -> (classes: [ScalarSet], members: [[Int]]) {
        var cuts: Set<UInt32> = [0]
        for range in sets.flatMap(\.ranges) { cuts.formUnion([range.lowerBound, range.upperBound + 1]) }
        let sorted = cuts.filter { $0 <= 0x10FFFF }.sorted()
        var signatures = [[Int]](repeating: [], count: sorted.count)
        var places: [UInt32: Int] = [:]
        for (index, cut) in sorted.enumerated() { places[cut] = index }
        for (index, set) in sets.enumerated() {
            for range in set.ranges {
                var place = places[range.lowerBound] ?? 0
                while place < sorted.count, sorted[place] <= range.upperBound {
                    signatures[place].append(index)
                    place += 1
                }
            }
        }
        var ranges: [[Int]: [ClosedRange<UInt32>]] = [:]
        var order: [[Int]] = []
        for (index, signature) in signatures.enumerated() {
            let end = index + 1 < sorted.count ? sorted[index + 1] - 1 : 0x10FFFF
            if ranges[signature] == nil { order.append(signature) }
            ranges[signature, default: []].append(sorted[index] ... end)
        }
        var members = [[Int]](repeating: [], count: sets.count)
        var classes: [ScalarSet] = []
        for signature in order {
            for set in signature { members[set].append(classes.count) }
            classes.append(ScalarSet(ranges[signature] ?? []))
        }
        return (classes, members)
    }

    private mutating func determinise(_ graph: PositionGraph, _ members: [[Int]]) -> Bool {
        var ids: [[Int]: Int32] = [:]
        var order: [[Int]] = []
        var work = 0
        func id(of set: [Int]) -> Int32 {
            if let id = ids[set] { return id }
            ids[set] = Int32(order.count)
            order.append(set)
            return Int32(order.count - 1)
        }
        var closing = Closing(graph)
        _ = id(of: closing.close([0], atStart: true, atEnd: false))
        var index = 0
        while index < order.count {
            guard order.count <= Automaton.stateLimit, work <= Automaton.workLimit else { return false }
            let set = order[index]
            isAccepting.append(closing.close(set, atStart: index == 0, atEnd: true).contains(graph.end))
            var targets = [[Int]](repeating: [], count: classes.count)
            for node in set {
                for step in graph.nodes[node].steps {
                    for place in members[step.set] { targets[place].append(step.to) }
                    work += members[step.set].count
                }
            }
            for target in targets {
                work += target.count
                next.append(target.isEmpty ? -1 : id(of: closing.close(target, atStart: false, atEnd: false)))
            }
            index += 1
        }
        return true
    }

    /// Where jumps lead.
    private struct Closing {
        let graph: PositionGraph
        var mark: [Int]
        var round = 0

        init(_ graph: PositionGraph) {
            self.graph = graph
            mark = Array(repeating: 0, count: graph.nodes.count)
        }

        mutating func close(_ nodes: [Int], atStart: Bool, atEnd: Bool) -> [Int] {
            round += 1
            var pending = nodes
            var result: [Int] = []
            while let node = pending.popLast() {
                guard mark[node] != round else { continue }
                mark[node] = round
                result.append(node)
                pending += graph.nodes[node].jumps
                if atStart { pending += graph.nodes[node].startJumps }
                if atEnd { pending += graph.nodes[node].endJumps }
            }
            return result.sorted()
        }
    }

    /// Takes out what leads to no end.
    mutating func trim() {
        var before = [[Int]](repeating: [], count: stateCount)
        for state in 0 ..< stateCount {
            for place in 0 ..< classes.count where next[state * classes.count + place] >= 0 {
                before[Int(next[state * classes.count + place])].append(state)
            }
        }
        var isLive = isAccepting
        var pending = isAccepting.indices.filter { isAccepting[$0] }
        while let state = pending.popLast() {
            for source in before[state] where !isLive[source] {
                isLive[source] = true
                pending.append(source)
            }
        }
        for index in next.indices where next[index] >= 0 && !isLive[Int(next[index])] { next[index] = -1 }
    }

    /// Whether the automaton has a text.
    func accepts(_ text: String) -> Bool {
        var state = 0
        for scalar in text.unicodeScalars {
            guard let place = classes.firstIndex(where: { $0.contains(scalar.value) }) else { return false }
            let target = next[state * classes.count + place]
            guard target >= 0 else { return false }
            state = Int(target)
        }
        return isAccepting[state]
    }

    /// Whether there is no text at all; of an automaton that has been trimmed.
    var isEmpty: Bool { !isAccepting[0] && next.prefix(classes.count).allSatisfy { $0 < 0 } }

    /// The scalars with which a state goes on, by the state that it goes to.
    func steps(from state: Int) -> [(set: ScalarSet, to: Int)] {
        var order: [Int32] = []
        var ranges: [Int32: [ClosedRange<UInt32>]] = [:]
        for place in 0 ..< classes.count {
            let target = next[state * classes.count + place]
            guard target >= 0 else { continue }
            if ranges[target] == nil { order.append(target) }
            ranges[target, default: []] += classes[place].ranges
        }
        return order.map { (ScalarSet(ranges[$0] ?? []), Int($0)) }
    }
}
