extension Tokenizer {
    /// Reads a sentencepiece model: `tokenizer.model`, `spiece.model` and the like, of the kinds unigram and BPE.
    ///
    /// Gives what the sentencepiece library gives for the file alone: no special tokens are added, control symbols
    /// written in a text are ordinary text, and in decoding they are nothing. Throws `TokenizerError`.
    public init(sentencePiece path: String) throws {
        let file = try SentencePieceFile(path)
        let symbols = try file.symbols()
        let normalizer = SentencePieceNormalizer(
            file.normalization, putsSpacesLast: file.putsSpacesLast, symbols: symbols)
        self.init(
            TokenizerConfiguration(), .sentencePiece(normalizer), nil,
            .sentencePiece(try SentencePieceModel(file, symbols: symbols)), PostProcessor(),
            Decoder(.sentencePiece(SentencePieceDecoder(file))), AddedTokens())
    }
}
