/// Beam search, as a machine from logits to rows: plain, as a draw, or in groups that differ (arXiv:1610.02424).
///
/// Gives what transformers gives: 5.23 for one group, 4.49 for several, which later releases no longer have.
struct BeamSearch: Search {
    /// How many texts are followed, and when one is good enough. The names of `GenerationConfig` are in brackets.
    struct Options: Equatable {
        /// The texts that go on (`num_beams`).
        var beamCount: Int
        /// The groups that they are divided into (`num_beam_groups`).
        var groupCount = 1
        /// What a token loses for each earlier group's beam that takes it in the same step (`diversity_penalty`).
        var diversityPenalty: Float = 0
        /// The power of the length that scores are divided by (`length_penalty`).
        var lengthPenalty: Double = 1
        var earlyStopping = EarlyStopping.heuristic
        /// How many replies are wanted, at most one a beam (`num_return_sequences`).
        var returnCount = 1
        /// The longest text, its prefix included (`max_length`).
        var lengthLimit: Int
        /// Tokens that end a text (`eos_token_id`).
        var endTokens: [Int32] = []
        /// The token that groups that are done count as taking (`pad_token_id`); nil is the first end token.
        var padToken: Int32?
        /// Whether continuations are drawn rather than the best taken; for one group (`do_sample`).
        var doSample = false
        /// What draws follow from.
        var seed: UInt64 = 0
        /// How many alternatives each token is reported with; nil for no log-probabilities.
        var topLogprobs: Int?
        /// Whether processed log-probabilities and the model's logits are kept for each token.
        var keepsScores = false
        var keepsLogits = false

        /// The beams of a group.
        var groupSize: Int { beamCount / groupCount }

        /// The candidates of a step: so many that enough go on if every beam's best end it.
        var candidateCount: Int { max(2, 1 + endTokens.count) * groupSize }
    }

    /// Changes the log-probabilities [V] of the token that follows a text, prefix included.
    typealias Processor = @Sendable (_ scores: inout [Float], _ tokens: [Int32]) -> Void

    private(set) var pending: [[Int32]]

    private let options: Options
    private let process: Processor
    private var groups: [BeamGroup]
    private var random: SeededRandom
    /// One row of processed log-probabilities, kept between steps.
    private var scores: [Float] = []

    /// A search from a prefix that is not empty; `decoder` follows the text after it.
    init(
        _ options: Options, prefix: [Int32], decoder: (any ReplyDecoder)? = nil,
        process: @escaping Processor = { _, _ in }
    ) {
        precondition(options.groupCount > 0 && options.groupSize > 0, "beams in \(options.groupCount) groups")
        precondition(options.beamCount % options.groupCount == 0, "groups of different sizes")
        precondition(1 ... options.beamCount ~= options.returnCount, "a reply is a beam")
        precondition(options.groupCount == 1 || !options.doSample, "groups are not drawn")
        precondition(!prefix.isEmpty, "logits follow a token")
        self.options = options
        self.process = process
        groups = Array(repeating: BeamGroup(options, prefix: prefix, decoder: decoder), count: options.groupCount)
        random = SeededRandom(seed: options.seed)
        pending = prefix.count < options.lengthLimit ? [prefix] : []
    }

    mutating func advance(_ logits: LogitsBlock) throws -> [KeptRow] {
        precondition(logits.count == pending.count, "\(logits.count) rows of logits for \(pending.count) of tokens")
        var taken: [Int32] = []
        for index in groups.indices {
            let wasDone = groups[index].isDone
            if !wasDone {
                let candidates = try bestCandidates(after: groups[index].beams, logits, taken)
                groups[index].advance(candidates)
            }
            taken += takenTokens(groups[index], wasDone: wasDone)
        }
        return layRows()
    }

    /// Ends the search now, as when a limit on time is met: what goes on counts as it is.
    mutating func finish() {
        for index in groups.indices { groups[index].finish() }
        pending = []
    }

    /// The replies, best first, after the end: as many as are wanted. Those that the model left no tokens for are empty.
    var beamReplies: [BeamReply] {
        var replies = groups.flatMap(\.ended).enumerated().sorted { first, second in
            (first.element.score, first.offset) > (second.element.score, second.offset)
        }.map(\.element.reply)
        if options.groupCount == 1 { replies = groups[0].ended.map(\.reply) }
        for index in replies.indices where options.groupCount > 1 && replies[index].ending == .endToken {
            // transformers 4 writes the first end token, whichever it was.
            replies[index].tokens[replies[index].tokens.count - 1] = options.endTokens[0]
        }
        let missing = max(0, options.returnCount - replies.count)
        return Array(replies.prefix(options.returnCount)) + Array(repeating: BeamReply(), count: missing)
    }

