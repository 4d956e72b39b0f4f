/// The part of a sentencepiece model that cuts rewritten text into pieces, as the sentencepiece library does.
struct SentencePieceModel: Sendable {
    /// All pieces with their ids.
    let vocabulary: Vocabulary
    let unknownID: Int32
    /// The ids of `<0x00>` … `<0xFF>`; empty without byte fallback.
    private let byteTokens: [Int32]
    private let algorithm: Algorithm

    private enum Algorithm {
        case unigram(SentencePieceUnigram)
        case bpe(SentencePieceBPE)
        case units(SentencePieceUnits)
    }

    /// Storage that is kept from text to text.
    struct Scratch {
        var nodes: [SentencePieceUnigram.Node] = []
        var merger = SentencePieceMerger()
        fileprivate var cuts: [Cut] = []
    }

    /// A piece that was found: its id, -1 where no piece has the text, and its place in the text.
    struct Cut {
        let id: Int32
        let start: Int32
        let end: Int32

        init(id: Int32, _ range: Range<Int>) {
            self.id = id
            start = Int32(range.lowerBound)
            end = Int32(range.upperBound)
        }
    }

    /// Builds the model of a file. Throws `TokenizerError`.
    init(_ file: SentencePieceFile, symbols: PrefixTrie) throws {
        var vocabulary = Vocabulary(capacity: file.pieces.count)
        var unknownID: Int32?
        for (id, piece) in file.pieces.enumerated() {
            let id = Int32(id)
            let isNew = piece.text.withUnsafeBufferPointer { text in
                defer { vocabulary.insert(text, id: id) }
                return vocabulary.id(of: text) < 0
            }
            guard isNew else { throw file.malformed(id, "piece", "is '\(piece.name)', which another piece is too") }
            if piece.kind == .byte, !file.hasByteFallback {
                throw file.malformed(id, "type", "is a byte, but 'trainer_spec.byte_fallback' is not true")
            }
            guard piece.kind == .unknown else { continue }
            guard unknownID == nil else { throw file.malformed(id, "type", "is unknown, which another piece is too") }
            unknownID = id
        }
        guard let unknownID else {
            throw TokenizerError.badModelFile(file: file.name, key: "pieces", reason: "has none of the type unknown")
        }
        self.vocabulary = vocabulary
        self.unknownID = unknownID
        byteTokens = file.hasByteFallback ? try file.byteTokens(vocabulary) : []
        switch file.algorithm {
        case .unigram: algorithm = .unigram(try SentencePieceUnigram(file))
        case .bpe: algorithm = .bpe(SentencePieceBPE(file, symbols: symbols))
        case .word, .char: algorithm = .units(SentencePieceUnits(file, symbols: symbols))
        }
    }

    /// Appends the tokens of a rewritten text.
    ///
    /// Unknown characters side by side are one unknown; with byte fallback each of their bytes is a token.
    func encode(_ text: Bytes, _ scratch: inout Scratch, into tokens: inout TokenList) {
        scratch.cuts.removeAll(keepingCapacity: true)
        switch algorithm {
        case .unigram(let unigram): unigram.cut(text, &scratch.nodes, into: &scratch.cuts)
        case .bpe(let bpe): bpe.cut(text, vocabulary, &scratch.merger, into: &scratch.cuts)
        case .units(let units): units.cut(text, vocabulary, into: &scratch.cuts)
        }
        var unknownLength = 0
        for cut in scratch.cuts {
            let length = Int(cut.end - cut.start)
            if cut.id >= 0, cut.id != unknownID {
                if unknownLength > 0 { tokens.append(unknownID, length: unknownLength) }
                unknownLength = 0
                tokens.append(cut.id, length: length)
            } else if byteTokens.isEmpty {
                unknownLength += length
            } else {
                for byte in text[Int(cut.start) ..< Int(cut.end)] { tokens.append(byteTokens[Int(byte)], length: 1) }
            }
        }
        if unknownLength > 0 { tokens.append(unknownID, length: unknownLength) }
    }
}

extension SentencePieceFile {
    /// The texts that are always taken whole.
    func symbols() throws -> PrefixTrie {
        var symbols = PrefixTrie()
        for (id, piece) in pieces.enumerated() where piece.kind == .userDefined {
            let isAdded = piece.text.withUnsafeBufferPointer { symbols.insert($0, value: Int32(id)) }
            guard isAdded else { throw malformed(Int32(id), "piece", "is one symbol too many") }
        }
        return symbols
    }

    /// The ids of the pieces `<0x00>` … `<0xFF>`, which must all be there.
    fileprivate func byteTokens(_ vocabulary: Vocabulary) throws -> [Int32] {
        let tokens = vocabulary.byteTokens()
        if let missing = tokens.firstIndex(where: { $0 < 0 || pieces[Int($0)].kind != .byte }) {
            throw TokenizerError.badModelFile(
                file: name, key: "trainer_spec.byte_fallback",
                reason: "is true, but no piece stands for byte \(missing)")
        }
        return tokens
    }

    fileprivate func malformed(_ id: Int32, _ field: String, _ reason: String) -> TokenizerError {
        .badModelFile(file: name, key: "pieces[\(id)].\(field)", reason: reason)
    }
}

extension SentencePieceFile.Piece {
    /// The text as a string.
    var name: String { String(decoding: text, as: UTF8.self) }
}
