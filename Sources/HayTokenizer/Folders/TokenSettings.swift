import HayJSON

/// The files of a folder that say something of its tokens: tokenizer_config.json, special_tokens_map.json,
/// added_tokens.json, tokenizer.json, and config.json for the kind of model.
struct TokenSettings {
    let config: Section?
    let map: Section?
    let added: Section?
    let tokenizer: Section?
    private let model: Section?

    /// The file that complaints about tokens name.
    let file: String

    /// Reads the files that are there. Throws `TokenizerError`.
    init(folder path: String) throws {
        let read = { (name: String) -> Section? in
            let file = "\(path)/\(name)"
            return Files.exists(file) ? Section(try Files.json(file), file: file) : nil
        }
        config = try read("tokenizer_config.json")
        map = try read("special_tokens_map.json")
        added = try read("added_tokens.json")
        model = try read("config.json")
        tokenizer = try read("tokenizer.json")
        file = config?.file ?? map?.file ?? added?.file ?? "\(path)/tokenizer_config.json"
    }

    /// A tokenizer_config.json alone.
    init(config: Section) {
        self.config = config
        file = config.file
        (map, added, model, tokenizer) = (nil, nil, nil, nil)
    }

    /// Where the tokenizer's class is named; nil where it is not.
    var className: Section? {
        get throws { try config?.optional("tokenizer_class") ?? model?.optional("tokenizer_class") }
    }

    /// The kind of model that the folder holds.
    var modelType: Section? { get throws { try model?.optional("model_type") } }

    /// Whether tokenizer.json has a part that works on bytes.
    var isByteLevel: Bool {
        get throws {
            try tokenizer?.object().contains { $0 != "model" && TokenSettings.mentionsByteLevel($1) } ?? false
        }
    }

    private static func mentionsByteLevel(_ json: JSON) -> Bool {
        switch json {
        case .object(let members):
            members["type"]?.string == "ByteLevel" || members.values.contains(where: mentionsByteLevel)
        case .array(let elements): elements.contains(where: mentionsByteLevel)
        default: false
        }
    }

    func bool(_ key: String) throws -> Bool? { try config?.optional(key)?.bool() }
    func int(_ key: String) throws -> Int? { try config?.optional(key)?.int() }
}
