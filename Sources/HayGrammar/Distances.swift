/// How far each state of a network is from the end of its rule: the fewest pieces that a text needs from there.
///
/// A piece is a byte, or a shortcut over several. Of ways with as few pieces the one counts that nests calls least.
/// Knuth's generalisation of Dijkstra's algorithm to grammars, doi:10.1016/0020-0190(77)90002-3.
struct Distances {
    /// No way to the end.
    static let none = Int32.max

    /// The fewest pieces.
    private(set) var pieces: [Int32]
    /// How many calls are within one another on that way.
    private(set) var height: [Int32]

    private struct Place: Comparable {
        let pieces: Int32
        let height: Int32
        let state: Int32

        static func < (left: Place, right: Place) -> Bool {
            (left.pieces, left.height, left.state) < (right.pieces, right.height, right.state)
        }
    }

    /// The distances where only some bytes can be written alone, and some longer ways count as one piece.
    init(_ network: Network, bytes: [Bool], shortcuts: [(from: Int32, to: Int32)]) {
        let count = network.stateCount
        pieces = Array(repeating: Distances.none, count: count)
        height = Array(repeating: 0, count: count)
        let singles = network.steps.filter { step in (step.low ... step.high).contains { bytes[Int($0)] } }
        let steps = Grouped(count, singles.map { (Int($0.to), $0.from) } + shortcuts.map { (Int($0.to), $0.from) })
        let jumps = Grouped(count, network.jumps.map { (Int($0.to), $0.from) })
        let returns = Grouped(count, network.calls.map { (Int($0.to), $0) })
        let callers = Grouped(network.rules.count, network.calls.map { (Int($0.rule), $0) })
        let starts = Grouped(count, network.rules.enumerated().map { ($0.element.start, $0.offset) })
        var isSettled = [Bool](repeating: false, count: count)
        var heap = Heap<Place>()
        for rule in network.rules { heap.insert(Place(pieces: 0, height: 0, state: Int32(rule.end))) }
        func reach(_ state: Int32, _ pieces: Int32, _ height: Int32) {
            if !isSettled[Int(state)] { heap.insert(Place(pieces: pieces, height: height, state: state)) }
        }
        while let place = heap.removeFirst() {
            let state = Int(place.state)
            guard !isSettled[state] else { continue }
            isSettled[state] = true
            pieces[state] = place.pieces
            height[state] = place.height
            for source in steps[state] { reach(source, min(place.pieces, Distances.none - 2) + 1, place.height) }
            for source in jumps[state] { reach(source, place.pieces, place.height) }
            func pass(_ call: Network.Call) {
                let start = network.rules[Int(call.rule)].start
                guard isSettled[start], isSettled[Int(call.to)] else { return }
                let (sum, overflow) = pieces[start].addingReportingOverflow(pieces[Int(call.to)])
                let depth = max(height[start] + 1, height[Int(call.to)])
                reach(call.from, overflow ? Distances.none - 1 : min(sum, Distances.none - 1), depth)
            }
            for call in returns[state] { pass(call) }
            for rule in starts[state] { for call in callers[rule] { pass(call) } }
        }
    }
}

/// Values in groups, all in one array.
struct Grouped<Value: Sendable>: Sendable {
    private(set) var starts: [Int32]
    private(set) var values: [Value] = []

    /// Puts each value into the group before it.
    init(_ count: Int, _ pairs: [(Int, Value)]) {
        starts = Array(repeating: 0, count: count + 1)
        for (group, _) in pairs { starts[group + 1] += 1 }
        for group in 0 ..< count { starts[group + 1] += starts[group] }
        guard let first = pairs.first?.1 else { return }
        values = Array(repeating: first, count: pairs.count)
        var places = starts
        for (group, value) in pairs {
            values[Int(places[group])] = value
            places[group] += 1
        }
    }

    subscript(_ group: Int) -> ArraySlice<Value> { values[Int(starts[group]) ..< Int(starts[group + 1])] }
}

/// A heap whose first element is the least.
struct Heap<Element: Comparable> {
    private var elements: [Element] = []

    mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0, elements[child] < elements[(child - 1) / 2] {
            elements.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> Element? {
        guard let first = elements.first, let last = elements.popLast() else { return nil }
        guard !elements.isEmpty else { return first }
        elements[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < elements.count else { return first }
            if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
            guard elements[child] < elements[parent] else { return first }
            elements.swapAt(child, parent)
            parent = child
        }
    }
}
