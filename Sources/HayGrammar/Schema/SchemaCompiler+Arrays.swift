import HayJSON

extension SchemaCompiler {
    /// Reads an array: the elements that have schemas of their own, then those that share one.
    mutating func readArray(_ facets: Facets, _ start: Int, _ end: Int, _ path: String) throws {
        if let uniqueItems = facets.uniqueItems, facets.itemCounts.high ?? 2 > 1 {
            throw GrammarError.unsupported(
                path: uniqueItems, reason: "'uniqueItems' is supported only where there is at most one element")
        }
        let ownCount = facets.arrays.map(\.first.count).max() ?? 0
        var counts = facets.itemCounts
        // Elements after those of 'prefixItems' are written where something is said about them, or where they are needed.
        if ownCount > 0, !facets.arrays.contains(where: { $0.rest != nil }), counts.low <= ownCount {
            counts.narrow(Facets.Counts(high: ownCount))
        }
        if let high = counts.high, high < counts.low { return }
        let count = counts.high ?? max(counts.low, ownCount)
        try checkSize(at: path, adding: count)
        let first = json.mark(start, "[", in: &network)
        if counts.low == 0 { network.step(first, 0x5D ... 0x5D, end) }
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
        guard counts.high == nil else { return }
        let rest = try rule(for: facets.schemas(ofItem: ownCount))
        let loop = network.addState()
        if count == 0 { network.call(place, rest, loop) } else { network.jump(place, loop) }
        network.call(json.mark(loop, ",", in: &network), rest, loop)
        network.jump(loop, last)
    }
}
