/// One reply that takes one token after the other, for good.
final class SampledRow {
    /// What ends replies, and what is noted of them.
    struct Setting {
        let sampler: Sampler
        let endTokens: Set<Int32>
        let newTokenLimit: Int
        /// How many tokens a row may guess ahead, so that all rows fit a pass.
        let draftLimit: Int
        /// The length beyond which the text is read anew: no guess leads from before it to behind it.
        let rereadLength: Int?
        /// How many alternatives each token is reported with; nil for no log-probabilities.
        let topLogprobs: Int?
        let keepsScores: Bool
        let keepsLogits: Bool
    }

    /// The text so far: the prefix, then the reply.
    private(set) var tokens: [Int32]
    private(set) var reply = Reply()
    /// Whether a constraint had to end it before the model did, as the room came to an end.
    var isCut = false
    var random: SeededRandom
    private(set) var drafter: (any Drafter)?
    private let setting: Setting
    private var decoder: (any ReplyDecoder)?
    /// What happened since it was last asked.
    private var events: [GenerationEvent] = []

    init(
        _ setting: Setting, prefix: [Int32], index: Int, random: SeededRandom, decoder: (any ReplyDecoder)?,
        drafter: (any Drafter)?
    ) {
        self.setting = setting
        tokens = prefix
        reply.index = index
        self.random = random
        self.decoder = decoder
        self.drafter = drafter
    }

    var isRunning: Bool { reply.finishReason == nil }

    /// Notes the model's logits and what processors made of them, where that is asked for.
    func note(logits: UnsafeBufferPointer<Float>, scores: @autoclosure () -> [Float]) {
        if setting.keepsLogits { reply.logits.append(Array(logits)) }
        if setting.keepsScores { reply.scores.append(scores()) }
    }

    /// A token as it is reported.
    func described(_ id: Int32, of logits: UnsafeBufferPointer<Float>) -> GeneratedToken {
        setting.topLogprobs.map { GeneratedToken(id: id, likeliest: $0, of: logits) } ?? GeneratedToken(id: id)
    }

    /// Takes a token, which may be the last.
    func append(_ token: GeneratedToken) {
        tokens.append(token.id)
        reply.tokens.append(token)
        let decoded = decoder?.append(token.id)
        var reported = token
        reported.text = decoded?.text
        events.append(.token(reported, reply: reply.index))
        if setting.endTokens.contains(token.id) {
            end(isCut ? .length : .stop)
        } else if decoded?.isEnd == true {
            reply.hasStopText = true
            end(.stop)
        } else if reply.tokens.count >= setting.newTokenLimit {
            end(.length)
        }
    }

    func end(_ reason: FinishReason) {
        guard isRunning else { return }
        reply.finishReason = reason
        reply.decoded = DecodedReply(decoder)
        drafter = nil
        events.append(.reply(reply))
    }

    func takeEvents() -> [GenerationEvent] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// Guesses what follows.
    func draft() throws -> [Int32] {
        var limit = min(setting.newTokenLimit - reply.tokens.count - 1, setting.draftLimit)
        if let length = setting.rereadLength, tokens.count <= length { limit = min(limit, length - tokens.count) }
        return limit > 0 ? try drafter?.draft(after: tokens, limit: limit, random) ?? [] : []
    }
}

extension GeneratedToken {
    /// A token with its log-probability and those of the likeliest ones, the best first, the lower id of equal ones.
    init(id: Int32, likeliest count: Int, of logits: UnsafeBufferPointer<Float>) {
        let softmax = LogSoftmax(logits)
        let best = count > 0 ? places(ofLargest: count, in: Array(logits)) : []
        self.init(
            id: id, logprob: softmax?(logits[Int(id)]),
            top: best.map { TokenLogprob(id: Int32($0), logprob: softmax?(logits[$0]) ?? -.infinity) })
    }
}
