/// The part of a tokenizer that turns pieces of text into ids.
enum Model: Sendable {
    case bpe(BPE)
    case unigram(Unigram)
    case sentencePiece(SentencePieceModel)
    case wordPiece(WordPiece)
    case wordLevel(WordLevel)

    /// Reads `model` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        switch try Model.type(of: section) {
        case "BPE": self = .bpe(try BPE(section))
        case "Unigram": self = .unigram(try Unigram(section))
        case "WordPiece": self = .wordPiece(try WordPiece(section))
        case "WordLevel": self = .wordLevel(try WordLevel(section))
        case let other: throw section.unsupported("model '\(other)'")
        }
    }

    /// The type that a file names. Older files name none: what else they say tells it.
    private static func type(of section: Section) throws -> String {
        if let type = try section.optional("type")?.string() { return type }
        if try section.optional("merges") != nil { return "BPE" }
        if try section.optional("continuing_subword_prefix") != nil { return "WordPiece" }
        let vocabulary = try section.optional("vocab")?.json
        return vocabulary?.array != nil ? "Unigram" : vocabulary?.object != nil ? "WordLevel" : "without a type"
    }

    var vocabulary: Vocabulary {
        switch self {
        case .bpe(let bpe): bpe.vocabulary
        case .unigram(let unigram): unigram.vocabulary
        case .sentencePiece(let model): model.vocabulary
        case .wordPiece(let wordPiece): wordPiece.vocabulary
        case .wordLevel(let wordLevel): wordLevel.vocabulary
        }
    }

    /// How many entries the model's vocabulary has, those with equal texts included.
    var size: Int {
        if case .unigram(let unigram) = self { return unigram.scores.count }
        return vocabulary.count
    }

    /// Storage that is kept from text to text.
    struct Scratch {
        var merger = Merger()
        var nodes: [Unigram.Node] = []
        var sentencePiece = SentencePieceModel.Scratch()
        var matches: [WordPiece.Match] = []
    }

    /// Appends the tokens of each piece of a text.
    func encode(_ text: PieceList, _ scratch: inout Scratch, into tokens: inout TokenList) {
        text.bytes.withUnsafeBufferPointer { bytes in
            for piece in text.pieces {
                tokens.move(to: piece.lowerBound)
                let piece = bytes.slice(piece)
                switch self {
                case .bpe(let bpe): bpe.encode(piece, &scratch.merger, into: &tokens)
                case .unigram(let unigram): unigram.encode(piece, &scratch.nodes, into: &tokens)
                case .wordPiece(let wordPiece): wordPiece.encode(piece, &scratch.matches, into: &tokens)
                case .wordLevel(let wordLevel): wordLevel.encode(piece, into: &tokens)
                case .sentencePiece(let model): model.encode(piece, &scratch.sentencePiece, into: &tokens)
                }
            }
        }
    }
}
