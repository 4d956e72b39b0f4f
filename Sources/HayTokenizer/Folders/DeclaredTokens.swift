import HayJSON

/// The tokens that the files of a folder name beside its vocabulary, each file counting where transformers 5 lets it.
///
/// A tokenizer_config.json with `added_tokens_decoder` is complete: special_tokens_map.json and added_tokens.json are
/// what older versions wrote, and count only without it; then the map wins over the configuration.
struct DeclaredTokens {
    /// The file that complaints about tokens name.
    let file: String
    /// Special tokens by their keys: the usual ones, then those of this checkpoint.
    private(set) var named: [(key: String, token: SettingsToken)] = []
    /// Further special tokens.
    private(set) var further: [SettingsToken] = []
    /// Tokens by the ids that files give them. A tokenizer heeds only the order of these ids.
    private var byID: [Int: SettingsToken] = [:]
    /// Tokens that files give ids, by ascending id.
    var listed: [SettingsToken] { byID.sorted { $0.key < $1.key }.map(\.value) }

    /// The keys of special tokens that every tokenizer may have.
    static let usualKeys = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]

    /// What the configuration and the map say of the usual keys; nil for one that is said to have no token.
    private(set) var usual: [String: SettingsToken?] = [:]
    /// Special tokens of this checkpoint by their keys: those that files only mention, and those that they declare.
    private var automatic = NamedTokens()
    private var explicit = NamedTokens()
    /// `extra_special_tokens` and `additional_special_tokens` as lists.
    private var extra: [SettingsToken]?
    private var additional: [SettingsToken]?

    /// The tokens of a folder. Throws `TokenizerError`.
    init(_ settings: TokenSettings, _ defaults: ClassTokens) throws {
        file = settings.file
        for named in defaults.tokens where !DeclaredTokens.usualKeys.contains(named.key) {
            automatic.set(named.key, named.token)
        }
        if let config = settings.config { try read(config) }
        if let decoder = try settings.config?.optional("added_tokens_decoder") {
            try list(decoder)
        } else {
            if let map = settings.map { try read(map: map) }
            if let added = settings.added { try list(added: added) }
            if let tokens = try settings.tokenizer?.optional("added_tokens") { try list(file: tokens) }
        }
        try name(settings, defaults)
        further =
            extra ?? additional ?? (0 ..< defaults.extraIDCount).map { SettingsToken(content: "<extra_id_\($0)>") }
    }

    /// What is added to the tokens of a tokenizer.json: all that have ids, whose flags replace those of the file, and those
    /// with a name that are not there. Each is special that has a name.
    func additions(to added: AddedTokens) -> [SettingsToken] {
        var additions = listed
        let known = Set(added.contents).union(additions.map(\.content))
        let names = Set(named.map(\.token.content))
        // One that is named twice with other flags is added twice, and the later flags stay.
        var new: Set<SettingsToken> = []
        for token in named.map(\.token) + further where !known.contains(token.content) && new.insert(token).inserted {
            additions.append(token)
        }
        for index in additions.indices where names.contains(additions[index].content) {
            additions[index].isNormalized = additions[index].isNormalized ?? !additions[index].isSpecial
            additions[index].isSpecial = true
        }
        return additions
    }

    /// Puts the usual keys and those of this checkpoint together; the flags are those of the lists.
    private mutating func name(_ settings: TokenSettings, _ defaults: ClassTokens) throws {
        let flagged = Dictionary(listed.map { ($0.content, $0) }) { $1 }
        var all = NamedTokens()
        for key in DeclaredTokens.usualKeys {
            let given = usual[key]
            let ofClass = defaults.tokens.first { $0.key == key }?.token
            if let token = explicit[key] ?? automatic[key] {
                all.set(key, token)
            } else if let token = given ?? ofClass {
                all.set(key, flagged[token.content] ?? token)
            } else if key == "pad_token", given == nil, !defaults.isUnpadded {
                // The padding of a tokenizer.json names its token, where nothing else does.
                let pad = try settings.tokenizer?.optional("padding")?.optional("pad_token")?.string()
                all.set(key, pad.map { SettingsToken(content: $0) })
            }
        }
        for (key, token) in automatic.list + explicit.list { all.set(key, token) }
        named = all.list
    }
}

