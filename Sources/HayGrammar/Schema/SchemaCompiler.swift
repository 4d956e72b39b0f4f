import HayJSON

/// Makes the rules of a network from a schema: one for each set of schemas that a value has to obey at once.
struct SchemaCompiler {
    /// The most states that a schema may need.
    static let stateLimit = 50_000
    /// The deepest nesting of a constant.
    static let constantDepthLimit = 64

    var reader: SchemaReader
    var network = Network()
    var json = JSONRules()
    /// The rules of sets of schemas, by their paths.
    private var rules: [[Name]: Int] = [:]
    /// The sets whose rules are empty still.
    private var pending: [(rule: Int, places: [Location])] = []

    /// The rules of strings about which the same is said.
    private var strings: [StringKey: Int] = [:]
    private var numbers: [NumberKey: Int] = [:]
    var counted: [Counted: Int] = [:]

    private struct StringKey: Hashable {
        let patterns: [Name]
        let formats: [String]
        let lengths: Facets.Counts
    }

    private struct NumberKey: Hashable {
        let range: NumberRange
        let isInteger: Bool
    }

    /// The network of a schema. Throws `GrammarError`.
    static func compile(_ schema: JSON) throws -> Network {
        var compiler = try SchemaCompiler(schema)
        return try compiler.compile()
    }

    private init(_ schema: JSON) throws { reader = try SchemaReader(schema) }

    private mutating func compile() throws -> Network {
        let value = try rule(for: [reader.document.root.schema()])
        while let (rule, places) = pending.popLast() {
            try fill(rule, places)
            try checkSize(at: network.rules[rule].path)
        }
        let root = network.addRule("#")
        let start = json.space(network.rules[root].start, in: &network)
        let end = network.addState()
        network.call(start, value, end)
        network.jump(end, network.rules[root].end)
        network.root = root
        try checkThatTextsEnd()
        return network
    }

    /// Throws where there are too many states already.
    func checkSize(at path: String, adding count: Int = 0) throws {
        guard network.stateCount <= SchemaCompiler.stateLimit, count <= SchemaCompiler.stateLimit - network.stateCount,
            network.steps.count + network.calls.count + network.jumps.count <= 20 * SchemaCompiler.stateLimit
        else { throw GrammarError.tooLarge(path: path, what: "states", limit: SchemaCompiler.stateLimit) }
    }

    /// The rule of values that obey some schemas, which may be none. It is filled later, so schemas may refer to
    /// themselves. Throws `GrammarError`.
    mutating func rule(for places: [Location]) throws -> Int {
        var seen: [Name: Location] = [:]
        for place in places {
            let place = try followed(place)
            if place.json == .bool(true) || place.json == .object(.init()) { continue }
            seen[place.name] = place
        }
        if seen.isEmpty { return json.any(in: &network) }
        let key = seen.keys.sorted()
        if let rule = rules[key] { return rule }
        let rule = network.addRule(key[0].text)
        rules[key] = rule
        pending.append((rule, key.compactMap { seen[$0] }))
        return rule
    }

    /// The schema that a mere reference stands for.
    private mutating func followed(_ place: Location) throws -> Location {
        var place = place
        for _ in 0 ..< SchemaDocument.depthLimit {
            guard let members = place.json.object, members.count == 1, let reference = place.member("$ref") else {
                return place
            }
            place = try reader.target(of: reference)
        }
        throw GrammarError.endlessReference(path: place.path)
    }

    private mutating func fill(_ rule: Int, _ places: [Location]) throws {
        let (start, end) = (network.rules[rule].start, network.rules[rule].end)
        let path = network.rules[rule].path
        for facets in try reader.alternatives(of: places) {
            if let values = try reader.values(of: facets) {
                try readValues(values, start, end, path)
                continue
            }
            let types = facets.writtenTypes
            if types.contains(.null) { network.literal(start, Array("null".utf8), end) }
            if types.contains(.boolean) { network.literals(start, ["true", "false"].map { Array($0.utf8) }, end) }
            if !types.isDisjoint(with: .number) { try readNumber(facets, types, start, end, path) }
            if types.contains(.string) { try readString(facets, start, end, path) }
            if types.contains(.array) { try readArray(facets, start, end, path) }
            if types.contains(.object) { try readObject(facets, start, end, path) }
            try checkSize(at: path)
        }
    }

    private mutating func readNumber(
        _ facets: Facets, _ types: ValueTypes, _ start: Int, _ end: Int, _ path: String
    ) throws {
        for format in facets.formats { _ = try reader.patterns.format(format) }
        let isInteger = !types.contains(.fraction)
        if !isInteger, facets.numbers == NumberRange() {
            return network.call(start, json.number(in: &network), end)
        }
        let key = NumberKey(range: facets.numbers, isInteger: isInteger)
        if let rule = numbers[key] { return network.call(start, rule, end) }
        let rule = network.addRule()
        numbers[key] = rule
        guard
            facets.numbers.read(
                isInteger: isInteger, from: network.rules[rule].start, to: network.rules[rule].end, in: &network,
                &json.characters)
        else { throw GrammarError.tooLarge(path: path, what: "states for its numbers", limit: Automaton.stateLimit) }
        network.call(start, rule, end)
    }

