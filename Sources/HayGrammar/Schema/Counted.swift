/// What may be repeated: a character of a string, or a comma with what a rule has.
enum Repeated: Hashable {
    case characters
    case more(Int)
}

/// What comes so many times, or at most so many.
struct Counted: Hashable {
    let part: Repeated
    let count: Int
    let isExact: Bool
}

extension SchemaCompiler {
    /// Counts are cut into blocks of so many, those into blocks again: a rule of any count is short, and few states know
    /// at once how far the count has come.
    private static let blockSize = 64

    /// The rule of something that comes so many times, or at most so many.
    mutating func rule(_ part: Repeated, _ count: Int, isExact: Bool) -> Int {
        let key = Counted(part: part, count: count, isExact: isExact)
        if let rule = counted[key] { return rule }
        let rule = network.addRule()
        counted[key] = rule
        let (start, end) = (network.rules[rule].start, network.rules[rule].end)
        guard count > 0 else {
            network.jump(start, end)
            return rule
        }
        // The largest block comes first, or fewer than that.
        var size = 1
        while size <= count / SchemaCompiler.blockSize { size *= SchemaCompiler.blockSize }
        if !isExact { network.call(start, self.rule(part, size - 1, isExact: false), end) }
        if size == 1 {
            let next = network.addState()
            read(part, start, next)
            network.call(next, self.rule(part, count - 1, isExact: isExact), end)
        } else if isExact, size == count {
            let block = self.rule(part, size / SchemaCompiler.blockSize, isExact: true)
            var place = start
            for _ in 1 ..< SchemaCompiler.blockSize {
                let next = network.addState()
                network.call(place, block, next)
                place = next
            }
            network.call(place, block, end)
        } else {
            let next = network.addState()
            network.call(start, self.rule(part, size, isExact: true), next)
            network.call(next, self.rule(part, count - size, isExact: isExact), end)
        }
        return rule
    }

    private mutating func read(_ part: Repeated, _ from: Int, _ to: Int) {
        switch part {
        case .characters: json.characters.read(.all, from: from, to: to, isQuoted: true, in: &network)
        case .more(let rule): network.call(json.mark(from, ",", in: &network), rule, to)
        }
    }
}
