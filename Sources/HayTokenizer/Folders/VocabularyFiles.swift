import HayJSON

/// The files that say how to tokenize in a folder without tokenizer.json.
enum VocabularyFiles: Equatable {
    /// A sentencepiece model.
    case sentencePiece(String)
    /// Pieces with their ids, and merges.
    case bytePairs(vocabulary: String, merges: String)
    /// Pieces, one a line.
    case wordPieces(String)

    /// Names that sentencepiece models go by.
    private static let models = [
        "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "sentencepiece.model", "spm.model",
    ]

    /// Finds the files of a folder; nil where there are none.
    init?(folder path: String) {
        if let model = VocabularyFiles.models.first(where: { Files.exists("\(path)/\($0)") }) {
            self = .sentencePiece("\(path)/\(model)")
        } else if Files.exists("\(path)/vocab.json"), Files.exists("\(path)/merges.txt") {
            self = .bytePairs(vocabulary: "\(path)/vocab.json", merges: "\(path)/merges.txt")
        } else if Files.exists("\(path)/vocab.txt") {
            self = .wordPieces("\(path)/vocab.txt")
        } else {
            return nil
        }
    }

    /// The lines of a text file as a JSON array; a line end may be a carriage return and a line feed.
    static func lines(of path: String) throws -> [JSON] {
        _ = try Files.vocabulary(path)
        let text = try Files.text(path)
        var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            JSON.string(String(Substring(line.last == 0x0D ? line.dropLast() : line)))
        }
        if lines.last == .string("") { lines.removeLast() }
        return lines
    }
}
