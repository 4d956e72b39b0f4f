import HayGrammar
import HayJSON
import TestSupport

/// A vocabulary of all bytes and of some words, small enough to try each token.
enum Words {
    /// The texts of the tokens; the last one ends a text.
    static let texts: [[UInt8]?] =
        (0 ... 255).map { [UInt8($0)] }
        + [
            "{\"", "\":", "\": ", "\",", "\", \"", "\"}", "\"]", "[]", "{}", "true", "false", "null", "  ", "\n  ",
            "},", "],",
            "00", "12", "-1", ".5", "e1", "the", " and", "é", "😀", "日本", "日", "\\n", "\\u00", "\\\"", "name", "value",
            "next",
            "\"kind\": \"", "abc", "2024-", "T12:", "://", "a", "true", "]]}", "}}", "[[",
        ].map { Array($0.utf8) } + [nil, []]
    /// The token that ends a text.
    static let end = Int32(texts.count - 2)
    static let trie = TokenTrie(texts)

    static func constraint(_ grammar: Grammar) throws -> TokenConstraint {
        try TokenConstraint(grammar, trie, endTokens: [end])
    }

    /// Whether a grammar has a text, spelled byte by byte.
    static func accepts(_ constraint: TokenConstraint, _ text: String) -> Bool {
        constraint.accepts(tokens(text)[...])
    }

    /// A text spelled byte by byte.
    static func tokens(_ text: String) -> [Int32] { text.utf8.map(Int32.init) }

    /// The tokens that may follow.
    static func allowed(_ constraint: TokenConstraint, _ reply: [Int32], _ remaining: Int) -> [Int32] {
        var logits = [Float](repeating: 0, count: texts.count)
        constraint.apply(to: &logits, after: reply[...], remaining: remaining)
        return logits.indices.filter { logits[$0] == 0 }.map(Int32.init)
    }

    /// Bytes of tokens drawn at random from those that may follow, until the end; nil where none may.
    ///
    /// - Parameter plain: how much likelier letters and punctuation are than bytes beyond ASCII and escapes.
    static func walk(
        _ constraint: TokenConstraint, room: Int, plain: Int, _ random: inout SplitMix
    ) -> (bytes: [UInt8], count: Int)? {
        var reply: [Int32] = []
        var bytes: [UInt8] = []
        for step in 0 ..< room {
            let allowed = allowed(constraint, reply, room - step)
            if allowed.isEmpty { return nil }
            var choices: [Int32] = []
            for token in allowed {
                let first = texts[Int(token)]?.first ?? 0x22
                let weight = first >= 0x80 || first == 0x5C || first < 0x20 ? 1 : first == 0x22 ? plain * 8 : plain
                choices += repeatElement(token, count: weight)
            }
            let token = choices[Int.random(in: choices.indices, using: &random)]
            if token == end { return constraint.accepts(reply[...]) ? (bytes, step + 1) : nil }
            bytes += texts[Int(token)] ?? []
            reply.append(token)
        }
        return nil
    }
}
