import HayJSON

/// The tokens of a folder without tokenizer.json: what its files declare, and what its class has.
struct VocabularyTokens {
    let settings: TokenSettings
    private let family: TokenizerClass
    private let declared: DeclaredTokens

    /// Throws `TokenizerError`.
    init(_ settings: TokenSettings, _ family: TokenizerClass) throws {
        self.settings = settings
        self.family = family
        declared = try DeclaredTokens(settings, ClassTokens())
    }

    /// The token of a key, `bos_token`; nil where nothing has it, or a file says that there is none.
    func token(_ key: String) -> String? {
        if let given = declared.usual[key] { return given?.content }
        return family.tokens.first { $0.key == key }?.token.content
    }

    /// The tokens that are cut out of texts, as `added_tokens` of a tokenizer.json has them: those with ids first, in
    /// their order, then those that have a name.
    func added(_ vocabulary: Vocabulary, isNormalized: Bool?) throws -> Section {
        var tokens = TokenList()
        for token in declared.listed { tokens.add(token) }
        for number in try extraIDs() { tokens.add(SettingsToken(content: "<extra_id_\(number)>")) }
        for token in declared.named.map(\.token) + declared.further { tokens.add(token, isSpecial: true) }
        for named in family.tokens where vocabulary.id(of: named.token.content) != nil {
            if token(named.key) == named.token.content { tokens.add(named.token, isSpecial: true) }
        }
        return Section(
            .array(tokens.list.map { $0.json(isNormalized) }), file: settings.file, path: "added_tokens_decoder")
    }

    /// The numbers of T5's sentinels in the order of their ids: the first has the highest.
    private func extraIDs() throws -> [Int] {
        guard family.extraIDs > 0 else { return [] }
        let listed = declared.further.count { $0.content.hasPrefix("<extra_id_") }
        let said = try settings.config?.optional("extra_ids")
        let count = try said?.int() ?? (listed > 0 ? listed : family.extraIDs)
        guard 0 ... 10_000 ~= count else {
            throw (said ?? Section(.null, file: settings.file)).wrongValue("0 to 10000", found: "\(count)")
        }
        return (0 ..< count).reversed()
    }

    /// Tokens in order, each text once.
    private struct TokenList {
        private(set) var list: [SettingsToken] = []
        private var places: [String: Int] = [:]

        mutating func add(_ token: SettingsToken, isSpecial: Bool = false) {
            let place = places[token.content] ?? list.count
            if place == list.count {
                list.append(token)
                places[token.content] = place
            }
            if isSpecial { list[place].isSpecial = true }
        }
    }
}
