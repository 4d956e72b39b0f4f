/// A text that a beam search goes on with.
struct Beam {
    /// The prefix and what followed.
    var tokens: [Int32]
    /// The model's log-probability of each new token.
    var logProbabilities: [Float] = []
    /// The sum of the new tokens' processed log-probabilities.
    var score: Float
    /// What the text so far means to the stop texts.
    var stop: (any StopDetector)?
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
    /// The model's log-probability of each, before any processing.
    var logProbabilities: [Float] = []
    /// The sum of the processed log-probabilities divided by a power of the length: `sequences_scores`.
    var score: Float = BeamGroup.farBelow
    var ending = Ending.length
}
