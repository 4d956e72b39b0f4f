import HayJSON

extension GenerationConfig {
    /// What a length may be.
    private static let lengths = 0 ... Int(Int32.max)

    /// What may be done side by side.
    private static let counts = 1 ... 1024

    /// All options that are supported, by their names.
    static let options: [String: GenerationOption] = Dictionary(
        (lengthOptions + tokenOptions + samplingOptions + penaltyOptions + searchOptions + outputOptions)
            .map { ($0.name, $0) }
    ) { first, _ in first }

    private static let lengthOptions: [GenerationOption] = [
        .integer("max_new_tokens", \.maxNewTokens, lengths),
        .integer("max_length", \.maxLength, lengths),
        .integer("min_length", \.minLength, off: 0, lengths, passesBelow: true),
        .integer("min_new_tokens", \.minNewTokens, lengths, passesBelow: true),
        .number("max_time", \.maxTime, "a number of seconds above 0") { $0 > 0 },
        .value("stop_strings", \.stopStrings, off: [], "a text or a list of texts, none empty") { json in
            let list = json.array ?? [json]
            let texts = list.compactMap(\.string)
            return texts.count == list.count ? texts : nil
        } where: {
            !$0.contains("")
        },
    ]

    private static let tokenOptions: [GenerationOption] = [
        .ids("eos_token_id", \.eosTokenIDs),
        .optional("forced_bos_token_id", \.forcedBOSTokenID, "a token id", read: GenerationOption.token) { $0 >= 0 },
        .ids("forced_eos_token_id", \.forcedEOSTokenIDs),
        .optional("decoder_start_token_id", \.decoderStartTokenID, "a token id or a list of them") { json in
            GenerationOption.tokens(orOne: true)(json)?.first
        } where: {
            $0 >= 0
        },
        .text("decoder_input_ids", \.decoderInputIDs),
        // Checkpoints without such a token say -1.
        .optional("pad_token_id", \.padTokenID, "a token id", read: GenerationOption.token),
    ]

    private static let samplingOptions: [GenerationOption] = [
        .flag("do_sample", \.doSample),
        .optional("seed", \.seed, "an integer of at least 0", read: { $0.int.flatMap(UInt64.init(exactly:)) }),
        .number(
            "temperature", \.temperature, off: 1, "0 for the likeliest token, or a number from 1e-6",
            where: { $0 == 0 || $0 >= 1e-6 }, counts: \.doSample),
        .value(
            "top_k", \.topK, off: 0, "an integer of at least 0; 0 draws from all tokens",
            read: GenerationOption.wholeNumber, where: { $0 >= 0 }, mended: { max($0, 0) }),
        share("top_p", \.topP, off: 1),
        share("min_p", \.minP, off: 0),
        .number(
            "top_h", \.topH, "above 0 and at most 1", where: { $0 > 0 && $0 <= 1 }, counts: \.doSample),
        .number(
            "typical_p", \.typicalP, off: 1, "above 0 and at most 1", where: { $0 > 0 && $0 <= 1 }, counts: \.doSample),
        cutoff("epsilon_cutoff", \.epsilonCutoff),
        cutoff("eta_cutoff", \.etaCutoff),
    ]

    private static func share(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Double> & Sendable, off: Double
    ) -> GenerationOption {
        .number(name, path, off: off, "from 0 to 1", where: { (0 ... 1).contains($0) }, counts: \.doSample)
    }

    private static func cutoff(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Double> & Sendable
    ) -> GenerationOption {
        .number(name, path, off: 0, "from 0 and below 1", where: { (0 ..< 1).contains($0) }, counts: \.doSample)
    }

