/// A network made ready to run: what leads out of each state, how far it is to the end, and which bytes are never told
/// apart. States from which no text can be finished are gone.
struct Machine: Sendable {
    /// How deep calls may be within one another. JSON readers have a limit too.
    static let depthLimit: Int32 = 200

    struct Step: Sendable {
        let low: UInt8
        let high: UInt8
        let to: Int32
    }

    struct Call: Sendable {
        let start: Int32
        let to: Int32
        /// Whether nothing but the end of the rule comes after it.
        let isLast: Bool
    }

    let steps: Grouped<Step>
    let jumps: Grouped<Int32>
    let calls: Grouped<Call>
    let isEnd: [Bool]
    /// The fewest tokens from a state to the end of its rule.
    let pieces: [Int32]
    /// How deep calls nest on the way there.
    let height: [Int32]
    let start: Int32
    /// The class of each byte, and a byte of each class.
    let classes: [UInt8]
    let members: [UInt8]

    init(_ network: Network, _ distances: Distances) {
        let count = network.stateCount
        func ends(_ state: Int32) -> Bool { distances.pieces[Int(state)] < Distances.none }
        var isEnd = [Bool](repeating: false, count: count)
        for rule in network.rules { isEnd[rule.end] = true }
        var hasMore = [Bool](repeating: false, count: count)
        for step in network.steps { hasMore[Int(step.from)] = true }
        for jump in network.jumps { hasMore[Int(jump.from)] = true }
        for call in network.calls { hasMore[Int(call.from)] = true }
        let kept = network.steps.filter { ends($0.to) }
        steps = Grouped(count, kept.map { (Int($0.from), Step(low: $0.low, high: $0.high, to: $0.to)) })
        jumps = Grouped(count, network.jumps.filter { ends($0.to) }.map { (Int($0.from), $0.to) })
        calls = Grouped(
            count,
            network.calls.compactMap { call in
                let start = Int32(network.rules[Int(call.rule)].start)
                guard ends(start), ends(call.to) else { return nil }
                let isLast = isEnd[Int(call.to)] && !hasMore[Int(call.to)]
                return (Int(call.from), Call(start: start, to: call.to, isLast: isLast))
            })
        self.isEnd = isEnd
        pieces = distances.pieces
        height = distances.height
        start = Int32(network.rules[network.root].start)
        (classes, members) = Machine.classes(kept)
    }

    /// Cuts the bytes at the ends of all ranges, then joins those that all the same steps have.
    private static func classes(_ steps: [Network.Step]) -> ([UInt8], [UInt8]) {
        let ranges = Set(steps.map { UInt16($0.low) << 8 | UInt16($0.high) })
        var signatures = [[UInt16]](repeating: [], count: 256)
        for range in ranges.sorted() {
            for byte in Int(range >> 8) ... Int(range & 0xFF) { signatures[byte].append(range) }
        }
        var ids: [[UInt16]: UInt8] = [:]
        var members: [UInt8] = []
        let classes = signatures.enumerated().map { byte, signature in
            if let id = ids[signature] { return id }
            let id = UInt8(members.count)
            ids[signature] = id
            members.append(UInt8(byte))
            return id
        }
        return (classes, members)
    }
}
