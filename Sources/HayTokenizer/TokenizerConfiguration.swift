import HayJSON

/// What tokenizer_config.json and the files beside it say about a tokenizer: special tokens and chat templates.
public struct TokenizerConfiguration: Sendable, Equatable {
    /// A chat template by its name, in Jinja.
    public struct ChatTemplate: Sendable, Equatable {
        /// The name; `default` for the one that is used when none is asked for.
        public let name: String
        /// The template's text.
        public let text: String
    }

    /// The chat templates, in the order of the file.
    public private(set) var chatTemplates: [ChatTemplate] = []
    /// The token that begins a text.
    public private(set) var bosToken: String?
    /// The token that ends a text.
    public private(set) var eosToken: String?
    /// The token for what the vocabulary does not have.
    public private(set) var unkToken: String?
    /// The token that fills up short texts of a batch.
    public private(set) var padToken: String?
    /// All special tokens by their keys, `bos_token` and the like, in the order of the file.
    public private(set) var specialTokens: [SpecialToken] = []
    /// Whether the file wants `bosToken` before a text.
    public private(set) var addsBosToken: Bool?
    /// Whether the file wants `eosToken` after a text.
    public private(set) var addsEosToken: Bool?
    /// Whether the file wants spaces before punctuation removed after decoding.
    public private(set) var cleansUpSpaces: Bool?
    /// The longest text the model takes, in tokens; nil where none is given or it stands for no limit.
    public private(set) var maximumLength: Int?
    /// The name of the tokenizer's class in transformers.
    public private(set) var tokenizerClass: String?

    /// A special token and the key it stands under.
    public struct SpecialToken: Sendable, Equatable {
        /// The key: `bos_token`.
        public let key: String
        /// The token: `<s>`.
        public let token: String
    }

    /// What is known where no file says anything.
    public init() {}

    /// The chat template of a name; without a name, the one called `default`, else the only one.
    public func chatTemplate(named name: String? = nil) -> String? {
        if let template = chatTemplates.first(where: { $0.name == name ?? "default" }) { return template.text }
        return name == nil && chatTemplates.count == 1 ? chatTemplates[0].text : nil
    }

    /// Reads tokenizer_config.json, special_tokens_map.json and chat_template.jinja of a folder, those that are there.
    ///
    /// Throws `TokenizerError`.
    public init(folder path: String) throws {
        let name = "\(path)/tokenizer_config.json"
        if Files.exists(name) { try read(Section(Files.json(name), file: name)) }
        let map = "\(path)/special_tokens_map.json"
        if Files.exists(map) { try readSpecialTokens(Section(Files.json(map), file: map)) }
        let template = "\(path)/chat_template.jinja"
        if Files.exists(template) {
            chatTemplates.removeAll { $0.name == "default" }
            chatTemplates.insert(ChatTemplate(name: "default", text: try Files.text(template)), at: 0)
        }
    }

    /// Reads the value of a tokenizer_config.json; `name` is the file's name for error messages.
    ///
    /// Throws `TokenizerError`.
    public init(json: JSON, name: String) throws { try read(Section(json, file: name)) }

    private mutating func read(_ section: Section) throws {
        try readSpecialTokens(section)
        addsBosToken = try section.optional("add_bos_token")?.bool()
        addsEosToken = try section.optional("add_eos_token")?.bool()
        cleansUpSpaces = try section.optional("clean_up_tokenization_spaces")?.bool()
        tokenizerClass = try section.optional("tokenizer_class")?.string()
        // transformers writes 10^30 for "no limit".
        maximumLength = try section.optional("model_max_length")?.json.int
        guard let templates = try section.optional("chat_template") else { return }
        if let text = templates.json.string {
            chatTemplates = [ChatTemplate(name: "default", text: text)]
        } else {
            chatTemplates = try templates.elements().map {
                ChatTemplate(name: try $0.string("name"), text: try $0.string("template"))
            }
        }
    }

    /// Reads the `…_token` keys, where they are not known already: a string, or an object that has it as `content`.
    private mutating func readSpecialTokens(_ section: Section) throws {
        for (key, value) in try section.object() where key.hasSuffix("_token") {
            guard let token = value.string ?? value["content"]?.string else { continue }
            guard !specialTokens.contains(where: { $0.key == key }) else { continue }
            specialTokens.append(SpecialToken(key: key, token: token))
        }
        bosToken = specialToken("bos_token")
        eosToken = specialToken("eos_token")
        unkToken = specialToken("unk_token")
        padToken = specialToken("pad_token")
    }

    private func specialToken(_ key: String) -> String? { specialTokens.first { $0.key == key }?.token }
}
