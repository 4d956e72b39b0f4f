import HayJSON

extension SchemaCompiler {
    /// Reads an array: the elements that have schemas of their own, then those that share one.
    mutating func readArray(_ facets: Facets, _ start: Int, _ end: Int, _ path: String) throws {
        if let uniqueItems = facets.uniqueItems, facets.itemCounts.high ?? 2 > 1 {
            if let values = try itemValues(facets) { return try readDistinct(values, facets, start, end, path) }
            throw GrammarError.unsupported(
                path: uniqueItems,
                reason:
                    "'uniqueItems' is supported only where 'items' has an 'enum' of scalars, or where there is at most one element"
            )
        }
        let ownCount = facets.arrays.map(\.first.count).max() ?? 0
        var counts = facets.itemCounts
        // Elements after those of 'prefixItems' are written where something is said about them, or where they are needed.
        if ownCount > 0, !facets.arrays.contains(where: { $0.rest != nil }), counts.low <= ownCount {
            counts.narrow(Facets.Counts(high: ownCount))
        }
        if let high = counts.high, high < counts.low { return }
        let count = min(counts.high ?? .max, max(counts.low, ownCount, 1))
        try checkSize(at: path, adding: count)
        let first = json.mark(start, "[", in: &network)
        if counts.low == 0 { network.step(first, 0x5D ... 0x5D, end) }
        guard count > 0 else { return }
        let last = network.addState()
        network.step(json.space(last, in: &network), 0x5D ... 0x5D, end)
        var place = first
        for index in 0 ..< count {
            let item = index == 0 ? place : json.mark(place, ",", in: &network)
            let next = network.addState()
            network.call(item, try rule(for: facets.schemas(ofItem: index)), next)
            if index + 1 >= counts.low { network.jump(next, last) }
            place = next
            if index % 1000 == 0 { try checkSize(at: path) }
        }
        if counts.high == count { return }
        let rest = try rule(for: facets.schemas(ofItem: count))
        if let high = counts.high {
            return network.call(place, rule(.more(rest), high - count, isExact: false), last)
        }
        let loop = network.addState()
        network.jump(place, loop)
        network.call(json.mark(loop, ",", in: &network), rest, loop)
        network.jump(loop, last)
    }

    /// The values that every element has one of, each once; nil where elements are not just scalars of a list.
    private mutating func itemValues(_ facets: Facets) throws -> [JSON]? {
        guard !facets.arrays.isEmpty, facets.arrays.allSatisfy(\.first.isEmpty) else { return nil }
        var values: [JSON] = []
        for facets in try reader.alternatives(of: facets.schemas(ofItem: 0)) {
            guard let own = try reader.values(of: facets) else { return nil }
            for value in own {
                try reader.spend(values.count, "#")
                guard value.array == nil, value.object == nil else { return nil }
                if !values.contains(where: { $0.isSame(as: value) }) { values.append(value) }
            }
        }
        return values
    }

    /// Reads values in order, each at most once.
    private mutating func readDistinct(
        _ values: [JSON], _ facets: Facets, _ start: Int, _ end: Int, _ path: String
    ) throws {
        var members = Members()
        members.counts = facets.itemCounts
        for value in values {
            let rule = network.addRule()
            network.literal(network.rules[rule].start, Array(value.text().utf8), network.rules[rule].end)
            members.named.append(.init(rule: rule, isRequired: false))
        }
        try read(members, start, end, path, open: "[", close: "]")
    }
}
