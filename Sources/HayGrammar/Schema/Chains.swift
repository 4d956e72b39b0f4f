/// What may be repeated: a character of a string, or a comma with what a rule has.
enum Repeated: Hashable {
    case characters
    case more(Int)
    case exactCharacters
}

/// States from which something comes so many times, each going on with the one before it.
struct Chain {
    let end: Int
    var places: [Int]
}

extension SchemaCompiler {
    /// Reads at most so many of something. All that repeat the same share their states.
    mutating func repeated(_ part: Repeated, atMost count: Int, from: Int, to: Int, _ path: String) throws {
        guard count > 0 else { return network.jump(from, to) }
        network.call(from, try chain(part, count, path), to)
    }

    /// The state after just so many of something.
    mutating func repeated(_ part: Repeated, exactly count: Int, from: Int, _ path: String) throws -> Int {
        guard count > 0 else { return from }
        let to = network.addState()
        network.call(from, try chain(.exactCharacters, count, path), to)
        return to
    }

    private mutating func chain(_ part: Repeated, _ count: Int, _ path: String) throws -> Int {
        var chain = chains[part] ?? makeChain()
        try checkSize(at: path, adding: max(0, count - chain.places.count + 1))
        while chain.places.count <= count {
            let place = network.addState()
            let next = chain.places[chain.places.count - 1]
            switch part {
            case .characters, .exactCharacters:
                json.characters.read(.all, from: place, to: next, isQuoted: true, in: &network)
            case .more(let rule): network.call(json.mark(place, ",", in: &network), rule, next)
            }
            if part != .exactCharacters { network.jump(place, chain.end) }
            chain.places.append(place)
            if chain.places.count % 1000 == 0 { try checkSize(at: path) }
        }
        chains[part] = chain
        return network.addRule(from: chain.places[count], to: chain.end)
    }

    private mutating func makeChain() -> Chain {
        let end = network.addState()
        return Chain(end: end, places: [end])
    }
}
