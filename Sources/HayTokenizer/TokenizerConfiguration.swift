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

    /// The chat template of a name, by itself the one called `default`.
    public func chatTemplate(named name: String = "default") -> String? {
        chatTemplates.first { $0.name == name }?.text
    }

    /// Reads what the files of a folder say: tokenizer_config.json and special_tokens_map.json, of tokenizer.json the
    /// padding, chat_template.jinja and additional_chat_templates.
    ///
    /// Throws `TokenizerError`.
    public init(folder path: String) throws {
        let settings = try TokenSettings(folder: path)
        try self.init(settings, DeclaredTokens(settings, ClassTokens(settings)), folder: path)
    }

    /// Reads the value of a tokenizer_config.json; `name` is the file's name for error messages.
    ///
    /// Throws `TokenizerError`.
    public init(json: JSON, name: String) throws {
        let settings = TokenSettings(config: Section(json, file: name))
        try self.init(settings, DeclaredTokens(settings, ClassTokens(settings)), folder: nil)
    }

    /// The settings of a folder with the tokens that its files declare.
    init(_ settings: TokenSettings, _ declared: DeclaredTokens, folder: String?) throws {
        specialTokens = declared.named.map { SpecialToken(key: $0.key, token: $0.token.content) }
        bosToken = specialToken("bos_token")
        eosToken = specialToken("eos_token")
        unkToken = specialToken("unk_token")
        padToken = specialToken("pad_token")
        if let config = settings.config { try read(config) }
        // Files win over all that the configuration has.
        let files = try folder.map { try TokenizerConfiguration.templates(in: $0) } ?? []
        if !files.isEmpty {
            chatTemplates = files
        } else if let templates = try settings.config?.optional("chat_template") {
            chatTemplates = try TokenizerConfiguration.templates(templates)
        }
    }

    private mutating func read(_ config: Section) throws {
        addsBosToken = try config.optional("add_bos_token")?.bool()
        addsEosToken = try config.optional("add_eos_token")?.bool()
        cleansUpSpaces = try config.optional("clean_up_tokenization_spaces")?.bool()
        tokenizerClass = try config.optional("tokenizer_class")?.string()
        // transformers writes 10^30 for "no limit".
        maximumLength = try config.optional("model_max_length")?.json.int
    }

    private func specialToken(_ key: String) -> String? { specialTokens.first { $0.key == key }?.token }
}

/// Where chat templates come from.
extension TokenizerConfiguration {
    /// chat_template.jinja, and the named templates of additional_chat_templates.
    private static func templates(in folder: String) throws -> [ChatTemplate] {
        var templates: [ChatTemplate] = []
        let file = "\(folder)/chat_template.jinja"
        if Files.exists(file) { templates.append(ChatTemplate(name: "default", text: try Files.text(file))) }
        let others = "\(folder)/additional_chat_templates"
        for name in Files.names(in: others) where name.hasSuffix(".jinja") {
            let template = ChatTemplate(name: String(name.dropLast(6)), text: try Files.text("\(others)/\(name)"))
            add(template, to: &templates)
        }
        return templates
    }

    /// `chat_template`: a text, an array of objects with name and template, or an object of templates by name.
    private static func templates(_ section: Section) throws -> [ChatTemplate] {
        if let text = section.json.string { return [ChatTemplate(name: "default", text: text)] }
        var templates: [ChatTemplate] = []
        if let members = section.json.object {
            for (name, text) in members {
                let text = try Section(text, file: section.file, path: section.name(of: name)).string()
                add(ChatTemplate(name: name, text: text), to: &templates)
            }
        } else if section.json.array != nil {
            for element in try section.elements() {
                let (name, text) = (try element.string("name"), try element.string("template"))
                add(ChatTemplate(name: name, text: text), to: &templates)
            }
        } else {
            throw section.wrongValue("a template, or named ones as an array or an object")
        }
        return templates
    }

    /// A later template takes the place of an earlier one of the same name.
    private static func add(_ template: ChatTemplate, to templates: inout [ChatTemplate]) {
        if let place = templates.firstIndex(where: { $0.name == template.name }) {
            templates[place] = template
        } else {
            templates.append(template)
        }
    }
}
