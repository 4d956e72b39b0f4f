/// The model of BERT: from the left, always the longest entry that fits; a word that cannot be cut is unknown.
///
/// Source: arXiv:1609.08144, section 4.1; limits as the `tokenizers` library has them.
struct WordPiece: Sendable {
    let vocabulary: Vocabulary
    let unknownID: Int32
    /// Entry texts by prefix, with their ids.
    private let trie: PrefixTrie
    /// Where in the trie entries go on that do not begin a word; nil where the vocabulary has none.
    private let continuation: PrefixTrie.Node?
    /// Words with more scalars than this are unknown.
    private let longestWord: Int

    /// A token of a word, and where it ends.
    struct Match {
        let id: Int32
        let end: Int
    }

    /// Appends the tokens of one piece of well-formed UTF-8.
    func encode(_ piece: Bytes, _ matches: inout [Match], into tokens: inout TokenList) {
        guard !piece.isEmpty else { return }
        matches.removeAll(keepingCapacity: true)
        var start = 0
        while start < piece.count {
            guard let match = longestEntry(from: start, of: piece) else { break }
            matches.append(match)
            start = match.end
        }
        guard start == piece.count, piece.scalarCount <= longestWord else {
            return tokens.append(unknownID, length: piece.count)
        }
        start = 0
        for match in matches {
            tokens.append(match.id, length: match.end - start)
            start = match.end
        }
    }

    private func longestEntry(from start: Int, of piece: Bytes) -> Match? {
        guard let root = start == 0 ? PrefixTrie.root : continuation else { return nil }
        var longest: Match?
        trie.matches(in: piece, from: start, below: root) { longest = Match(id: $1, end: $0) }
        return longest
    }
}

extension WordPiece {
    /// Reads `model` of a tokenizer.json whose type is WordPiece. Throws `TokenizerError`.
    init(_ model: Section) throws {
        let vocabulary = try Vocabulary(model.member("vocab"))
        let unknownID = try vocabulary.unknownID(of: model, default: "[UNK]")
        let prefix = try model.optional("continuing_subword_prefix")?.string() ?? "##"
        let longestWord = try model.optional("max_input_chars_per_word")?.int() ?? 100
        guard let wordPiece = WordPiece(vocabulary, unknownID: unknownID, prefix: prefix, longestWord: longestWord)
        else { throw TokenizerError.tokenTooLong(in: try model.member("vocab"), vocabulary) }
        self = wordPiece
    }

    /// A model of a vocabulary that is at hand; nil where one of its texts is longer than can be matched.
    init?(_ vocabulary: Vocabulary, unknownID: Int32, prefix: String, longestWord: Int) {
        self.vocabulary = vocabulary
        self.unknownID = unknownID
        self.longestWord = longestWord
        var trie = PrefixTrie(byteCount: vocabulary.count * 8)
        var fits = true
        vocabulary.forEach { text, id in
            fits = fits && text.count <= PrefixTrie.longestText && trie.insert(text, value: id)
        }
        guard fits else { return nil }
        self.trie = trie
        var prefix = prefix
        continuation = prefix.withUTF8 { trie.node(of: $0) }
    }
}

extension Vocabulary {
    /// The id of the piece that `unk_token` names, which must be there. Throws `TokenizerError`.
    func unknownID(of model: Section, default token: String) throws -> Int32 {
        if let section = try model.optional("unk_token") { return try requiredID(section) }
        return try requiredID(Section(.string(token), file: model.file, path: model.name(of: "unk_token")))
    }
}

extension TokenizerError {
    /// The error for a vocabulary with a text that is too long to be matched.
    fileprivate static func tokenTooLong(in section: Section, _ vocabulary: Vocabulary) -> TokenizerError {
        var longest = 0
        vocabulary.forEach { text, _ in longest = max(longest, text.count) }
        return .tokenTooLong(file: section.file, key: section.path, size: longest, limit: PrefixTrie.longestText)
    }
}
