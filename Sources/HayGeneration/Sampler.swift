/// Chooses tokens from logits: processors in Hugging Face's order, then the best token or a draw.
///
/// `guidance_scale` comes before all of them and is not done here, as it needs the logits of another text.
public struct Sampler: Sendable {
    private let processors: [any LogitsProcessor]
    private let constraint: ConstrainedReply?
    private let warpers: [any LogitsProcessor]
    private let draws: Bool

    /// The sampler that a configuration describes.
    ///
    /// - Parameters:
    ///   - source: what the encoder_ options look at: the encoder's ids, or a decoder's prompt.
    ///   - prefixCount: how many of the tokens that `process` sees were given.
    ///   - lengthLimit: the most tokens in all, prefix included (max_length).
    ///   - others: the program's own processors, applied after the built-in ones and before the warpers, as in
    ///     transformers.
    ///   - constraint: what the reply holds to, applied after those.
    public init(
        _ config: GenerationConfig, source: [Int32], prefixCount: Int, lengthLimit: Int,
        others: [any LogitsProcessor] = [], constraint: (any ReplyConstraint)? = nil
    ) {
        draws = config.doSample
        self.constraint = constraint.map {
            ConstrainedReply(constraint: $0, prefixCount: prefixCount, lengthLimit: lengthLimit)
        }
        processors =
            Sampler.biases(config, source) + Sampler.lengths(config, prefixCount, lengthLimit)
            + Sampler.suppressions(config, prefixCount) + Sampler.counts(config, prefixCount) + others
        warpers =
            (config.doSample ? Sampler.warpers(config) : []) + (config.renormalizesLogits ? [Renormalize()] : [])
    }

    private static func biases(_ config: GenerationConfig, _ source: [Int32]) -> [any LogitsProcessor] {
        var processors: [any LogitsProcessor] = []
        if !config.sequenceBias.isEmpty { processors.append(SequenceBiases(config.sequenceBias)) }
        if config.encoderRepetitionPenalty != 1 {
            processors.append(EncoderRepetitionPenalty(penalty: config.encoderRepetitionPenalty, source: source))
        }
        if config.repetitionPenalty != 1 {
            processors.append(RepetitionPenalty(penalty: Float(config.repetitionPenalty)))
        }
        if config.noRepeatNGramSize > 0 { processors.append(NoRepeatNGram(size: config.noRepeatNGramSize)) }
        if config.encoderNoRepeatNGramSize > 0 {
            processors.append(EncoderNoRepeatNGram(size: config.encoderNoRepeatNGramSize, source: source))
        }
        if !config.badWordsIDs.isEmpty {
            processors.append(SequenceBiases(forbidding: config.badWordsIDs, eosTokenIDs: config.eosTokenIDs))
        }
        return processors
    }

    private static func lengths(
        _ config: GenerationConfig, _ prefixCount: Int, _ lengthLimit: Int
    ) -> [any LogitsProcessor] {
        var processors: [any LogitsProcessor] = []
        let least = config.minNewTokens.map { $0 + prefixCount } ?? config.minLength
        if least > 0, !config.eosTokenIDs.isEmpty {
            processors.append(MinLength(length: least, eosTokenIDs: config.eosTokenIDs))
        }
        if let id = config.forcedBOSTokenID { processors.append(ForcedBOS(id: id)) }
        if !config.forcedEOSTokenIDs.isEmpty {
            processors.append(ForcedEOS(lengthLimit: lengthLimit, ids: config.forcedEOSTokenIDs))
        }
        if config.removesInvalidValues { processors.append(RemoveInvalidValues()) }
        if let decay = config.exponentialDecayLengthPenalty {
            processors.append(
                ExponentialDecay(
                    start: prefixCount + decay.start, factor: decay.factor, eosTokenIDs: config.eosTokenIDs))
        }
        return processors
    }

