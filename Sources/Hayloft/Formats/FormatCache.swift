import HayGeneration
import HayGrammar
import HayTokenizer
import Synchronization

/// The constraints that a tokenizer's replies were lately held to: what was worked out of a grammar serves all requests.
final class FormatCache: Sendable {
    fileprivate struct State {
        var trie: TokenTrie?
        /// The last used one at the end.
        var entries: [(key: String, constraint: FormatConstraint)] = []
    }

    /// How many grammars are kept.
    private static let limit = 8

    private let tokenizer: Tokenizer
    private let vocabularySize: Int
    private let state = Mutex(State())

    init(_ tokenizer: Tokenizer, vocabularySize: Int) {
        self.tokenizer = tokenizer
        self.vocabularySize = vocabularySize
    }

    /// What holds replies to a format. Throws `GrammarError`.
    func constraint(_ format: ReplyFormat, endTokens: Set<Int32>) throws -> FormatConstraint {
        let key = "\(endTokens.sorted()) \(format.key)"
        if let known = state.withLock({ $0.take(key) }) { return known }
        // Worked out without the lock: twice at worst.
        let made = FormatConstraint(tokens: try TokenConstraint(format.grammar(), trie(), endTokens: endTokens))
        state.withLock { $0.keep(made, key, limit: FormatCache.limit) }
        return made
    }

    private func trie() -> TokenTrie {
        if let trie = state.withLock({ $0.trie }) { return trie }
        let texts = (0 ..< Int32(vocabularySize)).map { id in
            tokenizer.bytes(of: id) ?? tokenizer.token(of: id).flatMap(ToolCallNotation.spelling)
        }
        let trie = TokenTrie(texts)
        state.withLock { $0.trie = trie }
        return trie
    }
}

extension FormatCache.State {
    mutating func take(_ key: String) -> FormatConstraint? {
        guard let place = entries.firstIndex(where: { $0.key == key }) else { return nil }
        let entry = entries.remove(at: place)
        entries.append(entry)
        return entry.constraint
    }

    mutating func keep(_ constraint: FormatConstraint, _ key: String, limit: Int) {
        if take(key) != nil { return }
        entries.append((key, constraint))
        if entries.count > limit { entries.removeFirst() }
    }
}
