import HayJSON

extension Tokenizer {
    /// Reads what a folder has in place of a tokenizer.json; nil where it has nothing. Throws `TokenizerError`.
    init?(
        vocabularyIn path: String, _ configuration: TokenizerConfiguration, _ settings: TokenSettings
    ) throws {
        guard let files = VocabularyFiles(folder: path) else { return nil }
        let family = try TokenizerClass(settings, files)
        switch files {
        case .sentencePiece(let model): try self.init(sentencePiece: model, configuration, settings, family)
        case .bytePairs(let vocabulary, let merges):
            try self.init(bytePairs: vocabulary, merges, configuration, settings, family)
        case .wordPieces(let vocabulary): try self.init(wordPieces: vocabulary, configuration, settings, family)
        }
    }

    /// Sentencepiece, with the tokens cut out that the settings name.
    private init(
        sentencePiece path: String, _ configuration: TokenizerConfiguration, _ settings: TokenSettings,
        _ family: TokenizerClass
    ) throws {
        var parts = try SentencePieceParts(SentencePieceFile(path))
        let prefixes = try settings.bool("add_prefix_space") ?? true
        // What is called legacy puts a space before each stretch between tokens.
        let isLegacy = try settings.bool("legacy") ?? true
        if parts.normalizer.dummyPrefix == .always, !prefixes || !isLegacy {
            parts.normalizer.dummyPrefix = prefixes ? .first : .never
        }
        let model = Model.sentencePiece(parts.model)
        let tokens = try VocabularyTokens(settings, family)
        let list = try tokens.added(model.vocabulary, isNormalized: false)
        for token in try list.elements() {
            parts.decoder.readAsWritten(try token.string("content"))
            // Where tokens are left out of a text, its first space goes away, not those after it.
            parts.decoder.dropsAllFirstSpaces = false
        }
        let added = try AddedTokens(list, model: model, normalizer: nil)
        let frame = Frame(tokens, family, added, model.vocabulary)
        self.init(
            configuration, .sentencePiece(parts.normalizer), nil, model, try PostProcessor(frame.template()),
            Decoder(.sentencePiece(parts.decoder)), added)
    }

    /// Byte-level pairs in the manner of GPT-2, Qwen2 and RoBERTa.
    private init(
        bytePairs vocabulary: String, _ merges: String, _ configuration: TokenizerConfiguration,
        _ settings: TokenSettings, _ family: TokenizerClass
    ) throws {
        let bpe = try BPE(
            Section([:], file: vocabulary), vocabulary: Section(Files.json(vocabulary), file: vocabulary),
            merges: Section(.array(VocabularyFiles.lines(of: merges)), file: merges, path: "lines"))
        let prefixes = try settings.bool("add_prefix_space") ?? false
        var normalizer: JSON = .null
        var preTokenizer: JSON = ["type": "ByteLevel", "add_prefix_space": .bool(prefixes), "use_regex": true]
        if family.name == "Qwen2Tokenizer" {
            normalizer = ["type": "NFC"]
            let split: JSON = [
                "type": "Split", "pattern": ["Regex": .string(Tokenizer.qwen2Words)], "behavior": "Isolated",
                "invert": false,
            ]
            let bytes: JSON = ["type": "ByteLevel", "add_prefix_space": .bool(prefixes), "use_regex": false]
            preTokenizer = ["type": "Sequence", "pretokenizers": [split, bytes]]
        }
        try self.init(
            .bpe(bpe), configuration, settings, family,
            ["normalizer": normalizer, "pre_tokenizer": preTokenizer, "decoder": ["type": "ByteLevel"]]
        ) { frame in
            guard family.name == "RobertaTokenizer" else { return try frame.template() }
            return try frame.roberta(addsPrefixSpace: prefixes)
        }
    }

    /// Word pieces in the manner of BERT.
    private init(
        wordPieces path: String, _ configuration: TokenizerConfiguration, _ settings: TokenSettings,
        _ family: TokenizerClass
    ) throws {
        let pieces = try VocabularyFiles.lines(of: path).enumerated().map { ($1.string ?? "", JSON.int($0)) }
        let unknown = try VocabularyTokens(settings, family).token("unk_token") ?? "[UNK]"
        let model: JSON = [
            "type": "WordPiece", "unk_token": .string(unknown), "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": .object(JSON.Object(pieces)),
        ]
        let isUncased = try settings.bool("do_lower_case") ?? true
        let separatesChinese = try settings.bool("tokenize_chinese_chars") ?? true
        let stripsAccents = try settings.bool("strip_accents").map(JSON.bool) ?? .null
        let normalizer: JSON = [
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": .bool(separatesChinese),
            "strip_accents": stripsAccents, "lowercase": .bool(isUncased),
        ]
        try self.init(
            Model(Section(model, file: path)), configuration, settings, family,
            [
                "normalizer": normalizer, "pre_tokenizer": ["type": "BertPreTokenizer"],
                "decoder": ["type": "WordPiece", "prefix": "##", "cleanup": true],
            ]
        ) { try $0.bert() }
    }

    /// Puts together a model and the other parts, described as a tokenizer.json would.
    private init(
        _ model: Model, _ configuration: TokenizerConfiguration, _ settings: TokenSettings, _ family: TokenizerClass,
        _ parts: JSON, _ postProcessor: (Frame) throws -> Section
    ) throws {
        let parts = Section(parts, file: settings.file)
        let normalizer = try parts.optional("normalizer").map(Normalizer.init)
        let tokens = try VocabularyTokens(settings, family)
        let added = try AddedTokens(
            tokens.added(model.vocabulary, isNormalized: nil), model: model, normalizer: normalizer)
        self.init(
            configuration, normalizer, try parts.optional("pre_tokenizer").map(PreTokenizer.init), model,
            try PostProcessor(postProcessor(Frame(tokens, family, added, model.vocabulary))),
            try Decoder(parts.member("decoder")), added)
    }

    /// Words as Qwen2 cuts them.
    private static let qwen2Words =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
}
