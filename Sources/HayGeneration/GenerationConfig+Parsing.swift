import HayJSON

extension GenerationConfig {
    /// Options that are known and do not change which tokens come out.
    private static let neutral: Set<String> = [
        "bos_token_id", "transformers_version", "_from_model_config", "_commit_hash", "use_cache",
        "cache_implementation",
        "cache_config", "max_cache_len", "low_memory", "output_attentions", "output_hidden_states",
        "return_dict_in_generate", "return_legacy_cache", "trust_remote_code", "disable_compile", "compile_config",
        "continuous_batching_config", "assistant_lookbehind", "target_lookbehind",
    ]

    /// Options of Hugging Face that are not here, with the value that leaves them without effect.
    private static let unsupported: [String: JSON] = [
        "force_words_ids": [], "constraints": [], "watermarking_config": .null, "dola_layers": .null,
        "token_healing": false, "assistant_model": .null, "assistant_early_exit": .null,
        "assistant_ensemble_weight": .null, "speculation_type": .null, "use_mtp": false, "is_assistant": false,
        "prefill_chunk_size": .null,
    ]

    /// Options of other APIs, which Hugging Face's `GenerationConfig` lacks.
    private static let foreign: Set<String> = [
        "seed", "logprobs", "top_logprobs", "logit_bias", "frequency_penalty", "presence_penalty", "decoder_input_ids",
        "negative_prompt_ids",
    ]

    /// Names of other APIs for what is an option here.
    private static let otherNames = [
        "max_tokens": "max_new_tokens", "max_completion_tokens": "max_new_tokens", "num_predict": "max_new_tokens",
        "stop": "stop_strings", "stop_sequences": "stop_strings", "n": "num_return_sequences",
        "repeat_penalty": "repetition_penalty", "random_seed": "seed",
    ]

    /// Sets options by their Hugging Face names. Null leaves an option without effect, whatever was said before.
    ///
    /// Throws `GenerationError` for a name that is not an option, one that is not supported yet and would change the
    /// result, and a value of the wrong kind; nothing is set then.
    public mutating func set(_ options: JSON.Object) throws {
        var config = self
        for (name, value) in options { try config.set(name, value) }
        if options["logprobs"]?.bool == false, config.topLogprobs != nil {
            throw GenerationError.conflict("top_logprobs", "logprobs", "top_logprobs needs logprobs to be true")
        }
        self = config
    }

    /// Sets the options of a checkpoint's `generation_config.json`, or those that an older `config.json` holds.
    ///
    /// Null says nothing. No value makes the checkpoint unusable: one that cannot be used is an error of `validate` where
    /// its option counts, as in transformers (a temperature of 0 counts only when tokens are drawn), until another is set.
    /// Options that transformers does not have are passed over where they cannot be used.
    ///
    /// - Parameter file: where they stand, for error messages.
    /// - Returns: the names of options that are not supported and would change the result, and of those not known.
    public mutating func setDefaults(_ options: JSON.Object, of file: String) -> [String] {
        var unsupported: [String] = []
        for (name, value) in options where !value.isNull {
            if let option = GenerationConfig.options[name] {
                if GenerationConfig.foreign.contains(name) {
                    try? option.set(&self, value)
                } else {
                    option.setDefault(&self, value, file)
                }
            } else if !GenerationConfig.neutral.contains(name), value != GenerationConfig.unsupported[name] {
                unsupported.append(name)
            }
        }
        return unsupported
    }

    /// Whether there is an option of a name, supported or not.
    public static func isOption(_ name: String) -> Bool {
        options[name] != nil || neutral.contains(name) || unsupported[name] != nil
    }

    private mutating func set(_ name: String, _ value: JSON) throws {
        if let option = GenerationConfig.options[name] {
            try option.set(&self, value)
            doubtfulDefaults[name] = nil
            return
        }
        if GenerationConfig.neutral.contains(name) { return }
        guard let harmless = GenerationConfig.unsupported[name] else {
            throw GenerationError.unknownOption(name, nearest: GenerationConfig.nearest(to: name))
        }
        if !value.isNull && value != harmless { throw GenerationError.unsupportedOption(name) }
    }

    private static func nearest(to name: String) -> String? {
        if let known = otherNames[name] { return known }
        let candidates = options.keys.sorted() + unsupported.keys.sorted() + neutral.sorted()
        // A name whose length differs by more than 3 is further away than that.
        let near = candidates.filter { abs($0.utf8.count - name.utf8.count) <= 3 }
        let distances = near.map { ($0, editDistance(Array(name.utf8), Array($0.utf8))) }
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
