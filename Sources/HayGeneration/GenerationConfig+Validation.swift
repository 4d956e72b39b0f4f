extension GenerationConfig {
    /// Checks that all values may be, and may be together, for a model.
    ///
    /// Throws `GenerationError`.
    public func validate(vocabularySize: Int, isEncoderDecoder: Bool) throws {
        for name in GenerationConfig.options.keys.sorted() { try GenerationConfig.options[name]?.check(self) }
        if doSample, temperature == 0 {
            throw GenerationError.conflict(
                "temperature", "do_sample", "a temperature of 0 takes the likeliest token; set do_sample to false")
        }
        try checkSearch()
        try checkForcedTokens()
        try checkModel(isEncoderDecoder)
        try checkTokens(vocabularySize, isEncoderDecoder)
    }

    private func checkSearch() throws {
        if beamCount == 1, returnCount > 1, !doSample {
            throw GenerationError.conflict(
                "num_return_sequences", "do_sample", "\(returnCount) replies need sampling or as many beams")
        }
        if beamCount > 1, returnCount > beamCount {
            throw GenerationError.conflict(
                "num_return_sequences", "num_beams",
                "\(returnCount) replies need as many beams, but there are \(beamCount)")
        }
        if beamGroupCount > 1 { try checkGroups() }
        if beamCount > 1, contrastivePenalty > 0 {
            throw GenerationError.conflict("penalty_alpha", "num_beams", "contrastive search follows one text")
        }
        if guidanceScale != 1, contrastivePenalty > 0 {
            throw GenerationError.conflict("guidance_scale", "penalty_alpha", "contrastive search follows one text")
        }
        if beamCount == 1, returnCount > 1, promptLookupTokens != nil {
            throw GenerationError.conflict(
                "prompt_lookup_num_tokens", "num_return_sequences", "guessing ahead gives one reply")
        }
    }

    private func checkGroups() throws {
        if !beamCount.isMultiple(of: beamGroupCount) {
            throw GenerationError.conflict(
                "num_beam_groups", "num_beams", "\(beamCount) beams cannot be divided into \(beamGroupCount) groups")
        }
        if diversityPenalty <= 0 {
            throw GenerationError.conflict(
                "num_beam_groups", "diversity_penalty", "groups of beams need a diversity_penalty above 0")
        }
        if doSample {
            throw GenerationError.conflict("num_beam_groups", "do_sample", "groups of beams are not sampled")
        }
    }

    /// A place where only tokens may come that must not come has none to choose.
    private func checkForcedTokens() throws {
        let forced = [
            ("forced_bos_token_id", forcedBOSTokenID.map { [$0] } ?? []), ("forced_eos_token_id", forcedEOSTokenIDs),
        ]
        for (name, ids) in forced where !ids.isEmpty && ids.allSatisfy(suppressTokens.contains) {
            throw GenerationError.conflict(name, "suppress_tokens", "all tokens that are forced are suppressed")
        }
    }

    private func checkModel(_ isEncoderDecoder: Bool) throws {
        if isEncoderDecoder, guidanceScale != 1 {
            throw GenerationError.wrongModel("guidance_scale", expected: "a decoder-only model")
        }
        if !isEncoderDecoder, decoderInputIDs != nil {
            throw GenerationError.wrongModel("decoder_input_ids", expected: "an encoder-decoder model")
        }
    }

    private func checkTokens(_ vocabularySize: Int, _ isEncoderDecoder: Bool) throws {
        let lists: [(String, [Int32])] = [
            ("forced_bos_token_id", forcedBOSTokenID.map { [$0] } ?? []), ("forced_eos_token_id", forcedEOSTokenIDs),
            ("decoder_start_token_id", isEncoderDecoder ? decoderStartTokenID.map { [$0] } ?? [] : []),
            ("decoder_input_ids", decoderInputIDs ?? []), ("negative_prompt_ids", negativePromptIDs ?? []),
            ("bad_words_ids", badWordsIDs.flatMap { $0 }), ("sequence_bias", sequenceBias.flatMap(\.tokens)),
            ("logit_bias", logitBias.keys.sorted()),
        ]
        for (name, ids) in lists {
            if let id = ids.first(where: { $0 < 0 || Int($0) >= vocabularySize }) {
                throw GenerationError.optionTokenOutOfRange(name, id, vocabularySize: vocabularySize)
            }
        }
    }
}
