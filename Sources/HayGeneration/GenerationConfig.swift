import HayJSON

/// How tokens are chosen and when to stop, under the names and with the meanings of Hugging Face's GenerationConfig.
public struct GenerationConfig: Sendable, Equatable {
    /// The most tokens to generate, without the prompt.
    public var maxNewTokens: Int?
    /// The most tokens in all, the prompt included for a decoder. `maxNewTokens` wins over it.
    public var maxLength: Int?
    /// No end token before this many new tokens.
    public var minNewTokens = 0
    /// Whether to draw from the distribution; otherwise the most likely token is taken.
    public var doSample = false
    /// Divides the logits before drawing: below 1 sharper, above 1 flatter.
    public var temperature: Float = 1
    /// Draw only from this many most likely tokens; 0 means from all. Hugging Face's default is 50.
    public var topK = 50
    /// Draw only from the most likely tokens that together have this probability.
    public var topP: Float = 1
    /// What the random numbers follow from; nil takes a new one each time.
    public var seed: UInt64?
    /// Tokens that end the text.
    public var eosTokenIDs: [Int32] = []
    /// Texts that end the reply; they do not appear in it.
    public var stopStrings: [String] = []

    /// Greedy decoding without a limit of its own.
    public init() {}

    /// How many tokens may follow `prefix` ids that count towards `maxLength`; `fallback` where nothing is said.
    public func newTokenLimit(after prefix: Int, fallback: Int) -> Int {
        maxNewTokens ?? maxLength.map { max(0, $0 - prefix) } ?? fallback
    }
}

extension GenerationConfig {
    /// Options that are known and do not change which tokens come out.
    private static let neutral: Set<String> = [
        "bos_token_id", "pad_token_id", "decoder_start_token_id", "transformers_version", "_from_model_config",
        "_commit_hash", "use_cache", "cache_implementation", "cache_config", "output_attentions",
        "output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate", "return_legacy_cache",
        "trust_remote_code", "disable_compile", "compile_config", "early_stopping", "length_penalty",
    ]

    /// Options of Hugging Face that are not here yet, with the value that leaves them without effect.
    private static let unsupported: [String: JSON] = [
        "num_beams": 1, "num_beam_groups": 1, "num_return_sequences": 1, "diversity_penalty": 0, "penalty_alpha": 0,
        "repetition_penalty": 1, "encoder_repetition_penalty": 1, "no_repeat_ngram_size": 0,
        "encoder_no_repeat_ngram_size": 0, "bad_words_ids": [], "force_words_ids": [], "constraints": [],
        "sequence_bias": [], "suppress_tokens": [], "begin_suppress_tokens": [], "forced_bos_token_id": .null,
        "forced_eos_token_id": .null, "exponential_decay_length_penalty": .null, "min_length": 0, "max_time": .null,
        "typical_p": 1, "min_p": 0, "top_h": .null, "epsilon_cutoff": 0, "eta_cutoff": 0, "renormalize_logits": false,
        "remove_invalid_values": false, "guidance_scale": 1, "prompt_lookup_num_tokens": .null,
        "assistant_model": .null, "num_assistant_tokens": 20, "num_assistant_tokens_schedule": "constant",
        "assistant_confidence_threshold": 0.4, "assistant_early_exit": .null, "max_matching_ngram_size": .null,
        "token_healing": false, "watermarking_config": .null, "dola_layers": .null, "decoder_input_ids": .null,
        "prefill_chunk_size": .null, "is_assistant": false,
    ]

    /// Sets options by their Hugging Face names.
    ///
    /// Throws `GenerationError` for a name that is not an option, one that is not supported yet and would change the
    /// result, and a value of the wrong kind.
    public mutating func set(_ options: JSON.Object) throws {
        for (name, value) in options { try set(name, value) }
    }

    /// Sets the options of a checkpoint's `generation_config.json`, passing over what is not supported.
    ///
    /// - Returns: the names that were passed over though they would change the result.
    public mutating func setDefaults(_ options: JSON.Object) throws -> [String] {
        var passedOver: [String] = []
        for (name, value) in options {
            do { try set(name, value) } catch let error as GenerationError {
                switch error {
                case .unsupportedOption, .unknownOption: passedOver.append(name)
                default: throw error
                }
            }
        }
        return passedOver
    }

