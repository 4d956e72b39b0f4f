/// The states of an expression and what leads from one to the next, before it is made deterministic.
struct PositionGraph {
    /// The most states that are made.
    static let limit = 20_000

    struct Node {
        /// Steps that read a scalar: the place of its set in `sets`, and where to.
        var steps: [(set: Int, to: Int)] = []
        var jumps: [Int] = []
        var startJumps: [Int] = []
        var endJumps: [Int] = []
    }

    private(set) var nodes: [Node] = []
    private(set) var sets: [ScalarSet] = []
    private var places: [ScalarSet: Int] = [:]
    private let isUpper: Bool
    private(set) var end = 0

    /// The graph of an expression, read as the texts that it has for sure or those that it may have. Nil where it is too
    /// large. State 0 is the first.
    init?(_ expression: Expression, isUpper: Bool) {
        self.isUpper = isUpper
        let start = add()
        end = add()
        guard connect(expression, start, end) else { return nil }
    }

    private mutating func add() -> Int {
        nodes.append(Node())
        return nodes.count - 1
    }

    private mutating func connect(_ expression: Expression, _ from: Int, _ to: Int) -> Bool {
        guard nodes.count < PositionGraph.limit else { return false }
        switch expression {
        case .set(let lower, let upper):
            let set = isUpper ? upper : lower
            let place = places[set] ?? sets.count
            if place == sets.count {
                sets.append(set)
                places[set] = place
            }
            nodes[from].steps.append((place, to))
        case .sequence(let parts):
            var place = from
            for part in parts.dropLast() {
                let next = add()
                guard connect(part, place, next) else { return false }
                place = next
            }
            guard let last = parts.last else {
                nodes[from].jumps.append(to)
                return true
            }
            return connect(last, place, to)
        case .choice(let parts):
            for part in parts {
                let (first, last) = (add(), add())
                nodes[from].jumps.append(first)
                nodes[last].jumps.append(to)
                guard connect(part, first, last) else { return false }
            }
        case .repetition(let part, let low, let high): return repeats(part, low, high, from, to)
        case .start: nodes[from].startJumps.append(to)
        case .end:
            nodes[from].endJumps.append(to)
            guard isUpper else { return true }
            // Python takes the place before a last line's end for the end too.
            let last = add()
            nodes[last].endJumps.append(to)
            return connect(.text("\n"), from, last)
        }
        return true
    }

    private mutating func repeats(_ part: Expression, _ low: Int, _ high: Int?, _ from: Int, _ to: Int) -> Bool {
        var place = from
        for _ in 0 ..< low {
            let next = add()
            guard connect(part, place, next) else { return false }
            place = next
        }
        guard let high else {
            let (first, last) = (add(), add())
            nodes[place].jumps.append(first)
            nodes[first].jumps.append(to)
            nodes[last].jumps.append(first)
            return connect(part, first, last)
        }
        for _ in low ..< high {
            let next = add()
            nodes[place].jumps.append(to)
            guard connect(part, place, next) else { return false }
            place = next
        }
        nodes[place].jumps.append(to)
        return true
    }
}
