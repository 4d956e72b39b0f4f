/// Greedy search and sampling: each reply takes one token after the other.
///
/// All replies continue the same prompt. Where a drafter guesses ahead, its tokens are read together with the last one,
/// and kept as far as they are what would have been chosen: the reply is the same, with fewer passes.
final class SampleSearch: Search {
    private let sampler: Sampler
    private let rows: [SampledRow]
    private var running: [SampledRow]
    private var hasBegun = false
    private var scratch: [Float]
    private(set) var pending: [[Int32]] = []

    init(_ sampler: Sampler, vocabularySize: Int, rows: [SampledRow]) {
        self.sampler = sampler
        self.rows = rows
        running = rows
        scratch = [Float](repeating: 0, count: vocabularySize)
    }

    var replies: [Reply] { rows.map(\.reply) }

    func advance(_ logits: LogitsBlock) throws -> [KeptRow] {
        var kept: [KeptRow] = []
        var lane = 0
        for (index, row) in running.enumerated() {
            let drafted = hasBegun ? pending[index].dropFirst() : []
            let used = try read(row, logits, from: lane, drafted)
            if hasBegun { lane += pending[index].count }
            if row.isRunning { kept.append(KeptRow(row: hasBegun ? index : 0, kept: used)) }
        }
        hasBegun = true
        running.removeAll { !$0.isRunning }
        // What each reads next: its last token, and what is guessed to follow.
        pending = try running.map { try [$0.tokens[$0.tokens.count - 1]] + $0.draft() }
        return kept
    }

    func finish() {
        for row in running { row.end(.length) }
        running = []
        pending = []
    }

    func takeTokens() -> [GenerationEvent] {
        rows.count == 1 ? rows[0].takeEvents() : rows.flatMap { $0.takeEvents() }
    }

    /// Chooses tokens as long as what was read is what was chosen.
    ///
    /// - Returns: how many of the tokens that were read belong to the text.
    private func read(
        _ row: SampledRow, _ logits: LogitsBlock, from lane: Int, _ drafted: ArraySlice<Int32>
    ) throws -> Int {
        var used = 1
        for draft in drafted {
            guard try choose(row, logits, lane + used - 1) == draft, row.isRunning else {
                row.drafter?.learn(accepted: used - 1, of: drafted.count)
                return used
            }
            used += 1
        }
        _ = try choose(row, logits, lane + used - 1)
        if !drafted.isEmpty { row.drafter?.learn(accepted: drafted.count, of: drafted.count) }
        return used
    }

    private func choose(_ row: SampledRow, _ block: LogitsBlock, _ lane: Int) throws -> Int32 {
        let logits = block[lane]
        scratch.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: logits) }
        block.guide(&scratch, lane: lane)
        row.note(logits: logits, scores: processed(after: row.tokens))
        if !row.isCut { row.isCut = sampler.isCut(scratch, after: row.tokens) }
        guard let id = sampler.choose(&scratch, after: row.tokens, &row.random) else {
            throw GenerationError.nothingToChoose(from: logits, position: row.tokens.count)
        }
        row.append(row.described(id, of: logits))
        return id
    }

    private func processed(after tokens: [Int32]) -> [Float] {
        var scores = scratch
        sampler.process(&scores, after: tokens)
        return scores
    }
}
