/// The special tokens that a tokenizer class of transformers has where no file names others.
struct ClassTokens {
    /// A token of a class, under its key.
    struct Named {
        let key: String
        let token: SettingsToken
    }

    /// The tokens, in the order in which they are added to a vocabulary.
    var tokens: [Named] = []
    /// How many `<extra_id_…>` the class adds where no file lists further special tokens.
    var extraIDCount = 0
    /// Whether the class takes no padding token from tokenizer.json.
    var isUnpadded = false

    /// No tokens: what the generic class has.
    init() {}

    /// The tokens of a class, whose name has no suffix `Fast`.
    init(className name: String) {
        tokens = ClassTokens.byClass[name] ?? []
        isUnpadded = ClassTokens.unpadded.contains(name)
        extraIDCount = ["T5Tokenizer", "LasrTokenizer", "VideoPrismTokenizer"].contains(name) ? 100 : 0
    }

    /// The tokens of the class that transformers takes for a folder: the one that its files name, unless the kind of
    /// model is known to have another or to leave everything to the files.
    init(_ settings: TokenSettings) throws {
        let modelType = try settings.modelType?.json.string
        let registered = modelType.flatMap { ClassTokens.byModelType[$0] }
        guard var name = try settings.className?.string() else {
            self.init(className: registered ?? "")
            return
        }
        if name.hasSuffix("Fast") { name.removeLast(4) }
        if let modelType, let registered, registered != name {
            if registered == ClassTokens.generic {
                name = registered
            } else if ClassTokens.misnamed.contains(modelType) {
                name = registered
            }
        }
        // Folders in the manner of Llama 3 name the class of Llama 2.
        if name == "LlamaTokenizer", try settings.isByteLevel { name = ClassTokens.generic }
        self.init(className: name)
    }

    private static let generic = "TokenizersBackend"

    private static let byClass: [String: [Named]] = Dictionary(
        uniqueKeysWithValues: rows(of: ClassTokenData.classes).flatMap { tokens, names in
            let named = tokens.split(separator: " ").map(Named.init)
            return names.map { ($0, named) }
        })

    private static let byModelType: [String: String] = Dictionary(
        uniqueKeysWithValues: rows(of: ClassTokenData.modelTypes).flatMap { name, types in types.map { ($0, name) } })

    private static let unpadded = Set(rows(of: ClassTokenData.unpadded).flatMap(\.names))

    private static let misnamed = Set(rows(of: ClassTokenData.misnamed).flatMap(\.names))

    /// The lines of a table: what stands before the last colon, and the names after it.
    private static func rows(of table: String) -> [(what: String, names: [String])] {
        table.split(separator: "\n").compactMap { line in
            guard let colon = line.lastIndex(of: ":") else { return nil }
            let names = line[line.index(after: colon)...].split(separator: " ").map(String.init)
            return (String(line[..<colon]), names)
        }
    }
}

extension ClassTokens.Named {
    /// Reads `bos=<s>` of the table.
    fileprivate init(_ entry: Substring) {
        let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
        let takesSpace = parts[0].hasSuffix("<")
        key = (takesSpace ? String(parts[0].dropLast()) : parts[0]) + "_token"
        token = SettingsToken(content: parts[1], stripsLeft: takesSpace)
    }
}
