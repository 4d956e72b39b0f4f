import Testing

@testable import HayGeneration

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("Sampling")
struct SamplingTests {
    private func probabilities(_ logits: [Float], _ change: (inout GenerationConfig) -> Void) -> [Float] {
        var config = GenerationConfig()
        config.doSample = true
        config.topK = 0
        change(&config)
        var logits = logits
        sampler(config).probabilities(&logits, after: [])
        return logits
    }

    private func sampler(_ config: GenerationConfig, prefixCount: Int = 0) -> Sampler {
        Sampler(config, source: [], prefixCount: prefixCount, lengthLimit: 100)
    }

    /// Logits whose probabilities are these.
    private func logits(_ probabilities: [Float]) -> [Float] { probabilities.map { logf($0) } }

    @Test("top-k keeps the k likeliest, and those that are as likely as the last of them")
    func topK() {
        let found = probabilities([1, 3, 2, 2, 0]) { $0.topK = 2 }
        #expect(found[0] == 0 && found[4] == 0 && found[2] == found[3] && found[1] > found[2] && found[2] > 0)
    }

    @Test("top-p keeps the fewest tokens that reach the probability")
    func topP() {
        let found = probabilities(logits([0.1, 0.5, 0.15, 0.25])) { $0.topP = 0.7 }
        #expect(found[0] == 0 && found[2] == 0)
        #expect(abs(found[1] - 2.0 / 3) < 1e-6 && abs(found[3] - 1.0 / 3) < 1e-6)
    }

    @Test("top-p of nothing keeps the best token")
    func topPZero() {
        #expect(probabilities([0, 1, 0]) { $0.topP = 0 } == [0, 1, 0])
    }

    @Test("a temperature of one half squares the odds")
    func temperature() {
        let found = probabilities(logits([0.2, 0.8])) { $0.temperature = 0.5 }
        #expect(abs(found[1] / found[0] - 16) < 1e-4)
    }

    @Test("an end token waits for its minimum")
    func minimum() {
        var config = GenerationConfig()
        config.minNewTokens = 2
        config.eosTokenIDs = [1, 99]
        let sampler = sampler(config, prefixCount: 1)
        var random = SeededRandom(seed: 0)
        for (tokens, expected) in [([7], 2), ([7, 2], 2), ([7, 2, 2], 1)] as [([Int32], Int32)] {
            var logits: [Float] = [0, 5, 3]
            #expect(sampler.choose(&logits, after: tokens, &random) == expected)
        }
    }

    @Test("greedy takes the first of equal logits")
    func ties() {
        var random = SeededRandom(seed: 0)
        var logits: [Float] = [0, 4, 4, 1]
        #expect(sampler(GenerationConfig()).choose(&logits, after: [], &random) == 1)
    }

    @Test("logits that are not numbers give no token", arguments: [false, true])
    func notFinite(doSample: Bool) {
        for value in [Float.nan, .infinity, -.infinity] {
            var config = GenerationConfig()
            config.doSample = doSample
            config.topP = 0.9
            config.typicalP = 0.9
            config.etaCutoff = 0.1
            config.topH = 0.5
            var random = SeededRandom(seed: 0)
            var logits = [Float](repeating: value, count: 20)
            #expect(sampler(config).choose(&logits, after: [], &random) == nil)
        }
    }

    @Test("one seed gives one sequence, and draws follow the probabilities")
    func seeds() {
        func draws(_ seed: UInt64) -> [Int32] {
            var config = GenerationConfig()
            config.doSample = true
            let sampler = sampler(config)
            var random = SeededRandom(seed: seed)
            return (0 ..< 4000).map { _ in
                var row = logits([0.1, 0.6, 0.3])
                return sampler.choose(&row, after: [], &random) ?? -1
            }
        }
        #expect(draws(1) == draws(1))
        #expect(draws(1) != draws(2))
        let share = Double(draws(3).count { $0 == 1 }) / 4000
        #expect(abs(share - 0.6) < 0.03)  // four standard deviations of 4,000 draws
    }

    @Test("streams of one seed differ, and the first is the seed's own")
    func streams() {
        func numbers(_ stream: UInt64) -> [Double] {
            var random = SeededRandom(seed: 7, stream: stream)
            return (0 ..< 8).map { _ in random.uniform() }
        }
        var random = SeededRandom(seed: 7)
        #expect(numbers(0) == (0 ..< 8).map { _ in random.uniform() })
        #expect(Set((0 ..< 100).flatMap(numbers)).count == 800)
    }

    private struct Add: LogitsProcessor {
        func process(_ logits: inout [Float], after tokens: [Int32]) { logits[0] += 1 }
    }

    @Test("a program's own processors come after the built-in ones and before the warpers")
    func others() {
        var config = GenerationConfig()
        config.doSample = true
        config.temperature = 0.5
        config.repetitionPenalty = 2
        let sampler = Sampler(config, source: [], prefixCount: 1, lengthLimit: 9, others: [Add()])
        var logits: [Float] = [4, 2]
        sampler.process(&logits, after: [0])
        #expect(logits == [6, 4])  // (4 / 2 + 1) / 0.5
    }

    @Test("the largest of any number of values", arguments: [1, 15, 16, 17, 33, 100])
    func largest(count: Int) {
        for place in 0 ..< count {
            var values = [Float](repeating: -3, count: count)
            values[place] = -1
            #expect(argmax(values) == place)
        }
    }
}
