#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import Testing

@testable import HayGeneration

/// Probabilities of the next token by the text so far; [0] is the prefix.
private typealias Script = [[Int32]: [Float]]

/// After 1 follows nothing likely, after 2 a 3 for certain; 4 ends a text.
private let script: Script = [
    [0]: [0, 0.5, 0.4, 0, 0.1],
    [0, 1]: [0.3, 0.3, 0.3, 0, 0.1], [0, 2]: [0, 0, 0, 0.9, 0.1],
]

/// Ends texts at a token.
private struct StopsAt: ReplyDecoder {
    let token: Int32
    mutating func append(_ token: Int32) -> (text: String, isEnd: Bool) { ("", token == self.token) }
}

/// Runs a search on a script until it ends or has made so many steps.
private func run(_ search: BeamSearch, _ script: Script, steps: Int = 100) throws -> BeamSearch {
    var search = search
    var rows = search.pending
    for _ in 0 ..< steps where !search.pending.isEmpty {
        let values = rows.flatMap { row in (script[row] ?? [0.2, 0.2, 0.2, 0.2, 0.2]).map { Float(log(Double($0))) } }
        let kept = try values.withUnsafeBufferPointer { try search.advance(LogitsBlock(values: $0, vocabularySize: 5)) }
        rows = zip(kept, search.pending).map { rows[$0.row] + $1 }
    }
    return search
}

private func options(_ beams: Int, limit: Int, ends: [Int32] = [4]) -> BeamSearch.Options {
    var options = BeamSearch.Options(beamCount: beams, lengthLimit: limit)
    options.endTokens = ends
    return options
}

private func tokens(_ search: BeamSearch) -> [[Int32]] { search.beamReplies.map(\.tokens) }

@Suite("Beam search")
struct BeamSearchTests {
    @Test("finds the text that the best first token hides")
    func hidden() throws {
        #expect(try tokens(run(BeamSearch(options(1, limit: 3), prefix: [0]), script))[0].first == 1)
        let search = try run(BeamSearch(options(2, limit: 3), prefix: [0]), script)
        #expect(tokens(search) == [[2, 3]])
        #expect(search.pending.isEmpty)
        #expect(search.beamReplies[0].ending == .length)
        #expect(abs(search.beamReplies[0].score - Float(log(0.36) / 2)) < 1e-6)
        #expect(abs(search.beamReplies[0].notes.map(\.logProbability)[1] - Float(log(0.9))) < 1e-6)
    }

    @Test("makes a row of each beam, with one token to read")
    func rows() throws {
        var search = BeamSearch(options(2, limit: 3), prefix: [0])
        #expect(search.pending == [[0]])
        let logits: [Float] = [0, 0.5, 0.4, 0, 0.1].map { Float(log(Double($0))) }
        let kept = try logits.withUnsafeBufferPointer {
            try search.advance(LogitsBlock(values: $0, vocabularySize: 5))
        }
        #expect(kept == [KeptRow(row: 0, kept: 1), KeptRow(row: 0, kept: 1)])
        #expect(search.pending == [[1], [2]])
    }

    @Test("divides by a power of the length: a large one prefers long texts, a negative one short ones")
    func lengthPenalty() throws {
        // [4] has log(0.3), [1, 4] log(0.245), [2, 4] log(0.21) in all.
        let script: Script = [
            [0]: [0, 0.35, 0.35, 0, 0.3], [0, 1]: [0, 0.1, 0.1, 0.1, 0.7], [0, 2]: [0, 0.2, 0.1, 0.1, 0.6],
        ]
        var options = options(3, limit: 3)
        for (penalty, expected): (Double, [Int32]) in [(0, [4]), (-1, [4]), (2, [1, 4])] {
            options.lengthPenalty = penalty
            let best = try run(BeamSearch(options, prefix: [0]), script).beamReplies[0]
            #expect(best.tokens == expected)
            #expect(best.ending == .endToken)
        }
    }

    @Test("stops at once when it has enough texts, if asked to")
    func earlyStopping() throws {
        let script: Script = [[0]: [0, 0.3, 0, 0.3, 0.4], [0, 1]: [0, 0, 0.99, 0, 0.01]]
        var options = options(2, limit: 4, ends: [4, 3])
        options.earlyStopping = .whenFull
        options.returnCount = 2
        #expect(try tokens(run(BeamSearch(options, prefix: [0]), script)).contains([4]))
        let one = try run(BeamSearch(options, prefix: [0]), [[0]: [0, 0.1, 0, 0.4, 0.5]])
        #expect(tokens(one) == [[4], [3]])
        #expect(one.pending.isEmpty)
    }

