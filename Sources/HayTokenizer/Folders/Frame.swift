import HayJSON

/// The special tokens that a class puts around texts, as `post_processor` of a tokenizer.json describes them.
struct Frame {
    private let declared: VocabularyTokens
    private let file: String
    private let family: TokenizerClass
    private let added: AddedTokens
    private let vocabulary: Vocabulary

    init(_ tokens: VocabularyTokens, _ family: TokenizerClass, _ added: AddedTokens, _ vocabulary: Vocabulary) {
        declared = tokens
        file = tokens.settings.file
        self.family = family
        self.added = added
        self.vocabulary = vocabulary
    }

    /// `bos_token` before each text and `eos_token` after it, those that are wanted.
    func template() throws -> Section {
        let addsBos = try declared.settings.bool("add_bos_token") ?? family.addsBos
        let addsEos = try declared.settings.bool("add_eos_token") ?? family.addsEos
        let before = addsBos ? try token("bos_token").map { [$0] } ?? [] : []
        let after = addsEos ? try token("eos_token").map { [$0] } ?? [] : []
        return section(
            single: before.map { .special($0, 0) } + [.text("A", 0)] + after.map { .special($0, 0) },
            second: before.map { .special($0, 1) } + [.text("B", 1)] + after.map { .special($0, 1) })
    }

    /// `[CLS] A [SEP] B [SEP]`.
    func bert() throws -> Section {
        let before = try requiredToken("cls_token")
        let after = try requiredToken("sep_token")
        return section(
            single: [.special(before, 0), .text("A", 0), .special(after, 0)],
            second: [.text("B", 1), .special(after, 1)])
    }

    /// `<s> A </s></s> B </s>`.
    func roberta(addsPrefixSpace: Bool) throws -> Section {
        let pair = { (token: Token) -> JSON in [.string(token.text), .int(Int(token.id))] }
        return Section(
            [
                "type": "RobertaProcessing", "cls": pair(try requiredToken("cls_token")),
                "sep": pair(try requiredToken("sep_token")), "trim_offsets": true,
                "add_prefix_space": .bool(addsPrefixSpace),
            ], file: file, path: "post_processor")
    }

    private struct Token {
        let text: String
        let id: Int32
    }

    /// A part of a template, with the number of the text that it belongs to.
    private enum Part {
        case text(String, Int)
        case special(Token, Int)

        var json: JSON {
            switch self {
            case .text(let name, let type): ["Sequence": ["id": .string(name), "type_id": .int(type)]]
            case .special(let token, let type):
                ["SpecialToken": ["id": .string(token.text), "type_id": .int(type)]]
            }
        }
    }

    /// A template for one text, and what is added to it for a second.
    private func section(single: [Part], second: [Part]) -> Section {
        var tokens = JSON.Object()
        for case .special(let token, _) in single + second where tokens[token.text] == nil {
            tokens.append(
                token.text,
                ["id": .string(token.text), "ids": [.int(Int(token.id))], "tokens": [.string(token.text)]])
        }
        return Section(
            [
                "type": "TemplateProcessing", "single": .array(single.map(\.json)),
                "pair": .array((single + second).map(\.json)), "special_tokens": .object(tokens),
            ], file: file, path: "post_processor")
    }

    /// The token of a key; nil where there is none. Throws where it has no id.
    private func token(_ key: String) throws -> Token? {
        guard let text = declared.token(key) else { return nil }
        guard let id = added.id(of: text) ?? vocabulary.id(of: text) else {
            throw TokenizerError.unknownToken(file: file, key: key, token: text)
        }
        return Token(text: text, id: id)
    }

    private func requiredToken(_ key: String) throws -> Token {
        guard let token = try token(key) else { throw TokenizerError.missingKey(file: file, key: key) }
        return token
    }
}
