/// Greedy search and sampling: each reply takes one token after the other, for good.
///
/// All replies continue the same prompt. Where a drafter guesses ahead, its tokens are read together with the last one,
/// and kept as far as they are what would have been chosen: the reply is the same, with fewer passes.
final class SampleSearch: Search {
    /// What all rows share.
    struct Setting {
        let sampler: Sampler
        let endTokens: [Int32]
        let newTokenLimit: Int
        /// How many alternatives each token is reported with; nil for no log-probabilities.
        let topLogprobs: Int?
        let keepsScores: Bool
        let keepsLogits: Bool
    }

    private let setting: Setting
    private var rows: [SampledRow]
    private var running: [SampledRow]
    private var hasBegun = false
    private var scratch: [Float]
    private(set) var pending: [[Int32]] = []
    private var events: [GenerationEvent] = []

    init(_ setting: Setting, vocabularySize: Int, rows: [SampledRow]) {
        self.setting = setting
        self.rows = rows
        running = rows
        scratch = [Float](repeating: 0, count: vocabularySize)
    }

    var replies: [Reply] { rows.map(\.reply) }

    func advance(_ logits: LogitsBlock) throws -> [KeptRow] {
        var kept: [KeptRow] = []
        var lane = 0
        for (index, row) in running.enumerated() {
            let count = hasBegun ? pending[index].count : 1
            let used = try read(row, logits, lane ..< lane + count, drafted: hasBegun ? pending[index].dropFirst() : [])
            if hasBegun { lane += count }
            if row.reply.finishReason == nil { kept.append(KeptRow(row: hasBegun ? index : 0, kept: used)) }
        }
        hasBegun = true
        running.removeAll { $0.reply.finishReason != nil }
        try prepare()
        return kept
    }

    func finish() {
        for row in running { end(row, .length) }
        running = []
        pending = []
    }

    func takeTokens() -> [GenerationEvent] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// What each running row reads next: its last token, and what is guessed to follow.
    private func prepare() throws {
        pending.removeAll(keepingCapacity: true)
        for row in running {
            let room = setting.newTokenLimit - row.reply.tokens.count - 1
            let guess = room > 0 ? try row.drafter?.draft(after: row.tokens, limit: room, row.random) ?? [] : []
            pending.append([row.tokens[row.tokens.count - 1]] + guess)
        }
    }

    /// Chooses tokens as long as what was read is what was chosen.
    ///
    /// - Returns: how many of the tokens that were read belong to the text.
    private func read(
        _ row: SampledRow, _ logits: LogitsBlock, _ lanes: Range<Int>, drafted: ArraySlice<Int32>
    ) throws -> Int {
        var used = 0
        for (lane, draft) in zip(lanes, drafted.map { Optional($0) } + [nil]) {
            used += 1
            let id = try choose(row, logits[lane])
            if row.reply.finishReason != nil || id != draft { break }
        }
        if !drafted.isEmpty { row.drafter?.learn(accepted: used - 1, of: drafted.count) }
        return used
    }

    private func choose(_ row: SampledRow, _ logits: UnsafeBufferPointer<Float>) throws -> Int32 {
        scratch.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: logits) }
        if setting.keepsLogits { row.reply.logits.append(Array(logits)) }
        if setting.keepsScores {
            var scores = Array(logits)
            setting.sampler.process(&scores, after: row.tokens)
            row.reply.scores.append(scores)
        }
        guard let id = setting.sampler.choose(&scratch, after: row.tokens, &row.random) else {
            throw GenerationError.notFinite(position: row.tokens.count)
        }
        var token = GeneratedToken(id: id)
        if let count = setting.topLogprobs { token = GeneratedToken(id: id, likeliest: count, of: logits) }
        row.tokens.append(id)
        row.reply.tokens.append(token)
        events.append(.token(token, reply: row.reply.index))
        if setting.endTokens.contains(id) {
            end(row, .stop)
        } else if row.stop?.append(id) == true {
            row.reply.hasStopText = true
            end(row, .stop)
        } else if row.reply.tokens.count >= setting.newTokenLimit {
            end(row, .length)
        }
        return id
    }

    private func end(_ row: SampledRow, _ reason: FinishReason) {
        row.reply.finishReason = reason
        row.drafter = nil
        events.append(.reply(row.reply))
    }
}

/// One reply being sampled.
final class SampledRow {
    /// The text so far: the prefix, then the reply.
    var tokens: [Int32]
    var reply = Reply()
    var random: SeededRandom
    var stop: (any StopDetector)?
    var drafter: (any Drafter)?

    init(prefix: [Int32], index: Int, random: SeededRandom, stop: (any StopDetector)?, drafter: (any Drafter)?) {
        tokens = prefix
        reply.index = index
        self.random = random
        self.stop = stop
        self.drafter = drafter
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
