import HayJSON

/// Text to ids and back, as a checkpoint's tokenizer.json says.
///
/// Gives what the `tokenizers` library gives for the same file.
public struct Tokenizer: Sendable {
    /// What tokenizer_config.json says; empty where there is none.
    public let configuration: TokenizerConfiguration
    let decoder: Decoder
    private let added: AddedTokens
    private let normalizer: Normalizer?
    private let preTokenizer: PreTokenizer?
    private let model: Model
    /// The texts of the model's ids, at hand without going through the model.
    private let vocabulary: Vocabulary
    let postProcessor: PostProcessor
    /// Whether a pre-tokenizer has to know which piece begins the input, of a text that a normalizer may have shortened.
    private let findsFirstByOrigin: Bool
    /// How the file wants long texts cut; nil where it does not.
    public let truncation: Truncation?
    /// How the file wants short texts filled up; nil where it does not.
    public let padding: Padding?

    /// Reads tokenizer.json of a checkpoint's folder and the files beside it that name tokens and templates; without
    /// tokenizer.json the vocabulary files of a sentencepiece model or of byte-level BPE, with the tokens that the
    /// configuration names.
    ///
    /// Throws `TokenizerError`.
    public init(folder path: String) throws {
        let settings = try TokenSettings(folder: path)
        let declared = try DeclaredTokens(settings, ClassTokens(settings))
        let configuration = try TokenizerConfiguration(settings, declared, folder: path)
        if let file = settings.tokenizer {
            try self.init(file, configuration, declared)
        } else if let tokenizer = try Tokenizer(vocabularyIn: path, configuration, settings) {
            self = tokenizer
        } else {
            let file = "\(path)/tokenizer.json"
            try self.init(Section(Files.json(file), file: file), configuration)
        }
    }

    /// Reads a tokenizer.json. Throws `TokenizerError`.
    public init(file path: String) throws {
        try self.init(Section(Files.json(path), file: path), TokenizerConfiguration())
    }

    /// Reads the value of a tokenizer.json; `name` is the file's name for error messages. Throws `TokenizerError`.
    public init(json: JSON, name: String) throws {
        try self.init(Section(json, file: name), TokenizerConfiguration())
    }

    private init(
        _ section: Section, _ configuration: TokenizerConfiguration, _ declared: DeclaredTokens? = nil
    ) throws {
        self.configuration = configuration
        // Small things first: what is not supported is told before a vocabulary is read.
        normalizer = try section.optional("normalizer").map(Normalizer.init)
        preTokenizer = try section.optional("pre_tokenizer").map(PreTokenizer.init)
        postProcessor = try section.optional("post_processor").map { try PostProcessor($0) } ?? PostProcessor()
        decoder = try section.optional("decoder").map { try Decoder($0) } ?? Decoder()
        truncation = try section.optional("truncation").map(Truncation.init)
        padding = try section.optional("padding").map(Padding.init)
        try Expansion.check(normalizer?.expansion ?? 1, section.optional("normalizer"))
        try Expansion.check(decoder.expansion, section.optional("decoder"))
        model = try Model(section.member("model"))
        vocabulary = model.vocabulary
        added = try AddedTokens(section.optional("added_tokens"), declared, model: model, normalizer: normalizer)
        findsFirstByOrigin = normalizer != nil && preTokenizer?.marksFirst ?? false
    }

    /// A tokenizer of parts that were read elsewhere.
    init(
        _ configuration: TokenizerConfiguration, _ normalizer: Normalizer?, _ preTokenizer: PreTokenizer?,
        _ model: Model,
        _ postProcessor: PostProcessor, _ decoder: Decoder, _ added: AddedTokens
    ) {
        self.configuration = configuration
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.model = model
        vocabulary = model.vocabulary
        self.postProcessor = postProcessor
        self.decoder = decoder
        self.added = added
        findsFirstByOrigin = normalizer != nil && preTokenizer?.marksFirst ?? false
        truncation = nil
        padding = nil
    }

    /// How many different tokens there are, added ones included.
    public var vocabularySize: Int { vocabulary.count + added.newCount }