    private static func suppressions(_ config: GenerationConfig, _ prefixCount: Int) -> [any LogitsProcessor] {
        var processors: [any LogitsProcessor] = []
        if !config.suppressTokens.isEmpty { processors.append(SuppressTokens(ids: config.suppressTokens)) }
        if !config.beginSuppressTokens.isEmpty {
            // A forced first token comes before the place where the text begins.
            let place = prefixCount > 1 || config.forcedBOSTokenID == nil ? prefixCount : prefixCount + 1
            processors.append(BeginSuppressTokens(ids: config.beginSuppressTokens, place: place))
        }
        return processors
    }

    private static func counts(_ config: GenerationConfig, _ prefixCount: Int) -> [any LogitsProcessor] {
        var processors: [any LogitsProcessor] = []
        if config.frequencyPenalty != 0 || config.presencePenalty != 0 {
            processors.append(
                CountPenalties(
                    frequency: Float(config.frequencyPenalty), presence: Float(config.presencePenalty),
                    prefixCount: prefixCount))
        }
        if !config.logitBias.isEmpty { processors.append(LogitBias(biases: config.logitBias)) }
        return processors
    }

    private static func warpers(_ config: GenerationConfig) -> [any LogitsProcessor] {
        // Beams need a token besides the end tokens to go on with.
        let least = config.beamCount > 1 ? config.eosTokenIDs.count + (config.eosTokenIDs.isEmpty ? 2 : 1) : 1
        var warpers: [any LogitsProcessor] = []
        if config.temperature != 1 { warpers.append(Temperature(temperature: Float(config.temperature))) }
        if let share = config.topH { warpers.append(TopH(share: share)) }
        if config.topK > 0 { warpers.append(TopK(count: max(config.topK, least))) }
        if config.topP < 1 { warpers.append(TopP(probability: config.topP, least: least)) }
        if config.minP > 0 { warpers.append(MinP(share: config.minP, least: least)) }
        if config.typicalP < 1 { warpers.append(Typical(mass: config.typicalP, least: least)) }
        if config.epsilonCutoff > 0 { warpers.append(EpsilonCutoff(epsilon: config.epsilonCutoff, least: least)) }
        if config.etaCutoff > 0 { warpers.append(EtaCutoff(epsilon: config.etaCutoff, least: least)) }
        return warpers
    }

    /// Changes the logits [V] of the token that follows `tokens` by all processors in order.
    public func process(_ logits: inout [Float], after tokens: [Int32]) {
        let original = constraint == nil ? [] : logits
        for processor in processors { processor.process(&logits, after: tokens) }
        constraint?.process(&logits, original: original, after: tokens)
        for warper in warpers { warper.process(&logits, after: tokens) }
    }

    /// Whether the reply's constraint keeps the likeliest token from following `tokens` only because the room ends.
    func isCut(_ logits: [Float], after tokens: [Int32]) -> Bool {
        guard let constraint else { return false }
        var logits = logits
        for processor in processors { processor.process(&logits, after: tokens) }
        return constraint.isCut(logits, after: tokens)
    }

    /// Turns logits [V] into the probabilities that the next token is drawn with.
    public func probabilities(_ logits: inout [Float], after tokens: [Int32]) {
        process(&logits, after: tokens)
        softmax(&logits)
    }

    /// The next token: the best one, or a draw when the configuration samples. The logits [V] are changed.
    ///
    /// Nil when there is no finite logit to choose.
    public func choose(_ logits: inout [Float], after tokens: [Int32], _ random: inout SeededRandom) -> Int32? {
        process(&logits, after: tokens)
        guard let best = argmax(logits), logits[best].isFinite else { return nil }
        if !draws { return Int32(best) }
        let remaining = Remaining(of: logits)
        let (weights, sums, largest) = remaining.weights()
        guard !weights.isEmpty, largest.isFinite else { return nil }
        var target = random.uniform() * sums.plain
        for (place, weight) in zip(remaining.places, weights) where weight > 0 {
            target -= Double(weight)
            if target < 0 { return place }
        }
        // The weights add up to a little less than the number drawn.
        return argmax(remaining.logits).map { remaining.places[$0] }
    }
}