/// Reading the files.
extension DeclaredTokens {
    /// The configuration's `…_token` keys and lists of special tokens.
    private mutating func read(_ config: Section) throws {
        for (key, value) in try config.object() where key.hasSuffix("_token") {
            let place = Section(value, file: config.file, path: key)
            if DeclaredTokens.usualKeys.contains(key) {
                usual.updateValue(try SettingsToken(place), forKey: key)
            } else if value.string != nil {
                explicit.set(key, try SettingsToken(place))
            } else if value["__type"]?.string == "AddedToken" {
                automatic.set(key, try SettingsToken(place))
            }
        }
        let listed = try config.optional("additional_special_tokens")
        if let found = try config.optional("extra_special_tokens"), !found.isEmptyList {
            try readExtra(found)
            additional = try listed.map(DeclaredTokens.list)
        } else if let listed {
            try readExtra(listed)
        } else if let empty = try config.object()["extra_special_tokens"], empty.object == nil {
            extra = []
        }
        if explicit.list.isEmpty, let saved = try config.optional("model_specific_special_tokens") {
            try readNames(saved)
        }
    }

    /// special_tokens_map.json, whose objects are special whatever they say.
    private mutating func read(map: Section) throws {
        for (key, value) in try map.object() {
            let place = Section(value, file: map.file, path: key)
            if key == "additional_special_tokens" {
                additional = value.isNull ? nil : try DeclaredTokens.list(place)
            } else if key == "extra_special_tokens" {
                try readExtra(place, replaces: false)
            } else if key.hasSuffix("_token"), value.bool == nil {
                var token = try SettingsToken(place)
                if value.object != nil { token?.isSpecial = true }
                if DeclaredTokens.usualKeys.contains(key) {
                    usual.updateValue(token, forKey: key)
                } else {
                    automatic.set(key, token)
                }
            }
        }
    }

    /// `extra_special_tokens`: a list, or an object whose keys templates may name.
    private mutating func readExtra(_ section: Section, replaces: Bool = true) throws {
        if section.json.isNull { return }
        if section.json.object != nil {
            if !replaces { extra = nil }
            try readNames(section)
        } else if replaces {
            extra = try DeclaredTokens.list(section)
        } else {
            let tokens = try section.elements().compactMap { try SettingsToken(special: $0) }
            let known = extra ?? []
            extra = known + tokens.filter { !known.contains($0) }
        }
    }

    private mutating func readNames(_ section: Section) throws {
        for (key, value) in try section.object() {
            let place = Section(value, file: section.file, path: section.name(of: key))
            guard let token = try SettingsToken(place) else { throw place.wrongValue("a token, or an object with one") }
            explicit.set(key, token)
        }
    }

    private static func list(_ section: Section) throws -> [SettingsToken] {
        guard section.json.array != nil else { throw section.wrongValue("an array, or an object of named tokens") }
        return try section.elements().compactMap { try SettingsToken($0) }
    }

    /// `added_tokens_decoder`: tokens by their ids.
    private mutating func list(_ section: Section) throws {
        for (key, value) in try section.object() {
            let place = Section(value, file: section.file, path: section.name(of: key))
            guard let id = Int(key) else { throw place.wrongValue("a key that is an id", found: "another key") }
            guard let token = try SettingsToken(place) else {
                throw place.wrongValue("a token, or an object with one")
            }
            byID[id] = token
        }
    }

    /// added_tokens.json: ids by their tokens, special where another file names the token.
    private mutating func list(added: Section) throws {
        let special = Set(usual.values.compactMap { $0?.content } + (extra ?? []).map(\.content))
        for (content, id) in try added.object() {
            let place = Section(id, file: added.file, path: content)
            byID[try place.int()] = SettingsToken(content: content, isSpecial: special.contains(content))
        }
    }

    /// `added_tokens` of a tokenizer.json.
    private mutating func list(file: Section) throws {
        for element in try file.elements() {
            guard let id = try element.optional("id"), let token = try SettingsToken(element) else { continue }
            byID[try id.int()] = token
        }
    }

}

/// Tokens by keys, in the order in which the keys came first.
private struct NamedTokens {
    private(set) var list: [(key: String, token: SettingsToken)] = []
    private var places: [String: Int] = [:]

    subscript(_ key: String) -> SettingsToken? { places[key].map { list[$0].token } }

    mutating func set(_ key: String, _ token: SettingsToken?) {
        guard let token else { return }
        if let place = places[key] {
            list[place].token = token
        } else {
            places[key] = list.count
            list.append((key, token))
        }
    }
}

extension SettingsToken {
    /// A token of a list of special ones.
    fileprivate init?(special section: Section) throws {
        guard var token = try SettingsToken(section) else { return nil }
        token.isSpecial = true
        self = token
    }
}

extension Section {
    fileprivate var isEmptyList: Bool { json.array?.isEmpty == true || json.object?.count == 0 }
}
