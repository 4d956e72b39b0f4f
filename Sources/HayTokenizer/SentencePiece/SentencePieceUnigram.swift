/// Sentencepiece's unigram language model: of all ways to cut a text into pieces, the one with the highest sum of
/// scores, summed in single precision, as sums that differ by rounding alone are common.
///
/// Source: arXiv:1804.10959.
struct SentencePieceUnigram: Sendable {
    private let lattice: CutLattice<Float>

    typealias Node = CutLattice<Float>.Node

    init(_ file: SentencePieceFile) throws {
        let normal = file.pieces.lazy.filter { $0.kind == .normal }.map(\.score)
        var trie = PrefixTrie(byteCount: file.pieces.count * 8)
        // User-defined pieces score a tenth for each byte but the first, whatever the file says.
        let scores: [Float] = try file.pieces.enumerated().map { id, piece in
            guard piece.kind == .normal || piece.kind == .userDefined else { return 0 }
            guard piece.text.withUnsafeBufferPointer({ trie.insert($0, value: Int32(id)) }) else {
                throw TokenizerError.badModelFile(
                    file: file.name, key: "pieces", reason: "have more different beginnings than can be read")
            }
            return piece.kind == .normal ? piece.score : Float(0.1 * Double(piece.text.count - 1))
        }
        let unknownScore = (normal.min() ?? .greatestFiniteMagnitude) - 10
        lattice = CutLattice(trie: trie, scores: scores, unknownScore: unknownScore)
    }

    /// Appends the pieces of the best cut.
    func cut(_ text: Bytes, _ nodes: inout [Node], into cuts: inout [SentencePieceModel.Cut]) {
        lattice.findBest(text, unknown: -1, &nodes)
        let first = cuts.count
        var end = text.count
        while end > 0 {
            let start = Int(nodes[end].start)
            cuts.append(SentencePieceModel.Cut(id: nodes[end].id, start ..< end))
            end = start
        }
        cuts[first...].reverse()
    }
}
