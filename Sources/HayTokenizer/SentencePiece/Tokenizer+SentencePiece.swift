extension Tokenizer {
    /// Reads a sentencepiece model: `tokenizer.model`, `spiece.model` and the like.
    ///
    /// Gives what the sentencepiece library gives for the file alone: no special tokens are added, control symbols
    /// written in a text are ordinary text, and in decoding they are nothing. Throws `TokenizerError`.
    public init(sentencePiece path: String) throws { try self.init(SentencePieceFile(path)) }

    /// Reads the bytes of a sentencepiece model; `name` is the file's name for error messages. Throws `TokenizerError`.
    public init(sentencePiece bytes: [UInt8], name: String) throws {
        try self.init(SentencePieceFile(bytes, name: name))
    }

    /// The tokenizer of a file alone. Throws `TokenizerError`.
    init(_ file: SentencePieceFile) throws {
        let parts = try SentencePieceParts(file)
        self.init(
            TokenizerConfiguration(), .sentencePiece(parts.normalizer), nil, .sentencePiece(parts.model),
            PostProcessor(), Decoder(.sentencePiece(parts.decoder)), AddedTokens())
    }
}

/// The parts of a tokenizer that a sentencepiece model file describes.
struct SentencePieceParts {
    var normalizer: SentencePieceNormalizer
    let model: SentencePieceModel
    var decoder: SentencePieceDecoder

    /// Throws `TokenizerError`.
    init(_ file: SentencePieceFile) throws {
        let symbols = try file.symbols()
        normalizer = SentencePieceNormalizer(
            file.normalization, putsSpacesLast: file.putsSpacesLast, symbols: symbols)
        model = try SentencePieceModel(file, symbols: symbols)
        decoder = SentencePieceDecoder(file)
        try Expansion.check(normalizer.expansion, Section(.null, file: file.name, path: "normalizer_spec"))
        try Expansion.check(decoder.expansion, Section(.null, file: file.name, path: "denormalizer_spec"))
    }
}
