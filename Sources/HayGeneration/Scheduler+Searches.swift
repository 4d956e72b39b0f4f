import HayNN

extension Scheduler {
    /// The search that a configuration asks for.
    func makeSearch(_ plan: GenerationPlan) -> any Search {
        let config = plan.config, request = plan.request
        let lengthLimit = plan.prefix.count + plan.newTokenLimit
        let sampler = Sampler(
            config, source: request.prompt, prefixCount: plan.prefix.count, lengthLimit: lengthLimit,
            others: request.processors, constraint: request.constraint)
        let setting = SampledRow.Setting(
            sampler: sampler, endTokens: plan.endTokens, newTokenLimit: plan.newTokenLimit,
            draftLimit: max(0, options.passLength / 2 / plan.rowCount - 1), rereadLength: model.rereadLength,
            topLogprobs: config.topLogprobs, keepsScores: config.outputsScores, keepsLogits: config.outputsLogits)
        let seed = config.seed ?? .random(in: .min ... .max)
        if config.beamCount > 1 { return makeBeams(plan, sampler, lengthLimit: lengthLimit, seed: seed) }
        let rows = (0 ..< config.returnCount).map { index in
            SampledRow(
                setting, prefix: plan.prefix, index: index, random: SeededRandom(seed: seed, stream: UInt64(index)),
                decoder: request.decoder,
                drafter: config.isContrastive ? nil : makeDrafter(plan, sampler, lengthLimit: lengthLimit))
        }
        if config.isContrastive {
            return ContrastiveSearch(sampler, config, vocabularySize: model.vocabularySize, row: rows[0])
        }
        return SampleSearch(sampler, vocabularySize: model.vocabularySize, rows: rows)
    }

    private func makeBeams(
        _ plan: GenerationPlan, _ sampler: Sampler, lengthLimit: Int, seed: UInt64
    ) -> BeamSearch {
        let config = plan.config
        let options = BeamSearch.Options(
            beamCount: config.beamCount, groupCount: config.beamGroupCount,
            diversityPenalty: Float(config.diversityPenalty), lengthPenalty: config.lengthPenalty,
            earlyStopping: config.earlyStopping, returnCount: config.returnCount, lengthLimit: lengthLimit,
            endTokens: config.eosTokenIDs, padToken: config.padTokenID, doSample: config.doSample, seed: seed,
            topLogprobs: config.topLogprobs, keepsScores: config.outputsScores, keepsLogits: config.outputsLogits)
        return BeamSearch(options, prefix: plan.prefix, decoder: plan.request.decoder) { scores, tokens in
            sampler.process(&scores, after: tokens)
        }
    }

    private func makeDrafter(_ plan: GenerationPlan, _ sampler: Sampler, lengthLimit: Int) -> (any Drafter)? {
        let config = plan.config
        let source = model.isEncoderDecoder ? plan.request.prompt : []
        if let assistant = plan.request.assistant {
            return Assistant(
                assistant, config, sampler: sampler, source: source, lengthLimit: lengthLimit,
                pieceLength: options.passLength, on: backend)
        }
        guard let count = config.promptLookupTokens else { return nil }
        return PromptLookup(source: source, tokenLimit: count, longestMatch: config.maxMatchingNGramSize)
    }
}
