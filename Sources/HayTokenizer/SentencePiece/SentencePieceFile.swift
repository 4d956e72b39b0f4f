/// What a sentencepiece model file says.
///
/// Source: sentencepiece_model.proto of the sentencepiece library, and its defaults for what a file does not say.
struct SentencePieceFile {
    /// An entry of the vocabulary; its id is its place.
    struct Piece {
        var text: ArraySlice<UInt8> = []
        var score: Float = 0
        var kind = Kind.normal
    }

    /// What a piece is for.
    enum Kind: UInt8 {
        case normal = 1
        /// Stands for what no piece covers.
        case unknown
        /// Has an id but no text: written in a text it is ordinary text.
        case control
        /// Always taken whole.
        case userDefined
        /// Takes part in merges but is never a result.
        case unused
        /// `<0x0A>`: stands for a byte of what no piece covers.
        case byte

        /// Whether texts are matched against the piece.
        var isMatched: Bool { self == .normal || self == .userDefined || self == .unused }
    }

    /// How texts are cut.
    enum Algorithm: Int {
        case unigram = 1
        case bpe, word, char
    }

    /// How a text is rewritten, before it is cut or after it was put together.
    struct Rules {
        var table: ReplacementTable?
        var addsDummyPrefix = true
        var removesExtraSpaces = true
        var escapesSpaces = true
    }

    let name: String
    private(set) var pieces: [Piece] = []
    private(set) var algorithm = Algorithm.unigram
    private(set) var hasByteFallback = false
    private(set) var putsSpacesLast = false
    /// What an unknown piece decodes to.
    private(set) var unknownText: [UInt8] = Array(" \u{2047} ".utf8)
    /// How texts are rewritten before they are cut.
    private(set) var normalization = Rules()
    /// How decoded texts are rewritten; nil where they are not.
    private(set) var denormalization: Rules?

    /// Reads a file. Throws `TokenizerError`.
    init(_ path: String) throws { try self.init(Files.vocabulary(path), name: path) }

    /// Reads the bytes of a file; `name` is its name for error messages. Throws `TokenizerError`.
    init(_ bytes: [UInt8], name: String) throws {
        self.name = name
        var reader = ProtobufReader(bytes, file: name)
        while let field = try reader.next() {
            switch field {
            case 1: pieces.append(try SentencePieceFile.piece(reader.message("pieces", at: pieces.count)))
            case 2: try readTrainer(reader.message("trainer_spec"))
            case 3: try SentencePieceFile.read(reader.message("normalizer_spec"), into: &normalization)
            case 5:
                var rules = denormalization ?? Rules()
                try SentencePieceFile.read(reader.message("denormalizer_spec"), into: &rules)
                denormalization = rules
            default: try reader.skip()
            }
        }
        if denormalization?.table == nil { denormalization = nil }
        guard !pieces.isEmpty else { throw reader.malformed("", "has no pieces, so it is not a sentencepiece model") }
    }

    private static func piece(_ message: ProtobufReader) throws -> Piece {
        var reader = message
        var piece = Piece()
        while let field = try reader.next() {
            switch field {
            case 1: piece.text = try reader.text("piece")
            case 2: piece.score = try reader.float("score")
            case 3:
                let number = try reader.integer("type")
                guard let kind = UInt8(exactly: number).flatMap(Kind.init) else {
                    throw reader.malformed("type", "is \(number), expected 1 to 6")
                }
                piece.kind = kind
            default: try reader.skip()
            }
        }
        guard !piece.text.isEmpty else { throw reader.malformed("piece", "is empty") }
        guard piece.text.count <= PrefixTrie.longestText else {
            throw TokenizerError.tokenTooLong(
                file: reader.file, key: reader.path("piece"), size: piece.text.count, limit: PrefixTrie.longestText)
        }
        guard piece.score.isFinite else {
            throw TokenizerError.badScore(
                file: reader.file, key: reader.path("score"), token: String(decoding: piece.text, as: UTF8.self))
        }
        return piece
    }

    private mutating func readTrainer(_ message: ProtobufReader) throws {
        var reader = message
        while let field = try reader.next() {
            switch field {
            case 3:
                let number = try reader.integer("model_type")
                guard let algorithm = Algorithm(rawValue: number) else {
                    throw reader.malformed("model_type", "is \(number), expected 1 to 4")
                }
                self.algorithm = algorithm
            case 24: putsSpacesLast = try reader.bool("treat_whitespace_as_suffix")
            case 35: hasByteFallback = try reader.bool("byte_fallback")
            case 44: unknownText = Array(try reader.text("unk_surface"))
            default: try reader.skip()
            }
        }
    }

    private static func read(_ message: ProtobufReader, into rules: inout Rules) throws {
        var reader = message
        while let field = try reader.next() {
            switch field {
            case 2:
                let key = "precompiled_charsmap"
                let data = Array(try reader.data(key))
                rules.table = data.isEmpty ? nil : try ReplacementTable(data, file: reader.file, key: reader.path(key))
            case 3: rules.addsDummyPrefix = try reader.bool("add_dummy_prefix")
            case 4: rules.removesExtraSpaces = try reader.bool("remove_extra_whitespaces")
            case 5: rules.escapesSpaces = try reader.bool("escape_whitespaces")
            default: try reader.skip()
            }
        }
    }
}
