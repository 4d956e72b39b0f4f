/// One request's way from logits to tokens. It holds rows of the cache, numbered from 0, and says what each reads next.
protocol Search {
    /// The tokens that each row reads in the next pass: a list for each row, none empty. Empty when the search has ended.
    var pending: [[Int32]] { get }

    /// Takes the logits that follow each pending token, row after row, and says which rows go on.
    ///
    /// The first call is the prompt's: one row, one pass, the logits after its last token.
    /// - Returns: for each row of the next pass the row of this one that it continues.
    /// Throws `GenerationError` for logits that are not numbers.
    mutating func advance(_ logits: LogitsBlock) throws -> [KeptRow]

    /// Whether the search looks at hidden states, those of the prompt included.
    var needsStates: Bool { get }

    /// Takes the hidden states [N, C] of the tokens of a pass, before its logits.
    mutating func observe(_ states: UnsafeBufferPointer<Float>, size: Int)

    /// Forgets the hidden states of the text: it is read anew, and they come again.
    mutating func forgetStates()

    /// Ends the search early with what there is: the time is over.
    mutating func finish()

    /// The tokens chosen since the last call, for searches that choose for good at each step.
    mutating func takeTokens() -> [GenerationEvent]

    /// The replies so far, the best first where they are ranked.
    var replies: [Reply] { get }
}

extension Search {
    var needsStates: Bool { false }
    mutating func observe(_ states: UnsafeBufferPointer<Float>, size: Int) {}
    mutating func forgetStates() {}
}

/// A row that goes on, and how many of its pending tokens stay in the cache.
struct KeptRow: Equatable {
    var row: Int
    var kept: Int
}

/// The logits [N, V] of one request in one pass, in the backend's result.
struct LogitsBlock {
    let values: UnsafeBufferPointer<Float>
    let vocabularySize: Int
    /// The logits that follow the same tokens after the text that guidance steers away from, and how far it steers.
    var guidance: (values: UnsafeBufferPointer<Float>, scale: Float)?

    var count: Int { values.count / vocabularySize }

    /// Classifier-free guidance (arXiv:2306.17806): makes log-probabilities of a lane's logits, or of what was made of
    /// them, and moves them away from what the other text would make likely. Comes before all processors.
    func guide(_ scores: inout [Float], lane: Int) {
        guard let (values, scale) = guidance, let own = LogSoftmax(scores) else { return }
        let others = UnsafeBufferPointer(rebasing: values[lane * vocabularySize ..< (lane + 1) * vocabularySize])
        guard let away = LogSoftmax(others) else { return }
        for index in scores.indices {
            let unwanted = away(others[index])
            scores[index] = scale * (own(scores[index]) - unwanted) + unwanted
        }
    }

    subscript(lane: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: values[lane * vocabularySize ..< (lane + 1) * vocabularySize])
    }
}
