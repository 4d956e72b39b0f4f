/// Rules as automata over bytes: a state goes on with a byte, with nothing, or by way of a whole rule.
struct Network: Sendable {
    /// A step that reads a byte of a range.
    struct Step: Sendable {
        let from: Int32
        let low: UInt8
        let high: UInt8
        let to: Int32
    }

    /// A step that reads what a rule has.
    struct Call: Sendable {
        let from: Int32
        let rule: Int32
        let to: Int32
    }

    /// Where a rule begins and ends, and of which part of a schema it speaks.
    struct Rule: Sendable {
        let start: Int
        let end: Int
        let path: String
    }

    private(set) var stateCount = 0
    private(set) var steps: [Step] = []
    private(set) var jumps: [(from: Int32, to: Int32)] = []
    private(set) var calls: [Call] = []
    private(set) var rules: [Rule] = []
    /// The rule of whole texts.
    var root = 0

    mutating func addState() -> Int {
        stateCount += 1
        return stateCount - 1
    }

    /// A rule without texts yet.
    mutating func addRule(_ path: String = "") -> Int {
        let start = addState()
        rules.append(Rule(start: start, end: addState(), path: path))
        return rules.count - 1
    }

    /// A rule between states that there are already.
    mutating func addRule(from start: Int, to end: Int) -> Int {
        rules.append(Rule(start: start, end: end, path: ""))
        return rules.count - 1
    }

    mutating func step(_ from: Int, _ bytes: ClosedRange<UInt8>, _ to: Int) {
        steps.append(Step(from: Int32(from), low: bytes.lowerBound, high: bytes.upperBound, to: Int32(to)))
    }

    mutating func jump(_ from: Int, _ to: Int) { jumps.append((Int32(from), Int32(to))) }

    mutating func call(_ from: Int, _ rule: Int, _ to: Int) {
        calls.append(Call(from: Int32(from), rule: Int32(rule), to: Int32(to)))
    }

    /// Reads some bytes, which must not be none.
    mutating func literal(_ from: Int, _ bytes: [UInt8], _ to: Int) {
        var place = from
        for (index, byte) in bytes.enumerated() {
            let next = index == bytes.count - 1 ? to : addState()
            step(place, byte ... byte, next)
            place = next
        }
    }

    /// The state after some bytes.
    mutating func after(_ from: Int, _ bytes: some Sequence<UInt8>) -> Int {
        var place = from
        for byte in bytes {
            let next = addState()
            step(place, byte ... byte, next)
            place = next
        }
        return place
    }

    /// Reads one of some texts; those that begin alike share their first states.
    mutating func literals(_ from: Int, _ texts: [[UInt8]], _ to: Int) {
        var places: [UInt64: Int] = [:]
        for text in texts {
            var place = from
            for byte in text {
                let key = UInt64(place) << 8 | UInt64(byte)
                if let next = places[key] {
                    place = next
                } else {
                    let next = addState()
                    step(place, byte ... byte, next)
                    places[key] = next
                    place = next
                }
            }
            jump(place, to)
        }
    }

    /// Takes over the rules of another network; what is added to their numbers.
    mutating func append(_ other: Network) -> Int {
        let (state, rule) = (Int32(stateCount), Int32(rules.count))
        steps += other.steps.map { Step(from: $0.from + state, low: $0.low, high: $0.high, to: $0.to + state) }
        jumps += other.jumps.map { ($0.from + state, $0.to + state) }
        calls += other.calls.map { Call(from: $0.from + state, rule: $0.rule + rule, to: $0.to + state) }
        rules += other.rules.map {
            Rule(start: $0.start + Int(state), end: $0.end + Int(state), path: $0.path)
        }
        stateCount += other.stateCount
        return Int(rule)
    }
}
