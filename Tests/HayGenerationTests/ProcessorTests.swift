import Testing

@testable import HayGeneration

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Rows of five logits, worked out by hand.
@Suite("Logits processors")
struct ProcessorTests {
    private let removed = -Float.infinity

    private func row(
        _ processor: any LogitsProcessor, _ logits: [Float] = [1, -2, 3, -4, 5], after tokens: [Int32] = []
    ) -> [Float] {
        var logits = logits
        processor.process(&logits, after: tokens)
        return logits
    }

    @Test("a repetition penalty divides what is positive, multiplies what is negative, once a token")
    func repetition() {
        #expect(row(RepetitionPenalty(penalty: 2), after: [0, 3, 3, 99, -1]) == [0.5, -2, 3, -8, 5])
        #expect(row(EncoderRepetitionPenalty(penalty: 2, source: [0, 3])) == [2, -2, 3, -2, 5])
    }

    @Test("frequency and presence count new tokens only")
    func counts() {
        let penalties = CountPenalties(frequency: 0.5, presence: 1, prefixCount: 2)
        #expect(row(penalties, after: [4, 4, 0, 2, 2]) == [-0.5, -2, 1, -4, 5])
    }

    @Test("no run of n tokens comes twice")
    func ngrams() {
        #expect(row(NoRepeatNGram(size: 2), after: [1, 2, 1, 3, 1]) == [1, -2, removed, removed, 5])
        #expect(row(NoRepeatNGram(size: 1), after: [0, 4]) == [removed, -2, 3, -4, removed])
        #expect(row(NoRepeatNGram(size: 3), after: [1, 2]) == [1, -2, 3, -4, 5])
        #expect(row(NoRepeatNGram(size: 1 << 20), after: []) == [1, -2, 3, -4, 5])
        #expect(row(EncoderNoRepeatNGram(size: 2, source: [0, 1, 2]), after: [1]) == [1, -2, removed, -4, 5])
    }

    @Test("a bias waits for the tokens before; of one sequence the last counts, of several the sum")
    func biases() {
        let biases = SequenceBiases([
            .init([0], 9), .init([0], 1), .init([7, 2], 2), .init([6, 7, 2], 3), .init([8, 4], 4),
        ])
        #expect(row(biases, after: [6, 7]) == [2, -2, 8, -4, 5])
        #expect(row(biases, after: []) == [2, -2, 3, -4, 5])
        #expect(row(LogitBias(biases: [1: 2, 9: 1])) == [1, 0, 3, -4, 5])
    }

    @Test("bad words do not come, except for an end token alone")
    func badWords() {
        let words = SequenceBiases(forbidding: [[0], [2], [9, 4]], eosTokenIDs: [2])
        #expect(row(words, after: [9]) == [removed, -2, 3, -4, removed])
    }

    @Test("end tokens wait for a length, and are likelier beyond one")
    func lengths() {
        #expect(row(MinLength(length: 2, eosTokenIDs: [4]), after: [0]) == [1, -2, 3, -4, removed])
        #expect(row(MinLength(length: 2, eosTokenIDs: [4]), after: [0, 0]) == [1, -2, 3, -4, 5])
        let decay = ExponentialDecay(start: 1, factor: 2, eosTokenIDs: [1, 1, 4])
        #expect(row(decay, after: [0]) == [1, -2, 3, -4, 5])
        #expect(row(decay, after: [0, 0, 0]) == [1, 4, 3, -4, 20])  // x + |x| (2² - 1)
        #expect(row(decay, [0, removed, 0, 0, 1], after: [0, 0]) == [0, removed, 0, 0, 2])
        let late = row(decay, after: .init(repeating: 0, count: 5000))
        #expect(late[4] > 1e29 && late[4].isFinite)
    }

