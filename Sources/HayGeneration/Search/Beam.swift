/// A text that a beam search goes on with.
struct Beam {
    /// The prefix and what followed.
    var tokens: [Int32]
    /// What is noted of each new token.
    var notes: [TokenNote] = []
    /// The sum of the new tokens' processed log-probabilities.
    var score: Float
    /// The text so far.
    var decoder: (any ReplyDecoder)?
    /// Whether it was among the step's best, as many as there are beams. Others stand in for texts that ended, and cannot
    /// be a reply before they were among the best once. All beams that were drawn are.
    var isContender = true
    /// The lane of the block that holds its logits.
    var lane = 0
}

/// A text that a beam search gives.
struct BeamReply: Equatable {
    /// Why a reply has no more tokens.
    enum Ending: Equatable {
        case endToken, stopText, length
        /// The search was finished early.
        case unfinished
    }

    /// The new tokens, a final end token included.
    var tokens: [Int32] = []
    /// What is noted of each.
    var notes: [TokenNote] = []
    /// The sum of the processed log-probabilities divided by a power of the length: `sequences_scores`.
    var score: Float = BeamGroup.farBelow
    var ending = Ending.length
    var decoded: DecodedReply?
}

/// What is known of a token of a beam besides its id.
struct TokenNote: Equatable {
    /// The model's log-probability, before any processing.
    var logProbability: Float = 0
    var top: [TokenLogprob] = []
    /// The processed log-probabilities [V] and the model's logits [V], where they are kept; beams share them.
    var scores: [Float]?
    var logits: [Float]?
}