    /// The same as replies of a request.
    var replies: [Reply] {
        beamReplies.enumerated().map { index, beam in
            var reply = Reply()
            reply.index = index
            reply.tokens = zip(beam.tokens, beam.notes).map { id, note in
                GeneratedToken(id: id, logprob: options.topLogprobs == nil ? nil : note.logProbability, top: note.top)
            }
            reply.scores = beam.notes.compactMap(\.scores)
            reply.logits = beam.notes.compactMap(\.logits)
            reply.score = beam.score
            reply.finishReason = beam.ending == .length || beam.ending == .unfinished ? .length : .stop
            reply.hasStopText = beam.ending == .stopText
            reply.decoded = beam.decoded
            return reply
        }
    }

    /// Nothing before the end, then every reply.
    func takeTokens() -> [GenerationEvent] { pending.isEmpty ? replies.map { .reply($0) } : [] }

    private mutating func bestCandidates(
        after beams: [Beam], _ logits: LogitsBlock, _ taken: [Int32]
    ) throws -> [Candidate] {
        var best = BestCandidates(count: options.candidateCount)
        var sources: [Source] = []
        for (place, beam) in beams.enumerated() {
            if place > 0, beam.lane == beams[place - 1].lane {
                sources.append(sources[place - 1])  // the same text: the first step's copies of the prefix
            } else {
                sources.append(try score(beam, logits, taken))
            }
            if options.doSample {
                best.offerDraw(scores, after: place, score: beam.score, &random)
            } else {
                best.offer(scores, after: place, score: beam.score)
            }
        }
        var candidates = best.sorted()
        // Groups of transformers 4 go on with impossible texts.
        if candidates.allSatisfy({ $0.score == -.infinity && options.groupCount == 1 }) {
            throw GenerationError.noTokenLeft(position: beams.first?.tokens.count ?? 0)
        }
        for index in candidates.indices {
            let (beam, token) = (candidates[index].beam, Int(candidates[index].token))
            var note = sources[beam].note
            note.logProbability = sources[beam].softmax(logits[beams[beam].lane][token])
            candidates[index].note = note
        }
        return candidates
    }

    /// What candidates after one beam have in common.
    private struct Source {
        let softmax: LogSoftmax
        var note = TokenNote()
    }

    /// Leaves the processed log-probabilities of what follows a beam.
    private mutating func score(_ beam: Beam, _ logits: LogitsBlock, _ taken: [Int32]) throws -> Source {
        let row = logits[beam.lane]
        guard let softmax = LogSoftmax(row) else {
            throw GenerationError.notFinite(position: beam.tokens.count)
        }
        softmax.write(row, to: &scores)
        logits.guide(&scores, lane: beam.lane)
        diversify(taken)
        process(&scores, beam.tokens)
        var source = Source(softmax: softmax)
        if options.keepsLogits { source.note.logits = Array(row) }
        if options.keepsScores { source.note.scores = scores }
        if let count = options.topLogprobs, count > 0 {
            source.note.top = GeneratedToken(id: 0, likeliest: count, of: row).top
        }
        return source
    }

    /// Takes from each token what earlier groups make it lose.
    private mutating func diversify(_ taken: [Int32]) {
        var counts: [Int32: Float] = [:]
        for token in taken { counts[token, default: 0] += 1 }
        for (token, count) in counts where scores.indices.contains(Int(token)) {
            scores[Int(token)] -= options.diversityPenalty * count
        }
    }

    /// What a group took in this step; one that is done counts as padded.
    private func takenTokens(_ group: BeamGroup, wasDone: Bool) -> [Int32] {
        guard wasDone else { return group.beams.compactMap(\.tokens.last) }
        guard let token = options.padToken ?? options.endTokens.first else { return [] }
        return Array(repeating: token, count: options.groupSize)
    }

    /// Gives each text that goes on its row of the next pass.
    private mutating func layRows() -> [KeptRow] {
        var rows: [KeptRow] = []
        pending = []
        for index in groups.indices where !groups[index].isDone {
            for place in groups[index].beams.indices {
                rows.append(KeptRow(row: groups[index].beams[place].lane, kept: 1))
                groups[index].beams[place].lane = pending.count
                pending.append(Array(groups[index].beams[place].tokens.suffix(1)))
            }
        }
        return rows
    }
}