    private static let penaltyOptions: [GenerationOption] = [
        .number("repetition_penalty", \.repetitionPenalty, off: 1, "a number from 1e-6") { $0 >= 1e-6 },
        .number("encoder_repetition_penalty", \.encoderRepetitionPenalty, off: 1, "a number from 1e-6") { $0 >= 1e-6 },
        .integer("no_repeat_ngram_size", \.noRepeatNGramSize, off: 0, lengths, passesBelow: true),
        .integer("encoder_no_repeat_ngram_size", \.encoderNoRepeatNGramSize, off: 0, lengths, passesBelow: true),
        .value("bad_words_ids", \.badWordsIDs, off: [], "a list of lists of token ids, none empty") { json in
            guard let list = json.array else { return nil }
            let words = list.compactMap(GenerationOption.tokens(orOne: false))
            return words.count == list.count ? words : nil
        } where: {
            $0.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 >= 0 } }
        },
        .value("sequence_bias", \.sequenceBias, off: [], "a list of pairs of a list of token ids and a number") {
            json in
            guard let list = json.array else { return nil }
            let biases = list.compactMap(sequenceBias)
            return biases.count == list.count ? biases : nil
        } where: {
            $0.allSatisfy { $0.bias.isFinite && !$0.tokens.isEmpty && $0.tokens.allSatisfy { $0 >= 0 } }
        },
        .ids("suppress_tokens", \.suppressTokens),
        .ids("begin_suppress_tokens", \.beginSuppressTokens),
        .optional(
            "exponential_decay_length_penalty", \.exponentialDecayLengthPenalty,
            "a list of a number of tokens and a factor above 0", read: decay
        ) { lengths.contains($0.start) && $0.factor > 0 && $0.factor.isFinite },
        .flag("renormalize_logits", \.renormalizesLogits),
        .flag("remove_invalid_values", \.removesInvalidValues),
        .number("guidance_scale", \.guidanceScale, off: 1, "a number"),
        .text("negative_prompt_ids", \.negativePromptIDs),
        .number("frequency_penalty", \.frequencyPenalty, off: 0, "from -2 to 2") { (-2 ... 2).contains($0) },
        .number("presence_penalty", \.presencePenalty, off: 0, "from -2 to 2") { (-2 ... 2).contains($0) },
        .value(
            "logit_bias", \.logitBias, off: [:], "an object of token ids with numbers from -100 to 100", read: logitBias
        ) { $0.allSatisfy { $0.key >= 0 && (-100 ... 100).contains($0.value) } },
    ]

    private static let searchOptions: [GenerationOption] = [
        .integer("num_beams", \.beamCount, off: 1, counts),
        .integer("num_beam_groups", \.beamGroupCount, off: 1, counts, counts: \.hasBeams),
        .number(
            "diversity_penalty", \.diversityPenalty, off: 0, "a number from 0", where: { $0 >= 0 }, counts: \.hasBeams),
        .number("length_penalty", \.lengthPenalty, off: 1, "a number", counts: \.hasBeams),
        .value(
            "early_stopping", \.earlyStopping, off: .heuristic, "true, false or \"never\"",
            read: { json in
                json.string == "never" ? .never : json.bool.map { $0 ? .whenFull : .heuristic }
            }, counts: \.hasBeams),
        .integer("num_return_sequences", \.returnCount, off: 1, counts, passesBelow: true),
        .number("penalty_alpha", \.contrastivePenalty, off: 0, "from 0 to 1") { (0 ... 1).contains($0) },
        .integer("prompt_lookup_num_tokens", \.promptLookupTokens, counts),
        .integer("max_matching_ngram_size", \.maxMatchingNGramSize, off: 2, counts),
        .integer("num_assistant_tokens", \.assistantTokens, off: 20, counts),
        .value(
            "num_assistant_tokens_schedule", \.assistantSchedule, off: .constant,
            "\"heuristic\", \"heuristic_transient\" or \"constant\""
        ) { $0.string.flatMap(AssistantSchedule.init) },
        .number("assistant_confidence_threshold", \.assistantConfidenceThreshold, off: 0, "from 0 to 1") {
            (0 ... 1).contains($0)
        },
    ]

    private static let outputOptions: [GenerationOption] = [
        .flag("output_scores", \.outputsScores),
        .flag("output_logits", \.outputsLogits),
        .flag("logprobs", \.logprobs),
        .integer("top_logprobs", \.topLogprobs, 0 ... 20),
    ]

    /// Whether several texts are followed at once.
    private var hasBeams: Bool { beamCount > 1 }

    /// Whether logarithms of probabilities are reported at all.
    private var logprobs: Bool {
        get { topLogprobs != nil }
        set { topLogprobs = newValue ? topLogprobs ?? 0 : nil }
    }

    private static let sequenceBias: @Sendable (JSON) -> SequenceBias? = { json in
        guard let pair = json.array, pair.count == 2, let bias = pair[1].double,
            let tokens = GenerationOption.tokens(orOne: false)(pair[0])
        else { return nil }
        return SequenceBias(tokens, Float(bias))
    }

    private static let decay: @Sendable (JSON) -> ExponentialDecayLengthPenalty? = { json in
        guard let pair = json.array, pair.count == 2, let start = pair[0].int, let factor = pair[1].double else {
            return nil
        }
        return ExponentialDecayLengthPenalty(start: start, factor: factor)
    }

    private static let logitBias: @Sendable (JSON) -> [Int32: Float]? = { json in
        guard let object = json.object else { return nil }
        var biases: [Int32: Float] = [:]
        for (key, value) in object {
            guard let id = Int32(key), let bias = value.double else { return nil }
            biases[id] = Float(bias)
        }
        return biases
    }
}
