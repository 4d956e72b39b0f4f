import Synchronization

/// A grammar met with a vocabulary: says which tokens may follow. Safe to use from several threads.
///
/// What it learns on the way it keeps as far as there is room.
public final class TokenConstraint: Sendable {
    /// The fewest tokens that a text takes, an end token included, or a little more: a reply with room for so many is
    /// always a whole text.
    public let shortest: Int

    private let trie: TokenTrie
    private let endTokens: Set<Int32>
    private let tables: Mutex<MaskTables>

    /// Throws `GrammarError` where the vocabulary cannot spell what the grammar needs, or has no end token.
    ///
    /// A text can be finished in time where each byte that it needs is a token too; other bytes are written only as part
    /// of longer tokens, and only where the text can be finished without them.
    public convenience init(_ grammar: Grammar, _ trie: TokenTrie, endTokens: Set<Int32>) throws {
        try self.init(grammar, trie, endTokens: endTokens, countLimit: 1 << 16)
    }

    /// As above; what it learns is let go when it is more than so many states beyond those of one text.
    init(_ grammar: Grammar, _ trie: TokenTrie, endTokens: Set<Int32>, countLimit: Int) throws {
        guard !endTokens.isEmpty else { throw GrammarError.noEndToken }
        self.trie = trie
        self.endTokens = endTokens
        var bytes = [Bool](repeating: false, count: 256)
        for (id, text) in trie.texts.enumerated() {
            if let text, text.count == 1, !endTokens.contains(Int32(id)) { bytes[Int(text[0])] = true }
        }
        let network = grammar.network
        let shortcuts = Shortcuts.find(in: network, trie) { !endTokens.contains($0) }
        let distances = Distances(network, bytes: bytes, shortcuts: shortcuts)
        let root = network.rules[network.root].start
        guard distances.pieces[root] < Distances.none else {
            let free = Distances(network, bytes: Array(repeating: true, count: 256), shortcuts: [])
            guard free.pieces[root] < Distances.none else { throw GrammarError.noValue(path: "#") }
            throw GrammarError.missingToken(byte: TokenConstraint.missingByte(network, bytes))
        }
        guard distances.height[root] <= Machine.depthLimit else {
            throw GrammarError.tooLarge(path: "#", what: "levels of nesting", limit: Int(Machine.depthLimit))
        }
        shortest = Int(distances.pieces[root]) + 1
        tables = Mutex(MaskTables(Machine(network, distances), countLimit: countLimit))
    }

    /// A byte without which there would be texts: the first whose absence closes the last way.
    private static func missingByte(_ network: Network, _ bytes: [Bool]) -> UInt8 {
        var available = bytes
        let root = network.rules[network.root].start
        var blamed: UInt8 = 0
        for byte in 0 ..< 256 where !bytes[byte] {
            available[byte] = true
            blamed = UInt8(byte)
            if Distances(network, bytes: available, shortcuts: []).pieces[root] < Distances.none { break }
        }
        return blamed
    }

    /// Whether some tokens are a whole text, with an end token after it or without one.
    public func accepts(_ tokens: ArraySlice<Int32>) -> Bool {
        tables.withLock { $0.judge(tokens, trie, endTokens).isWhole }
    }

    /// Whether some tokens are the beginning of a text, or all of it.
    func isBeginning(_ tokens: ArraySlice<Int32>) -> Bool {
        tables.withLock { $0.judge(tokens, trie, endTokens).isBeginning }
    }

    /// Whether the room leaves out tokens that may follow some others: those after which the text could not be finished.
    ///
    /// - Parameter remaining: how many tokens may still come, the next one included.
    public func isNarrow(after reply: ArraySlice<Int32>, remaining: Int) -> Bool {
        tables.withLock { $0.isNarrow(after: reply, remaining, trie, endTokens) }
    }

    /// How many bytes it keeps, about. It grows with the tokens that were written, up to a limit.
    public var memory: Int { tables.withLock { $0.memory } }

    /// Sets the logit of each token that may not follow to minus infinity; all of them after tokens that begin no text.
    ///
    /// - Parameters:
    ///   - reply: the tokens of the text so far. They are walked anew each time, which takes some nanoseconds a byte.
    ///   - remaining: how many tokens may still come, this one included. Near the end only tokens are left after which
    ///     the text can be finished in time.
    public func apply(to logits: inout [Float], after reply: ArraySlice<Int32>, remaining: Int) {
        logits.withUnsafeMutableBufferPointer { apply(to: $0, after: reply, remaining: remaining) }
    }

    /// Sets the logit of each token that may not follow to minus infinity; all of them after tokens that begin no text.
    ///
    /// - Parameters:
    ///   - reply: the tokens of the text so far. They are walked anew each time, which takes some nanoseconds a byte.
    ///   - remaining: how many tokens may still come, this one included. Near the end only tokens are left after which
    ///     the text can be finished in time.
    public func apply(
        to logits: UnsafeMutableBufferPointer<Float>, after reply: ArraySlice<Int32>, remaining: Int
    ) {
        guard let mask = tables.withLock({ $0.mask(after: reply, remaining, trie, endTokens) }) else {
            return logits.update(repeating: -.infinity)
        }
        mask.apply(to: logits)
    }
}
