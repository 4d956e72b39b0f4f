extension GenerationConfig {
    /// Throws `GenerationError` for options that `Generation` does not follow yet: it chooses the tokens of one text from
    /// the logits of that text.
    public func checkNeedsOneText() throws {
        let asked = [
            ("num_beams", beamCount > 1), ("num_return_sequences", returnCount > 1),
            ("penalty_alpha", contrastivePenalty > 0 && topK > 1 && !doSample), ("guidance_scale", guidanceScale != 1),
            ("decoder_input_ids", decoderInputIDs != nil), ("max_time", maxTime != nil),
        ]
        if let (name, _) = asked.first(where: \.1) { throw GenerationError.unsupportedOption(name) }
    }
}
