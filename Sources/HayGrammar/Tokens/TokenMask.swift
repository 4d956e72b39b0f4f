/// Which tokens may follow, a bit each.
final class TokenMask: Sendable {
    let words: [UInt64]
    /// The most tokens that it takes to finish the text after any of them.
    let farthest: Int32

    init(_ words: [UInt64], farthest: Int32) {
        self.words = words
        self.farthest = farthest
    }

    /// Sets the logits of all other tokens to minus infinity.
    func apply(to logits: UnsafeMutableBufferPointer<Float>) {
        for word in 0 ..< (logits.count + 63) / 64 {
            let bits = word < words.count ? words[word] : 0
            if bits == .max { continue }
            for index in word * 64 ..< min(word * 64 + 64, logits.count) where bits >> UInt64(index & 63) & 1 == 0 {
                logits[index] = -.infinity
            }
        }
    }
}

/// Configurations, and the masks of those that were asked for.
struct MaskTables: Sendable {
    /// How many bytes of masks are kept.
    private static let sizeLimit = 16 << 20

    private var configurations: Configurations
    private var masks: [Int32: (mask: TokenMask, use: Int)] = [:]
    private var useCount = 0

    init(_ machine: Machine, countLimit: Int) {
        configurations = Configurations(machine, countLimit: countLimit)
    }

    mutating func start() -> Int32 {
        let id = configurations.start()
        configurations.hold(id)
        return id
    }

    func mayEnd(_ id: Int32) -> Bool { configurations.mayEnd(id) }

    var memory: Int {
        configurations.memory + masks.values.reduce(0) { $0 + $1.mask.words.count * 8 }
    }

    /// The configuration after some bytes.
    mutating func next(_ id: Int32, _ text: [UInt8]) -> Int32? {
        makeRoom()
        var id = id
        for byte in text {
            id = configurations.step(id, byte)
            if id == Configurations.dead { return nil }
        }
        configurations.hold(id)
        return id
    }

    /// The tokens that may follow when so many may still come.
    mutating func mask(_ id: Int32, _ remaining: Int, _ trie: TokenTrie, _ endTokens: Set<Int32>) -> TokenMask {
        // One token is for this step, and one for the end.
        let limit = max(remaining, Int(configurations.pieces(id)) + 1) - 2
        useCount += 1
        if let known = masks[id] {
            masks[id]?.use = useCount
            if Int(known.mask.farthest) <= limit { return known.mask }
        } else {
            makeRoom()
            let mask = walk(id, Int(Distances.none), trie, endTokens)
            keep(mask, id)
            if Int(mask.farthest) <= limit { return mask }
        }
        return walk(id, limit, trie, endTokens)
    }

    private mutating func keep(_ mask: TokenMask, _ id: Int32) {
        let countLimit = max(4, MaskTables.sizeLimit / max(1, mask.words.count * 8))
        if masks.count >= countLimit {
            let uses = masks.values.map(\.use).sorted()
            let oldest = uses[uses.count / 2]
            masks = masks.filter { $0.value.use > oldest }
        }
        masks[id] = (mask, useCount)
    }

    private mutating func makeRoom() {
        guard configurations.isCrowded else { return }
        for id in configurations.letGo() { masks[id] = nil }
    }

    /// Goes through all tokens from a configuration.
    private mutating func walk(
        _ start: Int32, _ limit: Int, _ trie: TokenTrie, _ endTokens: Set<Int32>
    ) -> TokenMask {
        var walk = TokenWalk(trie, from: start, limit: Int32(clamping: limit))
        while let pause = walk.run(configurations) {
            switch pause {
            case .needsRow(let id): _ = configurations.row(of: id)
            case .needsStep(let id, let byte): _ = configurations.step(id, byte)
            case .needsLoops(let id): configurations.findLoops(id)
            }
        }
        var words = walk.words
        let mayEnd = configurations.mayEnd(start)
        for token in endTokens where token >= 0 {
            let word = Int(token >> 6)
            while words.count <= word { words.append(0) }
            if mayEnd { words[word] |= 1 << UInt64(token & 63) } else { words[word] &= ~(1 << UInt64(token & 63)) }
        }
        return TokenMask(words, farthest: walk.farthest)
    }
}
