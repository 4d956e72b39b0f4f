import HayJSON
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
        Sampler(config).probabilities(&logits, after: [], promptCount: 0)
        return logits
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
        var sampler = Sampler(config)
        for (tokens, expected) in [([7], 2), ([7, 2], 2), ([7, 2, 2], 1)] as [([Int32], Int32)] {
            var logits: [Float] = [0, 5, 3]
            #expect(sampler.next(&logits, after: tokens, promptCount: 1) == expected)
        }
    }

    @Test("greedy takes the first of equal logits")
    func ties() {
        var sampler = Sampler(GenerationConfig())
        var logits: [Float] = [0, 4, 4, 1]
        #expect(sampler.next(&logits, after: [], promptCount: 0) == 1)
    }

    @Test("logits that are not numbers give no token")
    func notFinite() {
        for value in [Float.nan, .infinity, -.infinity] {
            var sampler = Sampler(GenerationConfig())
            var logits = [Float](repeating: value, count: 20)
            #expect(sampler.next(&logits, after: [], promptCount: 0) == nil)
        }
    }

    @Test("one seed gives one sequence, and draws follow the probabilities")
    func seeds() {
        func draws(_ seed: UInt64) -> [Int32] {
            var config = GenerationConfig()
            config.doSample = true
            config.seed = seed
            var sampler = Sampler(config)
            return (0 ..< 4000).map { _ in
                var row = logits([0.1, 0.6, 0.3])
                return sampler.next(&row, after: [], promptCount: 0) ?? -1
            }
        }
        #expect(draws(1) == draws(1))
        #expect(draws(1) != draws(2))
        let share = Double(draws(3).count { $0 == 1 }) / 4000
        #expect(abs(share - 0.6) < 0.03)  // four standard deviations of 4,000 draws
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

@Suite("Stop strings")
struct StopStringTests {
    private func run(_ stops: [String], _ pieces: [String]) -> (shown: [String], found: Bool) {
        var search = StopStrings(stops)
        var shown: [String] = []
        for piece in pieces {
            let (text, found) = search.append(piece)
            shown.append(text)
            if found { return (shown, true) }
        }
        return (shown + [search.finish()], false)
    }

    @Test("a stop text is found wherever it is cut, and no part of it is shown")
    func cuts() {
        let result = run(["END"], ["one E", "N", "D two"])
        #expect(result.shown == ["one ", "", ""] && result.found)
        let within = run(["END"], ["one END two"])
        #expect(within.shown == ["one "] && within.found)
    }

    @Test("what only began like a stop text is shown after all")
    func falseStart() {
        let result = run(["END"], ["EN", "EN", "!"])
        #expect(result.shown == ["", "EN", "EN!", ""] && !result.found)
        #expect(run(["END"], ["x E"]).shown == ["x ", "E"])
    }

    @Test("the earliest of several wins, overlaps included")
    func several() {
        #expect(run(["bc", "ab"], ["xabc"]).shown == ["x"])
        #expect(run(["aab"], ["a", "a", "a", "b"]).shown == ["", "", "a", ""])
    }

    @Test("characters are never split")
    func unicode() {
        let result = run(["é!"], ["caf", "é", "?"])
        #expect(result.shown == ["caf", "", "é?", ""])
    }

    @Test("without stop texts nothing is held back")
    func none() { #expect(run([], ["a", "b"]).shown == ["a", "b", ""]) }
}

@Suite("Generation options")
struct GenerationConfigTests {
    private func message(_ text: String) -> String {
        var config = GenerationConfig()
        do {
            try config.set(JSON.parse(text).object ?? .init())
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("options under Hugging Face's names")
    func names() throws {
        var config = GenerationConfig()
        try config.set(
            JSON.parse(
                #"{"max_new_tokens": 5, "do_sample": true, "temperature": 0.5, "top_k": 3, "top_p": 0.9, "seed": 7, "eos_token_id": [1, 2], "stop_strings": "x", "num_beams": 1, "repetition_penalty": 1.0, "use_cache": true}"#
            ).object ?? .init())
        #expect(config.maxNewTokens == 5 && config.doSample && config.temperature == 0.5 && config.topK == 3)
        #expect(config.topP == 0.9 && config.seed == 7 && config.eosTokenIDs == [1, 2] && config.stopStrings == ["x"])
    }

    @Test("max_new_tokens wins over max_length, which counts the prompt")
    func lengths() {
        var config = GenerationConfig()
        #expect(config.newTokenLimit(after: 3, fallback: 9) == 9)
        config.maxLength = 10
        #expect(config.newTokenLimit(after: 3, fallback: 9) == 7)
        #expect(config.newTokenLimit(after: 30, fallback: 9) == 0)
        config.maxNewTokens = 4
        #expect(config.newTokenLimit(after: 3, fallback: 9) == 4)
    }

    @Test(
        "each error names the option",
        arguments: [
            (#"{"max_new_token": 5}"#, "'max_new_token' is not a generation option; did you mean 'max_new_tokens'?"),
            (#"{"colour": 5}"#, "'colour' is not a generation option"),
            (#"{"num_beams": 4}"#, "the generation option 'num_beams' is not supported yet"),
            (
                #"{"max_new_tokens": -1}"#,
                "the generation option 'max_new_tokens' is -1, expected an integer from 0 to 1048576"
            ),
            (#"{"top_k": -1}"#, "the generation option 'top_k' is -1, expected an integer of at least 0"),
            (#"{"temperature": 0}"#, "the generation option 'temperature' is 0, expected a number from 1e-6"),
            (#"{"top_p": 2}"#, "the generation option 'top_p' is 2, expected from 0 to 1"),
            (#"{"do_sample": 1}"#, "the generation option 'do_sample' is 1, expected true or false"),
            (
                #"{"eos_token_id": "x"}"#,
                "the generation option 'eos_token_id' is \"x\", expected a token id or a list of them"
            ),
            (
                #"{"stop_strings": [""]}"#,
                "the generation option 'stop_strings' is [\"\"], expected a text or a list of texts, none empty"
            ),
        ])
    func errors(text: String, expected: String) { #expect(message(text) == expected) }

    @Test("a checkpoint's own options that are not supported are passed over and named")
    func defaults() throws {
        var config = GenerationConfig()
        let options = try JSON.parse(#"{"num_beams": 4, "max_length": 20, "future_option": 1}"#).object
        #expect(try config.setDefaults(options ?? .init()) == ["num_beams", "future_option"])
        #expect(config.maxLength == 20)
    }
}