    @Test("forced tokens come alone, at their place only")
    func forced() {
        #expect(row(ForcedBOS(id: 1), after: [0]) == [removed, 0, removed, removed, removed])
        #expect(row(ForcedBOS(id: 1), after: [0, 0]) == [1, -2, 3, -4, 5])
        let last = ForcedEOS(lengthLimit: 3, ids: [0, 4])
        #expect(row(last, after: [9, 9]) == [0, removed, removed, removed, 0])
        #expect(row(last, after: [9]) == [1, -2, 3, -4, 5])
    }

    @Test("suppressed tokens do not come, or not first")
    func suppressed() {
        #expect(row(SuppressTokens(ids: [0, 9])) == [removed, -2, 3, -4, 5])
        #expect(row(BeginSuppressTokens(ids: [0], place: 1), after: [7]) == [removed, -2, 3, -4, 5])
        #expect(row(BeginSuppressTokens(ids: [0], place: 1), after: [7, 7]) == [1, -2, 3, -4, 5])
    }

    @Test("what is no number becomes one")
    func invalid() {
        let most = Float.greatestFiniteMagnitude
        #expect(row(RemoveInvalidValues(), [.nan, .infinity, -.infinity, 1, 2]) == [0, most, -most, 1, 2])
    }

    @Test("warpers keep at least as many as they are told to")
    func least() {
        let logits: [Float] = [0, 8, 7, 1, 2]
        let three = [removed, 8, 7, removed, 2]
        #expect(row(TopP(probability: 0, least: 3), logits) == three)
        #expect(row(MinP(share: 1, least: 3), logits) == three)
        #expect(row(EpsilonCutoff(epsilon: 0.9, least: 3), logits) == three)
        #expect(row(EtaCutoff(epsilon: 0.9, least: 3), logits) == three)
    }

    @Test("top-p keeps the later of equal logits, as a stable sort does")
    func topPTies() {
        #expect(row(TopP(probability: 0.5), [1, 1, 1, 1]) == [removed, removed, 1, 1])
    }

    @Test("min-p compares with the best, epsilon with the probability")
    func cutoffs() {
        let logits: [Float] = [0.5, 0.25, 0.125, 0.0625, 0.0625].map { logf($0) }
        func kept(_ processor: any LogitsProcessor) -> [Bool] { row(processor, logits).map { $0 > removed } }
        #expect(kept(MinP(share: 0.3)) == [true, true, false, false, false])
        #expect(kept(EpsilonCutoff(epsilon: 0.1)) == [true, true, true, false, false])
        // The entropy is 1.875 bits, so that eta is √0.1 · 2^-1.875 = 0.086.
        #expect(kept(EtaCutoff(epsilon: 0.1)) == [true, true, true, false, false])
        // Shares of the entropy: 0.5, 0.5, 0.375, 0.25, 0.25 of 1.875 bits.
        #expect(kept(TopH(share: 0.6)) == [true, true, false, false, false])
        // Surprises are 1, 2, 3, 4, 4 bits, expected 1.875: 2 is nearest, then 1.
        #expect(kept(Typical(mass: 0.2)) == [false, true, false, false, false])
        #expect(kept(Typical(mass: 0.6)) == [true, true, false, false, false])
    }

    @Test("log-probabilities are what remains after the logarithm of the sum")
    func renormalize() {
        let found = row(Renormalize(), [0, 0, removed, 0, 0])
        #expect(found[2] == removed && abs(found[0] + logf(4)) < 1e-6)
    }

    @Test(
        "rows without anything to choose stay so", arguments: [[], [-Float.infinity], [.nan, .nan], [.infinity, 0]])
    func nothing(logits: [Float]) {
        let processors: [any LogitsProcessor] = [
            TopK(count: 1), TopP(probability: 0.5), TopH(share: 0.5), MinP(share: 0.5), Typical(mass: 0.5),
            EpsilonCutoff(epsilon: 0.5), EtaCutoff(epsilon: 0.5), Renormalize(),
        ]
        for processor in processors { #expect(row(processor, logits).count == logits.count) }
    }
}
