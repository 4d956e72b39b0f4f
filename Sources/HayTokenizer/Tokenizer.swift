import HayJSON

/// Text to ids and back, as a checkpoint's tokenizer.json says.
///
/// Gives what the `tokenizers` library gives for the same file, without truncation and padding.
public struct Tokenizer: Sendable {
    /// What tokenizer_config.json says; empty where there is none.
    public let configuration: TokenizerConfiguration
    let decoder: Decoder
    private let added: AddedTokens
    private let normalizer: Normalizer?
    private let preTokenizer: PreTokenizer?
    private let model: Model
    private let postProcessor: PostProcessor

    /// Reads tokenizer.json and tokenizer_config.json of a checkpoint's folder; without tokenizer.json the vocabulary
    /// files of a sentencepiece model or of byte-level BPE, with the tokens that the configuration names.
    ///
    /// Throws `TokenizerError`.
    public init(folder path: String) throws {
        let file = "\(path)/tokenizer.json"
        let configuration = try TokenizerConfiguration(folder: path)
        if !Files.exists(file), let tokenizer = try Tokenizer(vocabularyIn: path, configuration) {
            self = tokenizer
        } else {
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

    private init(_ section: Section, _ configuration: TokenizerConfiguration) throws {
        self.configuration = configuration
        // Small things first: what is not supported is told before a vocabulary is read.
        normalizer = try section.optional("normalizer").map(Normalizer.init)
        preTokenizer = try section.optional("pre_tokenizer").map(PreTokenizer.init)
        postProcessor = try section.optional("post_processor").map { try PostProcessor($0) } ?? PostProcessor()
        decoder = try section.optional("decoder").map { try Decoder($0) } ?? Decoder()
        try Expansion.check(normalizer?.expansion ?? 1, section.optional("normalizer"))
        try Expansion.check(decoder.expansion, section.optional("decoder"))
        model = try Model(section.member("model"))
        added = try AddedTokens(section.optional("added_tokens"), model: model, normalizer: normalizer)
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
        self.postProcessor = postProcessor
        self.decoder = decoder
        self.added = added
    }

    /// How many different tokens there are, added ones included.
    public var vocabularySize: Int { model.vocabulary.count + added.newCount }

    /// The ids of a text, with the special tokens that the checkpoint puts around one unless told otherwise.
    public func encode(_ text: String, addingSpecialTokens: Bool = true) -> [Int32] {
        var text = text
        return text.withUTF8 { encode($0, addingSpecialTokens: addingSpecialTokens) }
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
    public func id(of token: String) -> Int32? { added.id(of: token) ?? model.vocabulary.id(of: token) }

    /// The token of an id, written as in the vocabulary.
    public func token(of id: Int32) -> String? {
        text(of: id, skippingSpecial: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The token that begins a text.
    public var bosToken: String? { configuration.bosToken }
    /// The token that ends a text.
    public var eosToken: String? { configuration.eosToken }
    /// The token for what the vocabulary does not have.
    public var unkToken: String? { configuration.unkToken }
    /// The token that fills up short texts of a batch.
    public var padToken: String? { configuration.padToken }

    /// The text of an id; nil where no token has it, or for a special token that is to be skipped.
    ///
    /// An added token reads as the file writes it, also where it is matched in normalized text. (Of the `tokenizers`
    /// library, 0.23 gives the normalized text for it and so fails to skip it; earlier versions do as is done here.)
    func text(of id: Int32, skippingSpecial: Bool) -> ArraySlice<UInt8>? {
        guard let token = added.token(of: id) else { return model.vocabulary.text(of: id) }
        return skippingSpecial && added.isSpecial(token) ? nil : Array(token.content.utf8)[...]
    }

    /// The ids of well-formed UTF-8.
    func encode(_ text: Bytes, addingSpecialTokens: Bool) -> [Int32] {
        var ids: [Int32] = addingSpecialTokens ? postProcessor.before : []
        var scratch = Model.Scratch()
        for stretch in added.splitVerbatim(text) {
            if let id = stretch.id {
                ids.append(id)
            } else {
                let beginsInput = stretch.range.lowerBound == 0
                encode(Normalizer.Text(bytes: Array(text[stretch.range]), beginsInput: beginsInput), &scratch, &ids)
            }
        }
        if addingSpecialTokens { ids += postProcessor.after }
        return ids
    }

    /// Appends the ids of a text between tokens.
    private func encode(_ text: Normalizer.Text, _ scratch: inout Model.Scratch, _ ids: inout [Int32]) {
        var text = text
        normalizer?.normalize(&text)
        let stretches = text.bytes.withUnsafeBufferPointer { added.splitNormalized($0) }
        for stretch in stretches {
            if let id = stretch.id {
                ids.append(id)
                continue
            }
            let isWhole = stretch.range.count == text.bytes.count
            let beginsInput = text.beginsInput && stretch.range.lowerBound == 0
            var pieces = PieceList(isWhole ? text.bytes : Array(text.bytes[stretch.range]), beginsInput: beginsInput)
            preTokenizer?.apply(to: &pieces)
            model.encode(pieces, &scratch, into: &ids)
        }
    }
}
