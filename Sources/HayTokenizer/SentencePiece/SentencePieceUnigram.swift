/// Sentencepiece's unigram language model: of all ways to cut a text into pieces, the one with the highest sum of
/// scores, summed in single precision, as sums that differ by rounding alone are common.
///
/// Source: arXiv:1804.10959.
struct SentencePieceUnigram: Sendable {
    /// Piece texts by prefix, with their ids.
    private let trie: PrefixTrie
    /// Log probabilities by id; for user-defined pieces a tenth for each byte but the first, whatever the file says.
    private let scores: [Float]
    /// What a character outside the vocabulary scores: ten below the lowest piece.
    private let unknownScore: Float

    /// The best cut of the text up to one place.
    struct Node {
        var score: Float
        /// Where the last piece begins, -1 while no cut ends here.
        var start: Int32
        var id: Int32
    }

    init(_ file: SentencePieceFile) throws {
        let normal = file.pieces.lazy.filter { $0.kind == .normal }.map(\.score)
        unknownScore = (normal.min() ?? .greatestFiniteMagnitude) - 10
        var trie = PrefixTrie(byteCount: file.pieces.count * 8)
        scores = try file.pieces.enumerated().map { id, piece in
            guard piece.kind == .normal || piece.kind == .userDefined else { return 0 }
            guard piece.text.withUnsafeBufferPointer({ trie.insert($0, value: Int32(id)) }) else {
                throw TokenizerError.badModelFile(
                    file: file.name, key: "pieces", reason: "have more different beginnings than can be read")
            }
            return piece.kind == .normal ? piece.score : Float(0.1 * Double(piece.text.count - 1))
        }
        self.trie = trie
    }

    /// Appends the pieces of the best cut.
    func cut(_ text: Bytes, _ nodes: inout [Node], into cuts: inout [SentencePieceModel.Cut]) {
        findBest(text, &nodes)
        let first = cuts.count
        var end = text.count
        while end > 0 {
            let start = Int(nodes[end].start)
            cuts.append(SentencePieceModel.Cut(id: nodes[end].id, start ..< end))
            end = start
        }
        cuts[first...].reverse()
    }

    /// Fills `nodes` with the best cut up to each place.
    private func findBest(_ text: Bytes, _ nodes: inout [Node]) {
        nodes.removeAll(keepingCapacity: true)
        nodes.append(contentsOf: repeatElement(Node(score: 0, start: -1, id: -1), count: text.count + 1))
        nodes.withUnsafeMutableBufferPointer { nodes in
            var start = 0
            while start < text.count {
                let score = nodes[start].score
                let next = start + Swift.min(Bytes.sequenceLength(text[start]), text.count - start)
                var coversCharacter = false
                trie.matches(in: text, from: start) { end, id in
                    offer(score + scores[Int(id)], id, from: start, at: &nodes[end])
                    if end == next { coversCharacter = true }
                }
                if !coversCharacter { offer(score + unknownScore, -1, from: start, at: &nodes[next]) }
                start = next
            }
        }
    }

    @inline(__always)
    private func offer(_ score: Float, _ id: Int32, from start: Int, at node: inout Node) {
        if node.start < 0 || score > node.score { node = Node(score: score, start: Int32(start), id: id) }
    }
}
