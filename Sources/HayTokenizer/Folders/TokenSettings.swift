import HayJSON

/// What the small files of a folder say about its tokens: tokenizer_config.json, special_tokens_map.json,
/// added_tokens.json, and config.json for the kind of model.
struct TokenSettings {
    private let config: Section?
    private let map: Section?
    private let added: Section?
    private let model: Section?

    /// The file that complaints about tokens name.
    let file: String

    init(folder path: String) throws {
        let read = { (name: String) -> Section? in
            let file = "\(path)/\(name)"
            return Files.exists(file) ? Section(try Files.json(file), file: file) : nil
        }
        config = try read("tokenizer_config.json")
        map = try read("special_tokens_map.json")
        added = try read("added_tokens.json")
        model = try read("config.json")
        file = config?.file ?? map?.file ?? added?.file ?? "\(path)/tokenizer_config.json"
    }

    /// Where the tokenizer's class is named; nil where it is not.
    var className: Section? {
        get throws { try config?.optional("tokenizer_class") ?? model?.optional("tokenizer_class") }
    }

    /// The kind of model that the folder holds.
    var modelType: Section? { get throws { try model?.optional("model_type") } }

    func bool(_ key: String) throws -> Bool? { try config?.optional(key)?.bool() }
    func int(_ key: String) throws -> Int? { try config?.optional(key)?.int() }

    /// The token of a key, `bos_token`; nil where no file has it, or one says that there is none.
    func token(_ key: String, of family: TokenizerClass) throws -> String? {
        for section in [config, map] {
            guard let section, let value = try section.object()[key] else { continue }
            return try Token(Section(value, file: section.file, path: key))?.content
        }
        return family.tokens.first { $0.key == key }?.token
    }

    /// The tokens that are cut out of texts, as `added_tokens` of a tokenizer.json has them: those with ids first, in
    /// their order, then those that have a name.
    func addedTokens(of family: TokenizerClass, _ vocabulary: Vocabulary, isNormalized: Bool?) throws -> Section {
        var tokens = TokenList()
        for (_, token) in try tokensWithIDs().sorted(by: { $0.id < $1.id }) { tokens.add(token) }
        for token in try extraIDs(of: family).map({ Token(content: "<extra_id_\($0)>") }) { tokens.add(token) }
        for token in try namedTokens() { tokens.add(token, isSpecial: true) }
        for (key, token) in family.tokens where vocabulary.id(of: token) != nil {
            guard try self.token(key, of: family) == token else { continue }
            // The mask takes the place of a word with the space before it.
            tokens.add(Token(content: token, stripsLeft: key == "mask_token"), isSpecial: true)
        }
        return Section(.array(tokens.list.map { $0.json(isNormalized) }), file: file, path: "added_tokens_decoder")
    }

    /// What `added_tokens_decoder` and added_tokens.json say.
    private func tokensWithIDs() throws -> [(id: Int, token: Token)] {
        var tokens: [(id: Int, token: Token)] = []
        if let section = try config?.optional("added_tokens_decoder") {
            for (key, value) in try section.object() {
                let place = Section(value, file: section.file, path: section.name(of: key))
                guard let id = Int(key) else { throw place.wrongValue("a key that is an id", found: "another key") }
                if let token = try Token(place) { tokens.append((id, token)) }
            }
        }
        if let added {
            for (token, id) in try added.object() {
                let id = try Section(id, file: added.file, path: token).int()
                tokens.append((id, Token(content: token, isSpecial: false)))
            }
        }
        return tokens
    }

    /// The `…_token` keys and the lists of further special tokens.
    private func namedTokens() throws -> [Token] {
        var tokens: [Token] = []
        for section in [config, map].compactMap({ $0 }) {
            for (key, value) in try section.object() where key.hasSuffix("_token") && value.bool == nil {
                if let token = try Token(Section(value, file: section.file, path: key)) { tokens.append(token) }
            }
            for key in ["additional_special_tokens", "extra_special_tokens"] {
                guard let list = try section.optional(key) else { continue }
                let elements = list.json.object.map { object in
                    object.map { Section($1, file: list.file, path: list.name(of: $0)) }
                }
                tokens += try (elements ?? list.elements()).compactMap(Token.init)
            }
        }
        return tokens
    }

    /// The numbers of T5's sentinels in the order of their ids: the first has the highest.
    private func extraIDs(of family: TokenizerClass) throws -> [Int] {
        guard family.extraIDs > 0 else { return [] }
        let listed = try namedTokens().count { $0.content.hasPrefix("<extra_id_") }
        let said = try config?.optional("extra_ids")
        let count = try said?.int() ?? (listed > 0 ? listed : family.extraIDs)
        guard 0 ... 10_000 ~= count else {
            throw (said ?? Section(.null, file: file)).wrongValue("0 to 10000", found: "\(count)")
        }
        return (0 ..< count).reversed()
    }

    /// Tokens in order, each text once.
    private struct TokenList {
        private(set) var list: [Token] = []
        private var places: [String: Int] = [:]

        mutating func add(_ token: Token, isSpecial: Bool = false) {
            let place = places[token.content] ?? list.count
            if place == list.count {
                list.append(token)
                places[token.content] = place
            }
            if isSpecial { list[place].isSpecial = true }
        }
    }
}

extension TokenSettings {
    /// A token as settings have it: a text, or an object that has it as `content` beside its flags.
    struct Token {
        let content: String
        var isSpecial = true
        var isSingleWord = false
        var stripsLeft = false
        var stripsRight = false
        var isNormalized: Bool?

        init(content: String, isSpecial: Bool = true, stripsLeft: Bool = false) {
            self.content = content
            self.isSpecial = isSpecial
            self.stripsLeft = stripsLeft
        }

        /// Nil for null.
        init?(_ section: Section) throws {
            if section.json.isNull { return nil }
            if let text = section.json.string {
                content = text
                return
            }
            guard section.json.object != nil else { throw section.wrongValue("a token, or an object with one") }
            content = try section.string("content")
            isSpecial = try section.bool("special", default: false)
            isSingleWord = try section.bool("single_word", default: false)
            stripsLeft = try section.bool("lstrip", default: false)
            stripsRight = try section.bool("rstrip", default: false)
            isNormalized = try section.optional("normalized")?.bool()
        }

        func json(_ normalized: Bool?) -> JSON {
            [
                "content": .string(content), "special": .bool(isSpecial), "single_word": .bool(isSingleWord),
                "lstrip": .bool(stripsLeft), "rstrip": .bool(stripsRight),
                "normalized": .bool(normalized ?? isNormalized ?? !isSpecial),
            ]
        }
    }
}
