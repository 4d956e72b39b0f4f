/// Guesses that what followed the last tokens earlier will follow again: in the prompt, in the reply, in T5's source.
///
/// How much is guessed follows from how well guesses went lately, apart for short and for long matches: where text does
/// not repeat itself, hardly anything is. Source: the prompt lookup of Saxena (2023), after arXiv:2304.04487.
final class PromptLookup: Drafter {
    /// What matches of one length were worth.
    private struct Record {
        /// How many tokens a guess gains, averaged over the last ones.
        var gain: Double
        var skipped = 0
    }

    /// Below this gain a guess costs more than it gives, and only one in `probeInterval` is made, to notice a change.
    private static let worthwhileGain = 0.4
    private static let probeInterval = 24
    private static let memory = 0.7

    private let source: [Int32]
    private let tokenLimit: Int
    private let longestMatch: Int
    /// For matches of 1, 2, 3, 4 to 7 and more tokens.
    private var records = [0.5, 1.5, 3, 6, 12].map { Record(gain: $0) }
    private var current = 0

    /// - Parameters:
    ///   - source: a text to look in besides the one being written.
    ///   - tokenLimit: the most tokens to guess (`prompt_lookup_num_tokens`).
    ///   - longestMatch: how many of the last tokens are looked up at most (`max_matching_ngram_size`).
    init(source: [Int32], tokenLimit: Int, longestMatch: Int) {
        self.source = source
        self.tokenLimit = tokenLimit
        self.longestMatch = longestMatch
    }

    func draft(after tokens: [Int32], limit: Int, _ random: SeededRandom) -> [Int32] {
        let own = best(tokens[...], in: tokens, endingBefore: tokens.count - 1)
        let others = best(tokens[...], in: source, endingBefore: source.count)
        let (match, text) = others.length > own.length ? (others, source) : (own, tokens)
        guard match.length > 0, match.end < text.count else { return [] }
        current = match.length < 4 ? match.length - 1 : match.length < 8 ? 3 : 4
        let count = min(guessLength(), limit, tokenLimit, text.count - match.end)
        return Array(text[match.end ..< match.end + count])
    }

    func learn(accepted: Int, of drafted: Int) {
        // All right: more might have been.
        let gain = accepted == drafted ? Double(accepted) * 1.5 + 1 : Double(accepted)
        records[current].gain = PromptLookup.memory * records[current].gain + (1 - PromptLookup.memory) * gain
    }

    private func guessLength() -> Int {
        if records[current].gain >= PromptLookup.worthwhileGain { return Int(records[current].gain * 1.25) + 1 }
        records[current].skipped += 1
        guard records[current].skipped % PromptLookup.probeInterval == 0 else { return 0 }
        return 1
    }

    /// The longest match of the last tokens that ends before a place in a text, the latest of equal ones.
    private func best(
        _ tokens: ArraySlice<Int32>, in text: [Int32], endingBefore limit: Int
    ) -> (length: Int, end: Int) {
        var best = (length: 0, end: 0)
        // Longer than the limit tells matches apart that are equal up to there, such as rows of a table.
        let longest = min(4 * longestMatch, tokens.count)
        tokens.withUnsafeBufferPointer { tokens in
            text.withUnsafeBufferPointer { text in
                guard let last = tokens.last else { return }
                for end in stride(from: limit, to: 0, by: -1) where text[end - 1] == last {
                    var length = 1
                    while length < min(longest, end),
                        text[end - 1 - length] == tokens[tokens.count - 1 - length]
                    { length += 1 }
                    if length > best.length { best = (length, end) }
                    if best.length == longest { break }
                }
            }
        }
        return best
    }
}
