/// The rules of a network that every schema shares: white space and the values that nothing is said about.
struct JSONRules {
    private var spaceRule: Int?
    private var anyRule: Int?
    private var objectRule: Int?
    private var arrayRule: Int?
    private var stringRule: Int?
    private var numberRule: Int?
    var characters = CharacterRules()

    /// How many spaces may follow a line's end.
    static let indentLimit = 20

    init() {}

    /// The state after white space, of which there may be none: a space, or a line's end and an indent. More is never
    /// allowed, as small models do not stop.
    mutating func space(_ from: Int, in network: inout Network) -> Int {
        let rule = spaceRule ?? makeSpace(&network)
        spaceRule = rule
        let to = network.addState()
        network.jump(from, to)
        network.call(from, rule, to)
        return to
    }

    private func makeSpace(_ network: inout Network) -> Int {
        let rule = network.addRule()
        let (start, end) = (network.rules[rule].start, network.rules[rule].end)
        network.step(start, 0x20 ... 0x20, end)
        var place = network.after(start, [0x0A])
        for _ in 0 ..< JSONRules.indentLimit {
            network.jump(place, end)
            let next = network.addState()
            network.step(place, 0x20 ... 0x20, next)
            place = next
        }
        network.jump(place, end)
        return rule
    }

    /// The state after a punctuation mark, which white space may follow.
    mutating func mark(_ from: Int, _ mark: Unicode.Scalar, in network: inout Network) -> Int {
        space(network.after(from, [UInt8(ascii: mark)]), in: &network)
    }

    /// Any value.
    mutating func any(in network: inout Network) -> Int {
        if let anyRule { return anyRule }
        let rule = network.addRule()
        anyRule = rule
        let (start, end) = (network.rules[rule].start, network.rules[rule].end)
        network.literals(start, ["null", "true", "false"].map { Array($0.utf8) }, end)
        for part in [
            string(in: &network), number(in: &network), array(in: &network), object(in: &network),
        ] { network.call(start, part, end) }
        return rule
    }

    /// Any object.
    mutating func object(in network: inout Network) -> Int {
        if let objectRule { return objectRule }
        let rule = network.addRule()
        objectRule = rule
        let (start, end) = (network.rules[rule].start, network.rules[rule].end)
        let first = mark(start, "{", in: &network)
        network.step(first, 0x7D ... 0x7D, end)
        let member = network.addState()
        network.jump(first, member)
        let key = network.addState()
        network.call(member, string(in: &network), key)
        let last = network.addState()
        network.call(mark(key, ":", in: &network), any(in: &network), last)
        network.jump(mark(last, ",", in: &network), member)
        network.step(space(last, in: &network), 0x7D ... 0x7D, end)
        return rule
    }

    /// Any array.
    mutating func array(in network: inout Network) -> Int {
        if let arrayRule { return arrayRule }
        let rule = network.addRule()
        arrayRule = rule
        let (start, end) = (network.rules[rule].start, network.rules[rule].end)
        let first = mark(start, "[", in: &network)
        network.step(first, 0x5D ... 0x5D, end)
        let item = network.addState()
        network.jump(first, item)
        let last = network.addState()
        network.call(item, any(in: &network), last)
        network.jump(mark(last, ",", in: &network), item)
        network.step(space(last, in: &network), 0x5D ... 0x5D, end)
        return rule
    }

    /// Any string.
    mutating func string(in network: inout Network) -> Int {
        if let stringRule { return stringRule }
        let rule = network.addRule()
        stringRule = rule
        let content = network.addState()
        network.step(network.rules[rule].start, 0x22 ... 0x22, content)
        network.step(content, 0x22 ... 0x22, network.rules[rule].end)
        characters.read(.all, from: content, to: content, isQuoted: true, in: &network)
        return rule
    }

    /// Any number.
    mutating func number(in network: inout Network) -> Int {
        if let numberRule { return numberRule }
        let rule = network.addRule()
        numberRule = rule
        NumberRange().read(
            isInteger: false, from: network.rules[rule].start, to: network.rules[rule].end, in: &network, &characters)
        return rule
    }
}
