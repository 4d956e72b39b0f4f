import HayJSON
import HayWeights
import TestSupport
import Testing

@testable import HayGeneration

/// Folders of logits that transformers' processors changed: `cases.json` and `tensors.safetensors`.
///
/// `compare_processors.py` makes more of them.
private let folders = Fixtures.folders(in: "").filter {
    Fixtures.exists("\($0)/cases.json") && Fixtures.exists("\($0)/tensors.safetensors")
}

@Suite("Logits processors agree with transformers")
struct ProcessorFixtureTests {
    @Test("on every case of the fixtures", arguments: folders)
    func agree(folder: String) throws {
        let tensors = try TensorFile("\(folder)/tensors.safetensors")
        let cases = try Fixtures.json("\(folder)/cases.json")["cases"]?.array ?? []
        #expect(!cases.isEmpty)
        for testCase in cases {
            let input = try tensors.floats("in.\(testCase["input"]?.string ?? "")")
            let history = try tensors.integers("history.\(testCase["history"]?.string ?? "")")
            let output = testCase["output"]?.string ?? ""
            let expected = try tensors.floats(output).values
            let probabilities = try testCase["probabilities"]?.string.map { try tensors.floats($0).values }
            let size = input.shape[1]
            for row in 0 ..< input.shape[0] {
                let tokens = Array(
                    history.values.map { Int32($0) }[row * history.shape[1] ..< (row + 1) * history.shape[1]])
                var logits = Array(input.values[row * size ..< (row + 1) * size])
                for step in testCase["chain"]?.array ?? [testCase] {
                    try Reference(step, row: row).process(&logits, after: tokens)
                }
                compare(logits, Array(expected[row * size ..< (row + 1) * size]), "\(testCase), row \(row)")
                if let probabilities {
                    softmax(&logits)
                    compare(logits, Array(probabilities[row * size ..< (row + 1) * size]), "\(output), row \(row)")
                }
            }
        }
    }

    /// The same entries removed, and 1e-5 of a logit: f32 sums in another order differ by a few 1e-7 of their size.
    private func compare(_ found: [Float], _ expected: [Float], _ name: String) {
        let different = found.indices.first {
            found[$0] != expected[$0] && !(abs(found[$0] - expected[$0]) <= 1e-5 * max(1, abs(expected[$0])))
        }
        if let place = different {
            Issue.record("\(name): \(found[place]) at \(place), expected \(expected[place])")
        }
    }
}

/// A processor as transformers names it and its arguments.
private struct Reference: LogitsProcessor {
    let processor: any LogitsProcessor
    let ignoredCount: Int
    let filterValue: Float

    init(_ step: JSON, row: Int) throws {
        let params = step["params"]
        func number(_ name: String) -> Double { params?[name]?.double ?? .nan }
        func int(_ name: String) -> Int { params?[name]?.int ?? -1 }
        func ids(_ json: JSON?) -> [Int32] { (json?.array ?? []).compactMap { $0.int.map { Int32($0) } } }
        func ids(_ name: String) -> [Int32] { ids(params?[name]) }
        let least = params?["min_tokens_to_keep"]?.int ?? 1
        let source = ids(params?["encoder_input_ids"]?.array?[row])
        ignoredCount = params?["prompt_ignore_length"]?.int ?? 0
        filterValue = params?["filter_value"]?.double.map { Float($0) } ?? -.infinity
        switch step["processor"]?.string ?? "" {
        case "TemperatureLogitsWarper": processor = Temperature(temperature: Float(number("temperature")))
        case "TopKLogitsWarper": processor = TopK(count: max(int("top_k"), least))
        case "TopPLogitsWarper": processor = TopP(probability: number("top_p"), least: least)
        case "TopHLogitsWarper": processor = TopH(share: number("top_h"))
        case "MinPLogitsWarper": processor = MinP(share: number("min_p"), least: least)
        case "TypicalLogitsWarper": processor = Typical(mass: number("mass"), least: least)
        case "EpsilonLogitsWarper": processor = EpsilonCutoff(epsilon: number("epsilon"), least: least)
        case "EtaLogitsWarper": processor = EtaCutoff(epsilon: number("epsilon"), least: least)
        case "RepetitionPenaltyLogitsProcessor": processor = RepetitionPenalty(penalty: Float(number("penalty")))
        case "EncoderRepetitionPenaltyLogitsProcessor":
            processor = EncoderRepetitionPenalty(penalty: number("penalty"), source: source)
        case "NoRepeatNGramLogitsProcessor": processor = NoRepeatNGram(size: int("ngram_size"))
        case "EncoderNoRepeatNGramLogitsProcessor":
            processor = EncoderNoRepeatNGram(size: int("encoder_ngram_size"), source: source)
        case "NoBadWordsLogitsProcessor":
            processor = SequenceBiases(
                forbidding: (params?["bad_words_ids"]?.array ?? []).map(ids), eosTokenIDs: ids("eos_token_id"))
        case "SequenceBiasLogitsProcessor":
            processor = SequenceBiases(
                (params?["sequence_bias"]?.array ?? []).map {
                    SequenceBias(ids($0.array?[0]), Float($0.array?[1].double ?? .nan))
                })
        case "MinLengthLogitsProcessor":
            processor = MinLength(length: int("min_length"), eosTokenIDs: ids("eos_token_id"))
        case "MinNewTokensLengthLogitsProcessor":
            processor = MinLength(
                length: int("prompt_length_to_skip") + int("min_new_tokens"), eosTokenIDs: ids("eos_token_id"))
        case "ForcedBOSTokenLogitsProcessor": processor = ForcedBOS(id: Int32(int("bos_token_id")))
        case "ForcedEOSTokenLogitsProcessor":
            processor = ForcedEOS(lengthLimit: int("max_length"), ids: ids("eos_token_id"))
        case "InfNanRemoveLogitsProcessor": processor = RemoveInvalidValues()
        case "LogitNormalization": processor = Renormalize()
        case "SuppressTokensLogitsProcessor": processor = SuppressTokens(ids: ids("suppress_tokens"))
        case "SuppressTokensAtBeginLogitsProcessor":
            processor = BeginSuppressTokens(ids: ids("begin_suppress_tokens"), place: int("begin_index"))
        case "ExponentialDecayLengthPenalty":
            let decay = params?["exponential_decay_length_penalty"]?.array
            processor = ExponentialDecay(
                start: int("input_ids_seq_length") + (decay?[0].int ?? -1), factor: decay?[1].double ?? .nan,
                eosTokenIDs: ids("eos_token_id"))
        case let name: throw UnknownProcessor(name: name)
        }
    }

    func process(_ logits: inout [Float], after tokens: [Int32]) {
        processor.process(&logits, after: Array(tokens.dropFirst(ignoredCount)))
        for index in logits.indices where logits[index] == -.infinity { logits[index] = filterValue }
    }

    struct UnknownProcessor: Error { let name: String }
}
