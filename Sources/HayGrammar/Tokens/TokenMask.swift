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

    var memory: Int {
        configurations.memory + masks.values.reduce(0) { $0 + $1.mask.words.count * 8 }
    }

    /// Whether some tokens are the beginning of a text, and whether they are all of it.
    mutating func judge(
        _ tokens: ArraySlice<Int32>, _ trie: TokenTrie, _ endTokens: Set<Int32>
    ) -> (isBeginning: Bool, isWhole: Bool) {
        defer { endWalk() }
        guard let id = configuration(after: tokens, trie, endTokens) else { return (false, false) }
        return (true, configurations.mayEnd(id))
    }

    /// The tokens that may follow some others when so many may still come; nil where those begin no text.
    mutating func mask(
        after tokens: ArraySlice<Int32>, _ remaining: Int, _ trie: TokenTrie, _ endTokens: Set<Int32>
    ) -> TokenMask? {
        defer { endWalk() }
        return configuration(after: tokens, trie, endTokens).map { mask($0, remaining, trie, endTokens) }
    }

    /// Whether fewer tokens may follow some others than if there were room without end.
    mutating func isNarrow(
        after tokens: ArraySlice<Int32>, _ remaining: Int, _ trie: TokenTrie, _ endTokens: Set<Int32>
    ) -> Bool {
        defer { endWalk() }
        guard let id = configuration(after: tokens, trie, endTokens) else { return false }
        return Int(mask(id, .max, trie, endTokens).farthest) > max(remaining, Int(configurations.pieces(id)) + 1) - 2
    }

    private mutating func configuration(
        after tokens: ArraySlice<Int32>, _ trie: TokenTrie, _ endTokens: Set<Int32>
    ) -> Int32? {
        var id = configurations.start()
        for token in tokens {
            if endTokens.contains(token) {
                guard configurations.mayEnd(id) else { return nil }
                id = Configurations.ended
                continue
            }
            guard token >= 0, Int(token) < trie.texts.count, let text = trie.texts[Int(token)] else { return nil }
            for byte in text {
                id = configurations.step(id, byte)
                if id == Configurations.dead { return nil }
            }
        }
        return id
    }

    private mutating func endWalk() {
        guard configurations.endWalk() else { return }
        configurations.letGo()
        masks = [:]
    }

    /// The tokens that may follow when so many may still come.
    private mutating func mask(_ id: Int32, _ remaining: Int, _ trie: TokenTrie, _ endTokens: Set<Int32>) -> TokenMask {
        // One token is for this step, and one for the end.
        let limit = max(remaining, Int(configurations.pieces(id)) + 1) - 2
        useCount += 1
        if let known = masks[id] {
            masks[id]?.use = useCount
            if Int(known.mask.farthest) <= limit { return known.mask }
        } else {
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
