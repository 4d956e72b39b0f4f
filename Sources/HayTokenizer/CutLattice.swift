/// All ways to cut a text into entries of a vocabulary, of which the one with the highest sum of scores is found.
///
/// The precision of the scores is part of a model: sums that differ by rounding alone are common, and decide.
///
/// Source: arXiv:1804.10959.
struct CutLattice<Score: BinaryFloatingPoint & Sendable>: Sendable {
    /// Entry texts by prefix, with their ids.
    let trie: PrefixTrie
    /// Log probabilities by id.
    let scores: [Score]
    /// What a character outside the vocabulary scores.
    let unknownScore: Score

    /// The best cut of the text up to one place.
    struct Node {
        fileprivate var score: Score
        /// Where the last entry begins, -1 while no cut ends here.
        fileprivate(set) var start: Int32
        fileprivate(set) var id: Int32
    }

    /// Fills `nodes` with the best cut up to each place; characters outside the vocabulary have the id `unknown`.
    @inline(__always)
    func findBest(_ text: Bytes, unknown: Int32, _ nodes: inout [Node]) {
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
                if !coversCharacter { offer(score + unknownScore, unknown, from: start, at: &nodes[next]) }
                start = next
            }
        }
    }

    @inline(__always)
    private func offer(_ score: Score, _ id: Int32, from start: Int, at node: inout Node) {
        if node.start < 0 || score > node.score { node = Node(score: score, start: Int32(start), id: id) }
    }
}