    private mutating func set(_ name: String, _ value: JSON) throws {
        switch name {
        case "max_new_tokens": maxNewTokens = try GenerationConfig.integer(name, value, GenerationConfig.lengths)
        case "max_length": maxLength = try GenerationConfig.integer(name, value, GenerationConfig.lengths)
        case "min_new_tokens": minNewTokens = try GenerationConfig.integer(name, value, 0 ... .max) ?? 0
        case "do_sample": doSample = try GenerationConfig.bool(name, value) ?? false
        case "temperature":
            temperature = try GenerationConfig.number(name, value, "a number from 1e-6") { $0 >= 1e-6 } ?? 1
        case "top_k": topK = try GenerationConfig.integer(name, value, 0 ... .max) ?? 0
        case "top_p": topP = try GenerationConfig.number(name, value, "from 0 to 1") { (0 ... 1).contains($0) } ?? 1
        case "seed": seed = try GenerationConfig.integer(name, value, 0 ... .max).map(UInt64.init)
        case "eos_token_id": eosTokenIDs = try GenerationConfig.tokenIDs(name, value)
        case "stop_strings": stopStrings = try GenerationConfig.strings(name, value)
        case _ where GenerationConfig.neutral.contains(name): break
        default:
            guard let harmless = GenerationConfig.unsupported[name] else {
                throw GenerationError.unknownOption(name, nearest: GenerationConfig.nearest(to: name))
            }
            let hasEffect =
                !value.isNull && value != harmless && !(value.double != nil && value.double == harmless.double)
            if hasEffect { throw GenerationError.unsupportedOption(name) }
        }
    }

    /// What a length may be: a cache is laid out for the longest text at once, and this many positions have room in any
    /// address space.
    private static let lengths = 0 ... 1 << 20

    private static func integer(_ name: String, _ value: JSON, _ range: ClosedRange<Int>) throws -> Int? {
        if value.isNull { return nil }
        guard let integer = value.int, range.contains(integer) else {
            let expected =
                range.upperBound == .max
                ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            throw GenerationError.wrongValue(name, expected: "an integer \(expected)", "\(value)")
        }
        return integer
    }

    private static func number(
        _ name: String, _ value: JSON, _ expected: String, where holds: (Double) -> Bool
    ) throws -> Float? {
        if value.isNull { return nil }
        guard let number = value.double, number.isFinite, holds(number) else {
            throw GenerationError.wrongValue(name, expected: expected, "\(value)")
        }
        return Float(number)
    }

    private static func bool(_ name: String, _ value: JSON) throws -> Bool? {
        if value.isNull { return nil }
        guard let bool = value.bool else {
            throw GenerationError.wrongValue(name, expected: "true or false", "\(value)")
        }
        return bool
    }

    private static func tokenIDs(_ name: String, _ value: JSON) throws -> [Int32] {
        if value.isNull { return [] }
        return try (value.array ?? [value]).map {
            guard let id = $0.int.flatMap(Int32.init(exactly:)), id >= 0 else {
                throw GenerationError.wrongValue(name, expected: "a token id or a list of them", "\(value)")
            }
            return id
        }
    }

    private static func strings(_ name: String, _ value: JSON) throws -> [String] {
        if value.isNull { return [] }
        return try (value.array ?? [value]).map {
            guard let text = $0.string, !text.isEmpty else {
                throw GenerationError.wrongValue(name, expected: "a text or a list of texts, none empty", "\(value)")
            }
            return text
        }
    }

    private static let supported = [
        "max_new_tokens", "max_length", "min_new_tokens", "do_sample", "temperature", "top_k", "top_p", "seed",
        "eos_token_id", "stop_strings",
    ]

    private static func nearest(to name: String) -> String? {
        let candidates = supported + unsupported.keys.sorted() + neutral.sorted()
        let distances = candidates.map { ($0, editDistance(Array(name.utf8), Array($0.utf8))) }
        return distances.min { $0.1 < $1.1 }.flatMap { $0.1 <= 3 ? $0.0 : nil }
    }

    /// Levenshtein's distance.
    private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0 ... b.count)
        for (i, byte) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let substituted = diagonal + (byte == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