    private mutating func readString(_ facets: Facets, _ start: Int, _ end: Int, _ path: String) throws {
        if facets.patterns.isEmpty, facets.formats.isEmpty, facets.lengths == Facets.Counts() {
            return network.call(start, json.string(in: &network), end)
        }
        let key = StringKey(
            patterns: facets.patterns.map { Name(text: $0.value) }, formats: facets.formats.map(\.value),
            lengths: facets.lengths)
        if let rule = strings[key] { return network.call(start, rule, end) }
        let rule = network.addRule()
        strings[key] = rule
        let first = network.after(network.rules[rule].start, [UInt8(ascii: "\"")])
        let last = network.addState()
        network.step(last, 0x22 ... 0x22, network.rules[rule].end)
        if let automaton = try automaton(of: facets, path) {
            network.read(automaton, from: first, to: last, isQuoted: facets.formats.isEmpty, &json.characters)
        } else {
            readCounted(facets.lengths, first, last)
        }
        network.call(start, rule, end)
    }

    /// The strings that patterns, formats and lengths leave; nil where only lengths are given. Throws `GrammarError`.
    mutating func automaton(of facets: Facets, _ path: String) throws -> Automaton? {
        let tooLarge = GrammarError.tooLarge(
            path: path, what: "states for its strings", limit: Automaton.stateLimit)
        var parts = try facets.patterns.map { try reader.patterns.automaton($0) }
        parts += try facets.formats.map { try reader.patterns.format($0) }
        guard var automaton = parts.first else { return nil }
        for part in parts.dropFirst() {
            guard let both = automaton.intersection(part) else { throw tooLarge }
            automaton = both
        }
        return try bounded(automaton, facets.lengths, path)
    }

    /// The texts of an automaton whose length is between two. Throws `GrammarError`.
    func bounded(_ automaton: Automaton, _ lengths: Facets.Counts, _ path: String) throws -> Automaton {
        guard let bounded = automaton.bounded(lengths.low, lengths.high) else {
            throw GrammarError.tooLarge(
                path: path, what: "states to count the characters of what has a pattern or format",
                limit: Automaton.boundedLimit)
        }
        return bounded
    }

    private mutating func readCounted(_ counts: Facets.Counts, _ first: Int, _ last: Int) {
        if let high = counts.high, high < counts.low { return }
        let place = network.addState()
        network.call(first, rule(.characters, counts.low, isExact: true), place)
        if let high = counts.high {
            return network.call(place, rule(.characters, high - counts.low, isExact: false), last)
        }
        json.characters.read(.all, from: place, to: place, isQuoted: true, in: &network)
        network.jump(place, last)
    }

    /// Reads one of some values: scalars as they are written, others with white space.
    private mutating func readValues(_ values: [JSON], _ start: Int, _ end: Int, _ path: String) throws {
        network.literals(
            start, values.filter { $0.array == nil && $0.object == nil }.map { Array($0.text().utf8) }, end)
        for value in values where value.array != nil || value.object != nil {
            try readValue(value, start, end, path, depth: 0)
        }
    }

    private mutating func readValue(_ value: JSON, _ start: Int, _ end: Int, _ path: String, depth: Int) throws {
        guard depth < SchemaCompiler.constantDepthLimit else {
            throw GrammarError.tooLarge(
                path: path, what: "levels of a constant", limit: SchemaCompiler.constantDepthLimit)
        }
        try checkSize(at: path)
        switch value {
        case .array(let elements):
            var place = json.mark(start, "[", in: &network)
            for (index, element) in elements.enumerated() {
                if index > 0 { place = json.mark(place, ",", in: &network) }
                let next = network.addState()
                try readValue(element, place, next, path, depth: depth + 1)
                place = next
            }
            if !elements.isEmpty { place = json.space(place, in: &network) }
            network.step(place, 0x5D ... 0x5D, end)
        case .object(let members):
            var place = json.mark(start, "{", in: &network)
            for (index, (key, member)) in members.enumerated() {
                if index > 0 { place = json.mark(place, ",", in: &network) }
                place = network.after(place, JSON.string(key).text().utf8)
                place = json.mark(place, ":", in: &network)
                let next = network.addState()
                try readValue(member, place, next, path, depth: depth + 1)
                place = next
            }
            if members.count > 0 { place = json.space(place, in: &network) }
            network.step(place, 0x7D ... 0x7D, end)
        default: network.literal(start, Array(value.text().utf8), end)
        }
    }

    /// Throws where no text of the root ends, naming the innermost schema that is to blame.
    private func checkThatTextsEnd() throws {
        let distances = Distances(network, bytes: Array(repeating: true, count: 256), shortcuts: [])
        func ends(_ rule: Int) -> Bool { distances.pieces[network.rules[rule].start] < Distances.none }
        guard !ends(network.root) else { return }
        let blamed = network.rules.indices.filter { !ends($0) && network.rules[$0].path != "" }
            .max { network.rules[$0].path.utf8.count < network.rules[$1].path.utf8.count }
        throw GrammarError.noValue(path: blamed.map { network.rules[$0].path } ?? "#")
    }
}
