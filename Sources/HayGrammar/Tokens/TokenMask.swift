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

    init(_ machine: Machine) { configurations = Configurations(machine) }

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
        var words = [UInt64](repeating: 0, count: (trie.texts.count + 63) / 64)
        var farthest: Int32 = 0
        var states = [Int32](repeating: start, count: trie.depth + 1)
        trie.nodes.withUnsafeBufferPointer { nodes in
            trie.tokens.withUnsafeBufferPointer { tokens in
                words.withUnsafeMutableBufferPointer { words in
                    func allow(_ first: Int32, _ end: Int32) {
                        for place in Int(first) ..< Int(end) {
                            words[Int(tokens[place] >> 6)] |= 1 << UInt64(tokens[place] & 63)
                        }
                    }
                    let end = nodes.count - 1
                    var index = 0
                    while index < end {
                        let node = nodes[index]
                        let state = states[Int(node.depth) - 1]
                        if node.kinds & ~configurations.knownLoops(state) == 0 {
                            let pieces = configurations.pieces(state)
                            if Int(pieces) <= limit {
                                farthest = max(farthest, pieces)
                                allow(node.firstToken, nodes[Int(node.end)].firstToken)
                            }
                            index = Int(node.end)
                            continue
                        }
                        let next = configurations.step(state, node.byte)
                        if next < 0 {
                            index = Int(node.end)
                            continue
                        }
                        if next == state, configurations.knownLoops(state) == 0 { _ = configurations.loops(state) }
                        states[Int(node.depth)] = next
                        let after = nodes[index + 1].firstToken
                        if node.firstToken < after {
                            let pieces = configurations.pieces(next)
                            if Int(pieces) <= limit {
                                farthest = max(farthest, pieces)
                                allow(node.firstToken, after)
                            }
                        }
                        index += 1
                    }
                }
            }
        }
        let mayEnd = configurations.mayEnd(start)
        for token in endTokens where token >= 0 {
            let word = Int(token >> 6)
            while words.count <= word { words.append(0) }
            if mayEnd { words[word] |= 1 << UInt64(token & 63) } else { words[word] &= ~(1 << UInt64(token & 63)) }
        }
        return TokenMask(words, farthest: farthest)
    }
}
