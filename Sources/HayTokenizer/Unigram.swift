/// A unigram language model: of all ways to cut a piece into vocabulary entries, the one with the highest sum of scores.
///
/// Source: arXiv:1804.10959; unknown characters and ties as the `tokenizers` library treats them.
struct Unigram: Sendable {
    let vocabulary: Vocabulary
    /// Entry texts by prefix, with their ids.
    let trie: PrefixTrie
    /// Log probabilities by id.
    let scores: [Double]
    /// What a character outside the vocabulary scores: ten below the lowest entry.
    let unknownScore: Double
    let unknownID: Int32?
    /// The ids of `<0x00>` … `<0xFF>`, -1 where the vocabulary has none; empty without byte fallback.
    let byteTokens: [Int32]

    /// The best cut of the text up to one place.
    struct Node {
        var score: Double
        /// Where the last entry begins, -1 while no cut ends here.
        var start: Int32
        var id: Int32
    }

    /// Appends the tokens of one piece of well-formed UTF-8. Unknown characters give nothing when the model has neither
    /// an unknown entry nor byte entries.
    func encode(_ piece: Bytes, _ nodes: inout [Node], into tokens: inout TokenList) {
        guard !piece.isEmpty else { return }
        findBest(piece, &nodes)
        let first = tokens.ids.count
        var end = piece.count
        while end > 0 {
            var start = Int(nodes[end].start)
            let id = nodes[end].id
            guard id == unknown else {
                tokens.append(id, span: start ..< end)
                end = start
                continue
            }
            // Unknown characters side by side are one unknown.
            while start > 0, nodes[start].id == unknown { start = Int(nodes[start].start) }
            appendUnknown(start ..< end, of: piece, into: &tokens)
            end = start
        }
        tokens.reverse(from: first)
    }

    private var unknown: Int32 { unknownID ?? -1 }

    /// Fills `nodes` with the best cut up to each place.
    private func findBest(_ piece: Bytes, _ nodes: inout [Node]) {
        nodes.removeAll(keepingCapacity: true)
        nodes.append(contentsOf: repeatElement(Node(score: 0, start: -1, id: -1), count: piece.count + 1))
        nodes.withUnsafeMutableBufferPointer { nodes in
            var start = 0
            while start < piece.count {
                let score = nodes[start].score
                let next = start + Swift.min(Bytes.sequenceLength(piece[start]), piece.count - start)
                var coversCharacter = false
                trie.matches(in: piece, from: start) { end, id in
                    offer(score + scores[Int(id)], id, from: start, at: &nodes[end])
                    if end == next { coversCharacter = true }
                }
                if !coversCharacter { offer(score + unknownScore, unknown, from: start, at: &nodes[next]) }
                start = next
            }
        }
    }

    @inline(__always)
    private func offer(_ score: Double, _ id: Int32, from start: Int, at node: inout Node) {
        if node.start < 0 || score > node.score { node = Node(score: score, start: Int32(start), id: id) }
    }

    /// Appends, last first, what stands for a run of unknown characters.
    private func appendUnknown(_ run: Range<Int>, of piece: Bytes, into tokens: inout TokenList) {
        let bytes = piece.slice(run)
        let id = vocabulary.id(of: bytes)
        if id >= 0 {
            tokens.append(id, span: run)
        } else if !byteTokens.isEmpty, bytes.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
            for byte in bytes.reversed() { tokens.append(byteTokens[Int(byte)], span: run) }
        } else if let unknownID {
            tokens.append(unknownID, span: run)
        }
    }
}
