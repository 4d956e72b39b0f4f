import HayJSON
import Testing

@testable import HayGeneration

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
            (#"{"dola_layers": "high"}"#, "the generation option 'dola_layers' is not supported yet"),
            (
                #"{"max_new_tokens": -1}"#,
                "the generation option 'max_new_tokens' is -1, expected an integer from 0 to 2147483647"
            ),
            (
                #"{"top_k": -1}"#,
                "the generation option 'top_k' is -1, expected an integer of at least 0; 0 draws from all tokens"
            ),
            (
                #"{"temperature": -1}"#,
                "the generation option 'temperature' is -1, expected 0 for the likeliest token, or a number from 1e-6"
            ),
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
        let options = try JSON.parse(#"{"token_healing": true, "max_length": 20, "future_option": 1}"#).object
        #expect(config.setDefaults(options ?? .init(), of: "file") == ["token_healing", "future_option"])
        #expect(config.maxLength == 20)
    }

    @Test(
        "what transformers passes over in a checkpoint's file is passed over",
        arguments: [
            #"{"temperature": 0.0}"#, #"{"top_k": -1}"#, #"{"top_k": -1, "do_sample": true}"#, #"{"top_p": 2.0}"#,
            #"{"temperature": "hot"}"#, #"{"eos_token_id": -1}"#, #"{"eos_token_id": [-1, 3.0]}"#,
            #"{"length_penalty": "x"}"#, #"{"min_length": -1, "no_repeat_ngram_size": -1, "pad_token_id": -1}"#,
            #"{"max_length": 1e30}"#, #"{"suppress_tokens": [-1]}"#, #"{"num_return_sequences": 0}"#,
            #"{"typical_p": 0.0, "epsilon_cutoff": 7, "eta_cutoff": -1, "min_p": 3, "top_h": 0}"#,
            #"{"max_new_tokens": 8.0}"#, #"{"early_stopping": "soon"}"#, #"{"decoder_start_token_id": 999}"#,
        ])
    func passedOver(text: String) throws {
        var config = GenerationConfig()
        #expect(config.setDefaults(try #require(JSON.parse(text).object), of: "file") == [])
        try config.validate(vocabularySize: 9, isEncoderDecoder: false)
    }

    @Test("a checkpoint's value that cannot be used is an error where it counts, until the option is given")
    func doubtfulDefaults() throws {
        let cases: [(String, counts: JSON.Object, mended: JSON.Object)] = [
            (#"{"top_p": 2.0}"#, ["do_sample": true], ["top_p": 0.5]),
            (#"{"temperature": "hot"}"#, ["do_sample": true], ["temperature": 1]),
            (#"{"repetition_penalty": 0.0}"#, [:], ["repetition_penalty": .null]),
            (#"{"length_penalty": "x"}"#, ["num_beams": 2], ["length_penalty": 1]),
            (#"{"num_beams": "many"}"#, [:], ["num_beams": 1]),
        ]
        for (text, counts, mended) in cases {
            let file = try #require(JSON.parse(text).object)
            let name = try #require(file.keys.first)
            var config = GenerationConfig()
            _ = config.setDefaults(file, of: "FILE")
            try config.set(counts)
            let error = #expect(throws: GenerationError.self) {
                try config.validate(vocabularySize: 9, isEncoderDecoder: false)
            }
            let value = try #require(file[name])
            #expect("\(try #require(error))".hasPrefix("'\(name)' in FILE is \(value), expected "))
            try config.set(mended)
            try config.validate(vocabularySize: 9, isEncoderDecoder: false)
        }
    }

    @Test("a temperature of 0 is greedy, and does not go with drawing")
    func zeroTemperature() throws {
        var config = GenerationConfig()
        try config.set(["temperature": 0])
        try config.validate(vocabularySize: 9, isEncoderDecoder: false)
        try config.set(["do_sample": true])
        let error = #expect(throws: GenerationError.self) {
            try config.validate(vocabularySize: 9, isEncoderDecoder: false)
        }
        #expect(
            "\(try #require(error))" == "the generation options 'temperature' and 'do_sample' do not go together: "
                + "a temperature of 0 takes the likeliest token; set do_sample to false")
    }

    @Test("every option is read under its name")
    func everyOption() throws {
        let text = #"""
            {"max_time": 1.5, "min_length": 3, "min_new_tokens": 2, "forced_bos_token_id": 1, "forced_eos_token_id": [2, 3],
             "decoder_start_token_id": [4, 5], "decoder_input_ids": [[6, 7]], "pad_token_id": -1, "min_p": 0.1, "top_h": 0.2,
             "typical_p": 0.3, "epsilon_cutoff": 0.4, "eta_cutoff": 0.5, "repetition_penalty": 1.5,
             "bad_words_ids": [[1], [2, 3]], "sequence_bias": [[[1, 2], -3.5]], "suppress_tokens": [8],
             "exponential_decay_length_penalty": [5, 1.1], "renormalize_logits": true, "logit_bias": {"7": -100},
             "num_beams": 4, "early_stopping": "never", "num_assistant_tokens_schedule": "heuristic_transient",
             "output_scores": true, "logprobs": true, "top_logprobs": 5, "negative_prompt_ids": [1]}
            """#
        var config = GenerationConfig()
        try config.set(JSON.parse(text).object ?? .init())
        #expect(config.maxTime == 1.5 && config.minLength == 3 && config.minNewTokens == 2)
        #expect(config.forcedBOSTokenID == 1 && config.forcedEOSTokenIDs == [2, 3] && config.decoderStartTokenID == 4)
        #expect(config.decoderInputIDs == [6, 7] && config.padTokenID == -1 && config.negativePromptIDs == [1])
        #expect(config.minP == 0.1 && config.topH == 0.2 && config.typicalP == 0.3 && config.epsilonCutoff == 0.4)
        #expect(config.etaCutoff == 0.5 && config.repetitionPenalty == 1.5 && config.badWordsIDs == [[1], [2, 3]])
        #expect(config.sequenceBias == [SequenceBias([1, 2], -3.5)] && config.suppressTokens == [8])
        #expect(config.exponentialDecayLengthPenalty == .init(start: 5, factor: 1.1) && config.renormalizesLogits)
        #expect(config.logitBias == [7: -100] && config.beamCount == 4 && config.earlyStopping == .never)
        #expect(config.assistantSchedule == .heuristicTransient && config.outputsScores && config.topLogprobs == 5)
        try config.set(.init([("logprobs", false)]))
        #expect(config.topLogprobs == nil)
    }

    @Test("null switches an option off, but leaves a checkpoint's defaults")
    func null() throws {
        var config = GenerationConfig()
        _ = config.setDefaults(.init([("top_k", .null), ("eos_token_id", 1), ("min_new_tokens", 3)]), of: "file")
        #expect(config.topK == 50 && config.eosTokenIDs == [1])
        try config.set(.init([("top_k", .null), ("eos_token_id", .null), ("min_new_tokens", .null)]))
        #expect(config.topK == 0 && config.eosTokenIDs.isEmpty && config.minNewTokens == nil)
    }

    @Test("an error leaves all options as they were")
    func atomic() {
        var config = GenerationConfig()
        #expect(throws: GenerationError.self) { try config.set(.init([("top_k", 3), ("top_p", 7)])) }
        #expect(config == GenerationConfig())
    }

    @Test("the minimum of new tokens wins over that of all")
    func minimum() {
        var config = GenerationConfig()
        config.eosTokenIDs = [0]
        config.minLength = 9
        config.minNewTokens = 1
        var logits: [Float] = [1, 0]
        Sampler(config, source: [], prefixCount: 1, lengthLimit: 9).process(&logits, after: [5, 5])
        #expect(logits == [1, 0])
    }

    @Test(
        "each value that cannot be names what was expected",
        arguments: [
            (#"{"max_tokens": 5}"#, "'max_tokens' is not a generation option; did you mean 'max_new_tokens'?"),
            (#"{"n": 2}"#, "'n' is not a generation option; did you mean 'num_return_sequences'?"),
            (#"{"num_beams": 0}"#, "the generation option 'num_beams' is 0, expected an integer from 1 to 1024"),
            (#"{"typical_p": 0}"#, "the generation option 'typical_p' is 0, expected above 0 and at most 1"),
            (#"{"eta_cutoff": 1}"#, "the generation option 'eta_cutoff' is 1, expected from 0 and below 1"),
            (
                #"{"repetition_penalty": 0}"#,
                "the generation option 'repetition_penalty' is 0, expected a number from 1e-6"
            ),
            (
                #"{"bad_words_ids": [[1], []]}"#,
                "the generation option 'bad_words_ids' is [[1],[]], expected a list of lists of token ids, none empty"
            ),
            (
                #"{"sequence_bias": [[1, 2]]}"#,
                "the generation option 'sequence_bias' is [[1,2]], expected a list of pairs of a list of token ids and a number"
            ),
            (
                #"{"logit_bias": {"x": 1}}"#,
                "the generation option 'logit_bias' is {\"x\":1}, expected an object of token ids with numbers from -100 to 100"
            ),
            (
                #"{"early_stopping": "x"}"#,
                "the generation option 'early_stopping' is \"x\", expected true, false or \"never\""
            ),
            (
                #"{"logprobs": false, "top_logprobs": 2}"#,
                "the generation options 'top_logprobs' and 'logprobs' do not go together: top_logprobs needs logprobs to be true"
            ),
            (#"{"length_penalty": 1e300}"#, "the generation option 'length_penalty' is 1e+300, expected a number"),
        ])
    func wrongValues(text: String, expected: String) { #expect(message(text) == expected) }

    private func validation(isEncoderDecoder: Bool = false, _ change: (inout GenerationConfig) -> Void) -> String {
        var config = GenerationConfig()
        change(&config)
        do {
            try config.validate(vocabularySize: 10, isEncoderDecoder: isEncoderDecoder)
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("values set in code are checked like those of JSON")
    func checked() {
        #expect(validation { _ in } == "no error")
        #expect(
            validation { ($0.temperature, $0.doSample) = (.nan, true) }
                == "the generation option 'temperature' is nan, "
                + "expected 0 for the likeliest token, or a number from 1e-6")
        #expect(validation { $0.temperature = .nan } == "no error")  // nothing is drawn
        #expect(
            validation { $0.maxNewTokens = -1 }
                == "the generation option 'max_new_tokens' is -1, expected an integer from 0 to 2147483647")
    }

    @Test("options that do not go together name both")
    func conflicts() {
        func conflict(_ a: String, _ b: String, _ reason: String) -> String {
            "the generation options '\(a)' and '\(b)' do not go together: \(reason)"
        }
        let replies = "num_return_sequences"
        #expect(
            validation { $0.returnCount = 2 }
                == conflict(replies, "do_sample", "2 replies need sampling or as many beams"))
        #expect(
            validation { ($0.beamCount, $0.returnCount) = (2, 3) }
                == conflict(replies, "num_beams", "3 replies need as many beams, but there are 2"))
        #expect(
            validation { ($0.beamCount, $0.beamGroupCount, $0.diversityPenalty) = (3, 2, 1) }
                == conflict("num_beam_groups", "num_beams", "3 beams cannot be divided into 2 groups"))
        #expect(
            validation { ($0.beamCount, $0.beamGroupCount) = (4, 2) }
                == conflict("num_beam_groups", "diversity_penalty", "groups of beams need a diversity_penalty above 0"))
        #expect(
            validation { ($0.beamCount, $0.beamGroupCount, $0.diversityPenalty, $0.doSample) = (4, 2, 1, true) }
                == conflict("num_beam_groups", "do_sample", "groups of beams are not sampled"))
        #expect(
            validation { ($0.beamCount, $0.contrastivePenalty) = (2, 0.5) }
                == conflict("penalty_alpha", "num_beams", "contrastive search follows one text"))
        #expect(
            validation { ($0.doSample, $0.returnCount, $0.promptLookupTokens) = (true, 2, 3) }
                == conflict("prompt_lookup_num_tokens", replies, "guessing ahead gives one reply"))
        #expect(
            validation { ($0.forcedEOSTokenIDs, $0.suppressTokens) = ([2, 3], [3, 2]) }
                == conflict("forced_eos_token_id", "suppress_tokens", "all tokens that are forced are suppressed"))
        #expect(validation { ($0.forcedEOSTokenIDs, $0.suppressTokens) = ([2, 3], [3]) } == "no error")
    }

    @Test("options that a model does not take, and ids that it does not have")
    func models() {
        #expect(
            validation(isEncoderDecoder: true) { $0.guidanceScale = 2 }
                == "the generation option 'guidance_scale' needs a decoder-only model")
        #expect(
            validation { $0.decoderInputIDs = [1] }
                == "the generation option 'decoder_input_ids' needs an encoder-decoder model")
        let found = "has token id 10, which is not in the vocabulary, whose ids are 0 to 9"
        #expect(validation { $0.badWordsIDs = [[1, 10]] } == "the generation option 'bad_words_ids' \(found)")
        #expect(validation { $0.logitBias = [10: 1] } == "the generation option 'logit_bias' \(found)")
        #expect(validation { $0.sequenceBias = [.init([10], 1)] } == "the generation option 'sequence_bias' \(found)")
        #expect(validation { $0.forcedBOSTokenID = 10 } == "the generation option 'forced_bos_token_id' \(found)")
    }
}
