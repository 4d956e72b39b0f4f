#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Beams that compete with each other: those that go on, the best texts that ended, and when no better can come.
///
/// Follows `_beam_search` of transformers 5; with several groups `BeamSearchScorer` of transformers 4, which differs in
/// what is noted.
struct BeamGroup {
    /// What stands for minus infinity in the reference: copies of the prefix and texts that ended are this much worse.
    static let farBelow: Float = -1e9

    /// A text that ended; scores of several groups are divided in f64.
    struct Ended {
        let score: Double
        let reply: BeamReply
    }

    /// The texts that go on.
    var beams: [Beam]
    /// The best texts that ended, best first.
    private(set) var ended: [Ended] = []
    /// Whether nothing more will come.
    private(set) var isDone = false

    private let options: BeamSearch.Options
    private let prefixCount: Int

    /// A candidate and what it would be as a text.
    private struct Continuation {
        let candidate: Candidate
        let rank: Int
        let decoder: (any ReplyDecoder)?
        let ending: BeamReply.Ending?
        /// The score that it would go on with.
        let runningScore: Float

        /// Whether it goes on rather than another; of equal ones a text that has not ended, then the better one.
        func precedes(_ other: Continuation) -> Bool {
            if runningScore != other.runningScore { return runningScore > other.runningScore }
            if (ending == nil) != (other.ending == nil) { return ending == nil }
            return rank < other.rank
        }
    }

    init(_ options: BeamSearch.Options, prefix: [Int32], decoder: (any ReplyDecoder)?) {
        self.options = options
        prefixCount = prefix.count
        // All beams begin as the same text. All but one are far below, or each token would come once a beam.
        beams = (0 ..< options.groupSize).map {
            Beam(tokens: prefix, score: $0 == 0 ? 0 : BeamGroup.farBelow, decoder: decoder)
        }
    }

    /// Takes the step's candidates, best first.
    mutating func advance(_ candidates: [Candidate]) {
        let length = newCount + 1
        let isFull = prefixCount + length >= options.lengthLimit
        let continuations = candidates.enumerated().map { continuation($0.element, rank: $0.offset) }
        for item in continuations.prefix(options.groupSize) {
            guard let ending = item.ending ?? (isFull && options.groupCount == 1 ? .length : nil) else { continue }
            end(extended(beams[item.candidate.beam], by: item, score: item.candidate.score), ending)
        }
        goOn(with: continuations)
        let best = options.groupCount > 1 ? candidates.first?.score : beams.first?.score
        isDone = continuations.allSatisfy { $0.ending != nil } || !canImprove(best, length: length)
        if isFull {
            // In groups the others count only where what ended with a token does not suffice.
            if !isDone, options.groupCount > 1 { endAll(.length) }
            isDone = true
        }
    }

    /// Ends the search with the texts as they are.
    mutating func finish() {
        if !isDone { endAll(.unfinished) }
        isDone = true
    }

    private var newCount: Int { beams.first.map { $0.tokens.count - prefixCount } ?? 0 }

    private func continuation(_ candidate: Candidate, rank: Int) -> Continuation {
        var decoder = beams[candidate.beam].decoder
        var ending: BeamReply.Ending?
        if options.endTokens.contains(candidate.token) {
            ending = .endToken
        } else if decoder?.append(candidate.token).isEnd == true {
            ending = .stopText
        }
        // In groups a text that ended never goes on before one that did not.
        let standIn = options.groupCount > 1 ? -.infinity : candidate.score + BeamGroup.farBelow
        return Continuation(
            candidate: candidate, rank: rank, decoder: decoder, ending: ending,
            runningScore: ending == nil ? candidate.score : standIn)
    }

    /// Makes beams of the best continuations that have not ended. Where there are too few, those that have stay as
    /// stand-ins.
    private mutating func goOn(with continuations: [Continuation]) {
        let chosen = continuations.sorted { $0.precedes($1) }.prefix(options.groupSize)
        var parents = beams
        beams = []
        var children = [Int](repeating: 0, count: parents.count)
        for item in chosen { children[item.candidate.beam] += 1 }
        for item in chosen {
            let row = item.candidate.beam
            children[row] -= 1
            if children[row] > 0 {
                beams.append(extended(parents[row], by: item, score: item.runningScore))
            } else {
                // The last child takes the tokens over, so that they are copied only where texts fork.
                var parent = Beam(tokens: [], score: 0)
                swap(&parent, &parents[row])
                beams.append(extended(parent, by: item, score: item.runningScore))
            }
        }
    }

    private func extended(_ parent: consuming Beam, by item: Continuation, score: Float) -> Beam {
        var beam = parent
        beam.tokens.append(item.candidate.token)
        beam.notes.append(item.candidate.note)
        beam.score = score
        beam.decoder = item.decoder
        beam.isContender = item.rank < options.groupSize || options.doSample
        return beam
    }

    private mutating func endAll(_ ending: BeamReply.Ending) {
        guard newCount > 0 else { return }
        for beam in beams where beam.isContender { end(beam, ending) }
    }

    private mutating func end(_ beam: Beam, _ ending: BeamReply.Ending) {
        let score = score(beam.score, length: beam.tokens.count - prefixCount)
        let counts = options.groupCount > 1 ? !score.isNaN : score > Double(BeamGroup.farBelow)
        guard counts else { return }
        let reply = BeamReply(
            tokens: Array(beam.tokens[prefixCount...]), notes: beam.notes, score: Float(score),
            ending: ending, decoded: DecodedReply(beam.decoder))
        let place = ended.firstIndex { $0.score < score } ?? ended.endIndex
        ended.insert(Ended(score: score, reply: reply), at: place)
        if ended.count > options.groupSize { ended.removeLast() }
    }

    private func score(_ sum: Float, length: Int) -> Double {
        let divisor = pow(Double(length), options.lengthPenalty)
        return options.groupCount > 1 ? Double(sum) / divisor : Double(sum / Float(divisor))
    }

    /// Whether a text that goes on may still become better than the worst that ended.
    private func canImprove(_ best: Float?, length: Int) -> Bool {
        guard ended.count == options.groupSize, let worst = ended.last, let best else { return true }
        switch options.earlyStopping {
        case .whenFull: return false
        case .heuristic: return score(best, length: length) > worst.score
        case .never:
            let longest = options.lengthPenalty > 0 ? options.lengthLimit - prefixCount : length
            return score(best, length: longest) > worst.score
        }
    }
}
