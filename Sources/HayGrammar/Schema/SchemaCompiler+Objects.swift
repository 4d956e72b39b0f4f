import HayJSON

/// The members of an object that a schema leaves: those it names, in order, and others.
struct Members {
    /// A named member: the rule of its text, and whether it must be there.
    struct Named {
        let rule: Int
        let isRequired: Bool
    }

    var named: [Named] = []
    /// The rule of any other member; nil where there are none.
    var other: Int?
    var counts = Facets.Counts()
}

extension SchemaCompiler {
    /// The most patterns of names that are told apart.
    private static let patternLimit = 4

    /// Reads an object.
    mutating func readObject(_ facets: Facets, _ start: Int, _ end: Int, _ path: String) throws {
        var names: [Name] = []
        var seen: Set<Name> = []
        for name in facets.objects.flatMap({ $0.properties.map(\.name) }) + facets.required
        where seen.insert(name).inserted { names.append(name) }
        let required = Set(facets.required + facets.written)
        var members = Members()
        members.counts = facets.propertyCounts
        for name in names {
            guard try reader.allows(.string(name.text), facets.propertyNames) else {
                if required.contains(name) { return }
                continue
            }
            let value = try rule(for: facets.schemas(of: name, &reader.patterns))
            members.named.append(
                .init(rule: memberRule(of: name, value), isRequired: required.contains(name)))
            try checkSize(at: path)
        }
        members.other = try otherRule(facets, names, path)
        if members.other != nil, members.counts.low > members.named.count + 1 {
            throw GrammarError.unsupported(
                path: path + "/minProperties",
                reason: "\(members.counts.low) properties are asked for and \(members.named.count) named; "
                    + "of others only one is sure to have a name of its own")
        }
        try read(members, start, end, path, open: "{", close: "}")
    }

    private mutating func memberRule(of name: Name, _ value: Int) -> Int {
        let rule = network.addRule()
        let key = network.after(network.rules[rule].start, JSON.string(name.text).text().utf8)
        network.call(json.mark(key, ":", in: &network), value, network.rules[rule].end)
        return rule
    }

    /// The rule of members that are not named: nil where there may be none, or where none are written.
    private mutating func otherRule(_ facets: Facets, _ names: [Name], _ path: String) throws -> Int? {
        let isOpen =
            facets.objects.contains { $0.additional != nil }
            || facets.objects.allSatisfy { $0.properties.isEmpty && $0.patterns.isEmpty }
            || facets.propertyCounts.low > names.count
        let patterns = facets.objects.enumerated().flatMap { index, part in part.patterns.map { (index, $0) } }
        guard isOpen || !patterns.isEmpty else { return nil }
        guard patterns.count <= SchemaCompiler.patternLimit else {
            throw GrammarError.tooLarge(
                path: path + "/patternProperties", what: "patterns of names", limit: SchemaCompiler.patternLimit)
        }
        let rule = network.addRule()
        let (start, end) = (network.rules[rule].start, network.rules[rule].end)
        var isPossible = false
        // Names are told apart by which of the patterns they have.
        for choice in (isOpen ? 0 : 1) ..< 1 << patterns.count {
            var schemas: [Location] = []
            for (index, part) in facets.objects.enumerated() {
                let found = patterns.enumerated().filter { $0.element.0 == index && choice >> $0.offset & 1 == 1 }
                schemas += found.map(\.element.1.schema)
                if found.isEmpty, let additional = part.additional { schemas.append(additional) }
            }
            if schemas.contains(where: { $0.json == .bool(false) }) { continue }
            let key = network.addState()
            guard try readKeys(facets, names, patterns.map(\.1.pattern), choice, start, key, path) else { continue }
            isPossible = true
            network.call(json.mark(key, ":", in: &network), try self.rule(for: schemas), end)
            try checkSize(at: path)
        }
        return isPossible ? rule : nil
    }

