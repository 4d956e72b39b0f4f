/// A class of tokenizers in transformers, by which a folder says what its vocabulary files leave open.
struct TokenizerClass {
    /// The names of classes that do the same, without the suffix `Fast`; the first is the family's own.
    let names: [String]
    /// The model types that use it where no class is named.
    var modelTypes: [String] = []
    /// The tokens it has where no file names others, by their keys.
    let tokens: [ClassTokens.Named]
    /// Whether `bos_token` comes before a text and `eos_token` after it, where no file says.
    var addsBos = false
    var addsEos = false
    /// How many `<extra_id_…>` it adds where no file says.
    var extraIDs = 0

    /// Classes that read sentencepiece models.
    private static let sentencePiece = [
        TokenizerClass(
            names: ["LlamaTokenizer", "CodeLlamaTokenizer"], modelTypes: ["llama", "mistral", "mixtral", "code_llama"],
            addsBos: true),
        TokenizerClass(names: ["GemmaTokenizer"], modelTypes: ["gemma", "gemma2"], addsBos: true),
        TokenizerClass(
            names: ["T5Tokenizer", "MT5Tokenizer"], modelTypes: ["t5", "mt5", "umt5"], addsEos: true, extraIDs: 100),
        TokenizerClass(names: generic),
    ]
    /// Classes that read vocab.json and merges.txt.
    private static let bytePairs = [
        TokenizerClass(names: ["GPT2Tokenizer", "CodeGenTokenizer"] + generic, modelTypes: ["gpt2", "codegen"]),
        TokenizerClass(names: ["Qwen2Tokenizer"], modelTypes: ["qwen2", "qwen3"]),
        TokenizerClass(
            names: ["RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer"],
            modelTypes: ["roberta", "bart", "longformer", "led"]),
    ]
    /// Classes that read vocab.txt.
    private static let wordPieces = [
        TokenizerClass(
            names: ["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer"] + generic,
            modelTypes: ["bert", "distilbert", "electra"])
    ]
    /// Names that leave everything to the files, an empty one included.
    private static let generic = ["", "PreTrainedTokenizer", "TokenizersBackend", "SentencePieceBackend"]

    /// Model types whose ids or texts are not those of their sentencepiece model.
    private static let differing: Set = [
        "albert", "barthez", "big_bird", "camembert", "deberta-v2", "fnet", "m2m_100", "mbart", "pegasus", "plbart",
        "rembert", "speech_to_text", "xglm", "xlm-roberta", "xlm-roberta-xl", "xlnet", "xmod",
    ]

    /// The family's own name, which decides the pipeline.
    var name: String { names[0] }

    /// The class that a folder's settings name for its files. Throws `TokenizerError` for one that is not supported.
    init(_ settings: TokenSettings, _ files: VocabularyFiles) throws {
        let known =
            switch files {
            case .sentencePiece: TokenizerClass.sentencePiece
            case .bytePairs: TokenizerClass.bytePairs
            case .wordPieces: TokenizerClass.wordPieces
            }
        let named = try settings.className
        var name = try named?.string() ?? ""
        if name.hasSuffix("Fast") { name.removeLast(4) }
        let type = named == nil ? try settings.modelType : nil
        let byType = try type?.string()
        if let type, let byType, TokenizerClass.differing.contains(byType) {
            throw type.unsupported("the tokenizer of '\(byType)' without a tokenizer.json")
        }
        if let found = known.first(where: { byType.map($0.modelTypes.contains) ?? false })
            ?? known.first(where: { $0.names.contains(name) })
        {
            self = found
        } else {
            throw (named ?? Section(.null, file: "")).unsupported("the class '\(name)' without a tokenizer.json")
        }
    }

    private init(
        names: [String], modelTypes: [String] = [], addsBos: Bool = false, addsEos: Bool = false, extraIDs: Int = 0
    ) {
        self.names = names
        self.modelTypes = modelTypes
        tokens = ClassTokens(className: names[0]).tokens
        self.addsBos = addsBos
        self.addsEos = addsEos
        self.extraIDs = extraIDs
    }
}