    @Test("takes no end token that is not among as many candidates as beams")
    func backup() throws {
        var options = options(2, limit: 3)
        options.returnCount = 2
        let search = try run(BeamSearch(options, prefix: [0]), [[0]: [0, 0.5, 0.4, 0, 0.1]], steps: 1)
        #expect(search.beamReplies.allSatisfy { $0.tokens.isEmpty })
    }

    @Test("ends a text at a stop text as at an end token")
    func stopText() throws {
        let search = try run(BeamSearch(options(2, limit: 9), prefix: [0], decoder: StopsAt(token: 3)), script)
        #expect(tokens(search) == [[2, 3]])
        #expect(search.beamReplies[0].ending == .stopText)
    }

    @Test("finished early, it gives the texts as they are")
    func finish() throws {
        var options = options(2, limit: 9)
        options.returnCount = 2
        var search = try run(BeamSearch(options, prefix: [0]), script, steps: 2)
        search.finish()
        #expect(tokens(search)[0] == [2, 3])
        #expect(search.beamReplies.map(\.ending) == [.unfinished, .unfinished])
        #expect(search.pending.isEmpty)
        var unread = BeamSearch(options, prefix: [0])
        unread.finish()
        #expect(tokens(unread) == [[], []])
    }

    @Test("has nothing to read where the limit leaves no token")
    func noRoom() {
        let search = BeamSearch(options(2, limit: 1), prefix: [0])
        #expect(search.pending.isEmpty)
        #expect(tokens(search) == [[]])
    }

    @Test("lets a group pay for what earlier groups took")
    func groups() throws {
        var options = options(2, limit: 2)
        options.groupCount = 2
        options.returnCount = 2
        options.diversityPenalty = 0.1
        #expect(try tokens(run(BeamSearch(options, prefix: [0]), script)) == [[1], [1]])
        options.diversityPenalty = 1  // log(0.5) - 1 < log(0.4)
        #expect(try tokens(run(BeamSearch(options, prefix: [0]), script)) == [[1], [2]])
    }

    @Test("draws the same from the same seed, and candidates as often as they are likely")
    func draws() throws {
        var options = options(1, limit: 2, ends: [])
        options.doSample = true
        var counts = [Int](repeating: 0, count: 5)
        for seed in 0 ..< 4000 {
            options.seed = UInt64(seed)
            let first = try tokens(run(BeamSearch(options, prefix: [0]), script))
            if seed < 20 { #expect(try first == tokens(run(BeamSearch(options, prefix: [0]), script))) }
            counts[Int(first[0][0])] += 1
        }
        // Four standard deviations of 4000 draws are at most 0.032.
        for (count, probability) in zip(counts, script[[0]] ?? []) {
            #expect(abs(Float(count) / 4000 - probability) < 0.032)
        }
    }

    @Test("refuses logits that are not numbers")
    func notNumbers() {
        for value in [Float.nan, .infinity] {
            var search = BeamSearch(options(2, limit: 9), prefix: [0])
            let error = GenerationError.notFinite(position: 1)
            #expect(throws: error) {
                try [0, value, 0, 0, 0].withUnsafeBufferPointer {
                    _ = try search.advance(LogitsBlock(values: $0, vocabularySize: 5))
                }
            }
        }
    }

    @Test("keeps what a full sort would, whatever the vocabulary", arguments: [1, 5, 16, 33, 1000])
    func best(size: Int) {
        var random = SeededRandom(seed: 3)
        var best = BestCandidates(count: 6)
        var all: [Float] = []
        for beam in 0 ..< 3 {
            let scores = (0 ..< size).map { _ in Float(random.uniform()) }
            best.offer(scores, after: beam, score: Float(beam) * 0.01)
            all += scores.map { $0 + Float(beam) * 0.01 }
        }
        #expect(best.sorted().map(\.score) == Array(all.sorted(by: >).prefix(6)))
    }
}

@Suite("Log-softmax")
struct LogSoftmaxTests {
    @Test("gives logarithms of probabilities that add up to one", arguments: [1, 5, 16, 33, 5000], [0, 1, 30, 300])
    func sums(size: Int, spread: Int) throws {
        var random = SeededRandom(seed: 1)
        let logits = (0 ..< size).map { _ in Float(random.uniform() * Double(spread)) }
        let sum = logits.reduce(0) { $0 + exp(Double($1) - Double(logits.max() ?? 0)) }
        try logits.withUnsafeBufferPointer {
            let softmax = try #require(LogSoftmax($0))
            // f32 results of up to 300
            let expected = Double(logits[0]) - Double(logits.max() ?? 0) - log(sum)
            #expect(abs(Double(softmax(logits[0])) - expected) < 1e-6 * max(1, abs(expected)))
        }
    }
}
