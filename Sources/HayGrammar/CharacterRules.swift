/// The rules of a network that read one character of a set.
struct CharacterRules {
    private var plain: [ScalarSet: Int] = [:]
    private var quoted: [ScalarSet: Int] = [:]

    /// Characters of a JSON string that stand for themselves and are ASCII.
    private static let plainASCII = ScalarSet([0x20 ... 0x21, 0x23 ... 0x5B, 0x5D ... 0x7F])
    private static let ascii = ScalarSet([0 ... 0x7F])
    private static let short: [(character: UInt32, letter: UInt8)] = [
        (0x22, 0x22), (0x5C, 0x5C), (0x2F, 0x2F), (0x08, 0x62), (0x0C, 0x66), (0x0A, 0x6E), (0x0D, 0x72), (0x09, 0x74),
    ]

    init() {}

    /// Reads a character of a set: as it is, or as it stands in a JSON string, also as an escape.
    mutating func read(_ set: ScalarSet, from: Int, to: Int, isQuoted: Bool, in network: inout Network) {
        let direct = set.intersection(isQuoted ? CharacterRules.plainASCII : CharacterRules.ascii)
        for range in direct.ranges { network.step(from, UInt8(range.lowerBound) ... UInt8(range.upperBound), to) }
        guard isQuoted || (set.ranges.last?.upperBound ?? 0) > 0x7F else { return }
        if let rule = isQuoted ? quoted[set] : plain[set] { return network.call(from, rule, to) }
        let rule = network.addRule()
        let (start, end) = (network.rules[rule].start, network.rules[rule].end)
        CharacterRules.readUTF8(set, start, end, &network)
        if isQuoted { CharacterRules.readEscapes(set, start, end, &network) }
        if isQuoted { quoted[set] = rule } else { plain[set] = rule }
        network.call(from, rule, to)
    }

    /// Characters above ASCII, as two to four bytes.
    private static func readUTF8(_ set: ScalarSet, _ start: Int, _ end: Int, _ network: inout Network) {
        var tails = Tails(end: end)
        for (low, high, count) in [(0x80, 0x7FF, 2), (0x800, 0xFFFF, 3), (0x10000, 0x10FFFF, 4)]
            as [(UInt32, UInt32, Int)]
        {
            let first: UInt8 = [2: 0xC0, 3: 0xE0][count] ?? 0xF0
            for range in set.intersection(ScalarSet([low ... high])).ranges {
                for digits in split(range, bits: 6, count: count) {
                    let bytes = digits.enumerated().map { index, digit in
                        let base: UInt8 = index == 0 ? first : 0x80
                        return [base + UInt8(digit.lowerBound) ... base + UInt8(digit.upperBound)]
                    }
                    tails.connect(start, bytes, in: &network)
                }
            }
        }
    }

    /// Escapes of the characters that one `\u` can say, and of those that have a letter.
    private static func readEscapes(_ set: ScalarSet, _ start: Int, _ end: Int, _ network: inout Network) {
        let escape = network.addState()
        let hexadecimal = network.addState()
        network.step(start, 0x5C ... 0x5C, escape)
        for (character, letter) in short where set.contains(character) { network.step(escape, letter ... letter, end) }
        network.step(escape, 0x75 ... 0x75, hexadecimal)
        var tails = Tails(end: end)
        for range in set.intersection(ScalarSet([0 ... 0xFFFF])).ranges {
            for digits in split(range, bits: 4, count: 4) {
                tails.connect(hexadecimal, digits.map(hexadecimalBytes), in: &network)
            }
        }
    }

    private static func hexadecimalBytes(_ digits: ClosedRange<UInt32>) -> [ClosedRange<UInt8>] {
        var bytes: [ClosedRange<UInt8>] = []
        let (low, high) = (UInt8(digits.lowerBound), UInt8(digits.upperBound))
        if low <= 9 { bytes.append(0x30 + low ... 0x30 + min(high, 9)) }
        if high >= 10 {
            bytes.append(0x61 + max(low, 10) - 10 ... 0x61 + high - 10)
            bytes.append(0x41 + max(low, 10) - 10 ... 0x41 + high - 10)
        }
        return bytes
    }

    /// Numbers of a range as sequences of ranges of digits, the first digit first.
    private static func split(_ range: ClosedRange<UInt32>, bits: UInt32, count: Int) -> [[ClosedRange<UInt32>]] {
        let shift = bits * UInt32(count - 1)
        let (low, high) = (range.lowerBound >> shift, range.upperBound >> shift)
        guard count > 1 else { return [[low ... high]] }
        let rest: UInt32 = (1 << shift) - 1
        let (lowRest, highRest) = (range.lowerBound & rest, range.upperBound & rest)
        func with(_ digit: ClosedRange<UInt32>, _ rests: ClosedRange<UInt32>) -> [[ClosedRange<UInt32>]] {
            split(rests, bits: bits, count: count - 1).map { [digit] + $0 }
        }
        if low == high { return with(low ... low, lowRest ... highRest) }
        var result: [[ClosedRange<UInt32>]] = []
        var (first, last) = (low, high)
        if lowRest > 0 {
            result += with(low ... low, lowRest ... rest)
            first += 1
        }
        if highRest < rest { last -= 1 }
        if first <= last { result += with(first ... last, 0 ... rest) }
        if highRest < rest { result += with(high ... high, 0 ... highRest) }
        return result
    }

    /// Chains of steps that share their ends.
    private struct Tails {
        let end: Int
        private var states: [[[ClosedRange<UInt8>]]: Int] = [:]

        init(end: Int) { self.end = end }

        mutating func connect(_ from: Int, _ bytes: [[ClosedRange<UInt8>]], in network: inout Network) {
            let to = state(before: Array(bytes.dropFirst()), in: &network)
            for range in bytes[0] { network.step(from, range, to) }
        }

        private mutating func state(before bytes: [[ClosedRange<UInt8>]], in network: inout Network) -> Int {
            if bytes.isEmpty { return end }
            if let state = states[bytes] { return state }
            let state = network.addState()
            states[bytes] = state
            connect(state, bytes, in: &network)
            return state
        }
    }
}

extension Network {
    /// Reads a text of an automaton: as it is, or as it stands between the quotes of a JSON string.
    mutating func read(
        _ automaton: Automaton, from: Int, to: Int, isQuoted: Bool,
        _ characters: inout CharacterRules
    ) {
        guard !automaton.isEmpty else { return }
        let states = (0 ..< automaton.stateCount).map { _ in addState() }
        jump(from, states[0])
        for state in 0 ..< automaton.stateCount {
            if automaton.isAccepting[state] { jump(states[state], to) }
            for (set, target) in automaton.steps(from: state) {
                characters.read(set, from: states[state], to: states[target], isQuoted: isQuoted, in: &self)
            }
        }
    }
}