    /// The ids of a text, with the special tokens that the checkpoint puts around one unless told otherwise.
    ///
    /// All of them, whatever the file says about truncation and padding: `encoding(of:)` heeds that.
    public func encode(_ text: String, addingSpecialTokens: Bool = true) -> [Int32] {
        var tokens = TokenList(wantsSpans: false)
        for part in postProcessor.parts(1) {
            switch part {
            case .special(let ids, _): if addingSpecialTokens { tokens.append(special: ids) }
            case .text: encode(text, into: &tokens)
            }
        }
        return tokens.ids
    }

    /// The text of ids, with special tokens unless told otherwise. Ids that no token has are passed over.
    public func decode(_ ids: [Int32], skippingSpecialTokens: Bool = false) -> String {
        var decoder = decoder(skippingSpecialTokens: skippingSpecialTokens)
        return decoder.decode(ids)
    }

    /// A decoder for ids that come one by one.
    public func decoder(skippingSpecialTokens: Bool) -> StreamDecoder {
        StreamDecoder(self, skippingSpecialTokens: skippingSpecialTokens)
    }

    /// The id of a token, written as in the vocabulary.
    public func id(of token: String) -> Int32? { added.id(of: token) ?? vocabulary.id(of: token) }

    /// The token of an id, written as in the vocabulary.
    public func token(of id: Int32) -> String? {
        var token: String?
        _ = withText(of: id) { token = String(decoding: $0, as: UTF8.self) }
        return token
    }

    /// Whether an id is that of a special token, which decoding may skip.
    public func isSpecial(_ id: Int32) -> Bool { added.token(of: id).map(added.isSpecial) ?? false }

    /// The token that begins a text.
    public var bosToken: String? { configuration.bosToken }
    /// The token that ends a text.
    public var eosToken: String? { configuration.eosToken }
    /// The token for what the vocabulary does not have.
    public var unkToken: String? { configuration.unkToken }
    /// The token that fills up short texts of a batch.
    public var padToken: String? { configuration.padToken }

    /// Calls `body` with the text of an id. False where no token has it, or for a special token that is to be skipped.
    ///
    /// An added token reads as the file writes it, also where it is matched in normalized text. (Of the `tokenizers`
    /// library, 0.23 gives the normalized text for it and so fails to skip it; earlier versions do as is done here.)
    @inline(__always)
    func withText(of id: Int32, skippingSpecial: Bool = false, _ body: (Bytes) -> Void) -> Bool {
        guard let token = added.token(of: id) else { return vocabulary.withText(of: id, body) }
        if skippingSpecial, added.isSpecial(token) { return false }
        token.bytes.withUnsafeBufferPointer(body)
        return true
    }

    /// How a token is written; nil for one that may stand for any text: an added one with the spaces that it takes along,
    /// and the unknown one of a unigram model.
    func spelling(of id: Int32) -> String? {
        if added.token(of: id) != nil { return nil }
        if case .unigram(let unigram) = model, id == unigram.unknownID { return nil }
        return token(of: id)
    }

    /// Appends the tokens of a text, without special ones around them.
    func encode(_ text: String, into tokens: inout TokenList) {
        var text = text
        text.withUTF8 { text in
            var scratch = Model.Scratch()
            for stretch in added.splitVerbatim(text) {
                if let id = stretch.id {
                    tokens.append(id, standingFor: stretch.range)
                } else {
                    let part = TrackedText(
                        text, stretch.range, isTracked: tokens.wantsSpans || findsFirstByOrigin)
                    encode(part, &scratch, into: &tokens)
                }
            }
        }
    }

    /// Appends the tokens of a text between added ones.
    private func encode(_ text: TrackedText, _ scratch: inout Model.Scratch, into tokens: inout TokenList) {
        var text = text
        normalizer?.normalize(&text)
        let stretches = text.bytes.withUnsafeBufferPointer { added.splitNormalized($0) }
        for stretch in stretches {
            if let id = stretch.id {
                tokens.append(id, standingFor: text.origin(of: stretch.range))
                continue
            }
            let first = tokens.ids.count
            var pieces = PieceList(text.part(stretch.range))
            preTokenizer?.apply(to: &pieces)
            model.encode(pieces, &scratch, into: &tokens)
            tokens.mapSpans(from: first, pieces.text.origin)
        }
    }
}
