/// The part of a tokenizer that turns pieces of text into ids.
enum Model: Sendable {
    case bpe(BPE)
    case unigram(Unigram)
    case sentencePiece(SentencePieceModel)

    /// Reads `model` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        // Older files name no type: merges make it BPE, a list of scores Unigram.
        let type = try section.optional("type")?.string()
        let hasMerges = try section.optional("merges") != nil
        let hasScores = try section.optional("vocab")?.json.array != nil
        switch type ?? (hasMerges ? "BPE" : hasScores ? "Unigram" : "without a type") {
        case "BPE": self = .bpe(try BPE(section))
        case "Unigram": self = .unigram(try Unigram(section))
        case let other: throw section.unsupported("model '\(other)'")
        }
    }

    var vocabulary: Vocabulary {
        switch self {
        case .bpe(let bpe): bpe.vocabulary
        case .unigram(let unigram): unigram.vocabulary
        case .sentencePiece(let model): model.vocabulary
        }
    }

    /// How many entries the model's vocabulary has, those with equal texts included.
    var size: Int {
        switch self {
        case .bpe(let bpe): bpe.vocabulary.count
        case .unigram(let unigram): unigram.scores.count
        case .sentencePiece(let model): model.vocabulary.count
        }
    }

    /// Storage that is kept from text to text.
    struct Scratch {
        var merger = Merger()
        var nodes: [Unigram.Node] = []
        var sentencePiece = SentencePieceModel.Scratch()
    }

    /// Appends the ids of each piece of a text.
    func encode(_ text: PieceList, _ scratch: inout Scratch, into ids: inout [Int32]) {
        text.bytes.withUnsafeBufferPointer { bytes in
            switch self {
            case .bpe(let bpe):
                for piece in text.pieces { bpe.encode(bytes.slice(piece), &scratch.merger, into: &ids) }
            case .unigram(let unigram):
                for piece in text.pieces { unigram.encode(bytes.slice(piece), &scratch.nodes, into: &ids) }
            case .sentencePiece(let model):
                var lengths: [Int]?
                for piece in text.pieces {
                    model.encode(bytes.slice(piece), &scratch.sentencePiece, into: &ids, lengths: &lengths)
                }
            }
        }
    }
}
