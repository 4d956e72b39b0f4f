/// The plainest model: each piece is a word of the vocabulary, or unknown.
struct WordLevel: Sendable {
    let vocabulary: Vocabulary
    let unknownID: Int32

    /// Appends the token of one piece.
    func encode(_ piece: Bytes, into tokens: inout TokenList) {
        let id = vocabulary.id(of: piece)
        tokens.append(id >= 0 ? id : unknownID, length: piece.count)
    }
}

extension WordLevel {
    /// Reads `model` of a tokenizer.json whose type is WordLevel. Throws `TokenizerError`.
    init(_ model: Section) throws {
        vocabulary = try Vocabulary(model.member("vocab"))
        unknownID = try vocabulary.unknownID(of: model, default: "<unk>")
    }
}