    /// Reads a name that is none of some, and that has the chosen ones of some patterns and none of the others. False
    /// where there is no such name.
    private mutating func readKeys(
        _ facets: Facets, _ names: [Name], _ patterns: [Facets.Located<String>], _ choice: Int, _ start: Int,
        _ end: Int, _ path: String
    ) throws -> Bool {
        if names.isEmpty, patterns.isEmpty, facets.propertyNames.isEmpty {
            network.call(start, json.string(in: &network), end)
            return true
        }
        // Without escapes a name has one spelling, so that none of those above comes in disguise.
        let plain = Expression.set(ScalarSet([0x20 ... 0x21, 0x23 ... 0x5B, 0x5D ... 0x7E, 0xA0 ... 0x10FFFF]))
        var parts = [Automaton(.repetition(plain, 0, nil))]
        if !names.isEmpty { parts.append(Automaton(names.map(\.text))?.complement) }
        for (index, pattern) in patterns.enumerated() {
            let isChosen = choice >> index & 1 == 1
            let automaton = try reader.patterns.automaton(pattern, isUpper: !isChosen)
            parts.append(isChosen ? automaton : automaton.complement)
        }
        let first = network.after(start, [UInt8(ascii: "\"")])
        let last = network.addState()
        network.step(last, 0x22 ... 0x22, end)
        var isPossible = false
        for facets in try reader.alternatives(of: facets.propertyNames) where facets.types.contains(.string) {
            let own = try nameAutomaton(facets, path)
            var keys = own
            for part in parts { keys = part.flatMap { part in keys.map { $0.intersection(part) } ?? part } }
            guard let keys else {
                throw GrammarError.tooLarge(path: path, what: "states for its names", limit: Automaton.stateLimit)
            }
            try reader.spend(keys.next.count / 4, path)
            if keys.isEmpty { continue }
            isPossible = true
            network.read(keys, from: first, to: last, isQuoted: false, &json.characters)
        }
        return isPossible
    }

    /// What `propertyNames` says of a name; nil where it says nothing.
    private mutating func nameAutomaton(_ facets: Facets, _ path: String) throws -> Automaton? {
        if let values = try reader.values(of: facets) { return Automaton(values.compactMap(\.string)) }
        if let automaton = try automaton(of: facets, path) { return automaton }
        guard facets.lengths != Facets.Counts(), let automaton = Automaton(.anything) else { return nil }
        return try bounded(automaton, facets.lengths, path)
    }

    /// Reads the members in order, each with or without a comma before it; how many there are is counted as far as it
    /// matters.
    mutating func read(
        _ members: Members, _ start: Int, _ end: Int, _ path: String, open: Unicode.Scalar, close: Unicode.Scalar
    ) throws {
        let close = UInt8(ascii: close)
        let named = members.named
        var counts = members.counts
        if let high = counts.high, members.other == nil, high >= named.count { counts.high = nil }
        counts.low = counts.low <= named.count(where: \.isRequired) ? 0 : counts.low
        if let high = counts.high, high < counts.low { return }
        let cap = counts.high ?? max(counts.low, 1)
        let first = json.mark(start, open, in: &network)
        let last = network.addState()
        network.step(json.space(last, in: &network), close ... close, end)
        // The states where so many members have been read, of those up to the next one.
        var places: [Int: Int] = [0: first]
        for member in named {
            var next: [Int: Int] = [:]
            for (count, place) in places.sorted(by: { $0.key < $1.key }) {
                if !member.isRequired { network.jump(place, state(count, &next)) }
                guard counts.high == nil || count < cap else { continue }
                let key = count == 0 ? place : json.mark(place, ",", in: &network)
                network.call(key, member.rule, state(min(count + 1, cap), &next))
            }
            places = next
            try checkSize(at: path)
        }
        for (count, place) in places.sorted(by: { $0.key < $1.key }) {
            if count >= counts.low {
                if count == 0 { network.step(place, close ... close, end) } else { network.jump(place, last) }
            }
            guard let other = members.other, count + 1 >= counts.low, counts.high ?? .max > count else { continue }
            // Others may repeat a name, so that only the first adds to the least number of members.
            let next = network.addState()
            network.call(count == 0 ? place : json.mark(place, ",", in: &network), other, next)
            if let high = counts.high {
                network.call(next, rule(.more(other), high - count - 1, isExact: false), last)
            } else {
                network.jump(next, last)
                network.call(json.mark(next, ",", in: &network), other, next)
            }
        }
    }

    private mutating func state(_ count: Int, _ states: inout [Int: Int]) -> Int {
        if let state = states[count] { return state }
        let state = network.addState()
        states[count] = state
        return state
    }
}
