/// What is added to the logit of a token that completes a sequence.
public struct SequenceBias: Sendable, Equatable {
    /// The sequence, with the token that completes it.
    public var tokens: [Int32]
    /// What is added.
    public var bias: Float

    /// A bias for a sequence.
    public init(_ tokens: [Int32], _ bias: Float) {
        self.tokens = tokens
        self.bias = bias
    }
}

/// From where and how fast end tokens become likelier.
public struct ExponentialDecayLengthPenalty: Sendable, Equatable {
    /// How many new tokens come before.
    public var start: Int
    /// What the growth is multiplied by with each token.
    public var factor: Double

    /// A growth from a place on.
    public init(start: Int, factor: Double) {
        self.start = start
        self.factor = factor
    }
}

/// When a beam search ends.
public enum EarlyStopping: Sendable, Equatable {
    /// When there are as many finished texts as beams.
    case whenFull
    /// When no unfinished text, at its present length, would be better than the worst finished one.
    case heuristic
    /// When no unfinished text can become better than the worst finished one.
    case never
}

/// How the number of tokens that a smaller model guesses changes.
public enum AssistantSchedule: String, Sendable, CaseIterable {
    /// It grows when all guesses were right and shrinks otherwise; each request begins with the configured number.
    case heuristic
    /// The same: in transformers the first carries its number over to the next call.
    case heuristicTransient = "heuristic_transient"
    /// It does not change.
    case constant
}
