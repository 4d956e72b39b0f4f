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
        if case .unigram(let unigram) = self { return unigram.lattice.scores.count }
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
        // The model is chosen once: choosing it for each piece would count references to all its tables each time.
        switch self {
        case .bpe(let bpe): text.forEachPiece(&tokens) { bpe.encode($0, &scratch.merger, into: &$1) }
        case .unigram(let unigram): text.forEachPiece(&tokens) { unigram.encode($0, &scratch.nodes, into: &$1) }
        case .wordPiece(let wordPiece): text.forEachPiece(&tokens) { wordPiece.encode($0, &scratch.matches, into: &$1) }
        case .wordLevel(let wordLevel): text.forEachPiece(&tokens) { wordLevel.encode($0, into: &$1) }
        case .sentencePiece(let model):
            text.forEachPiece(&tokens) { model.encode($0, &scratch.sentencePiece, into: &$1) }
        }
    }
}

extension PieceList {
    /// Calls `body` with each piece, tokens being appended from where it begins.
    @inline(__always)
    fileprivate func forEachPiece(_ tokens: inout TokenList, _ body: (Bytes, inout TokenList) -> Void) {
        text.bytes.withUnsafeBufferPointer { bytes in
            for piece in pieces {
                tokens.move(to: piece.lowerBound)
                body(bytes.slice(piece), &tokens)
            }
        }
    }
}
