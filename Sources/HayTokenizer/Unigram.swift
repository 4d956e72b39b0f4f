/// A unigram language model: of all ways to cut a piece into vocabulary entries, the one with the highest sum of scores.
///
/// Source: arXiv:1804.10959; unknown characters and ties as the `tokenizers` library treats them.
struct Unigram: Sendable {
    let vocabulary: Vocabulary
    let lattice: CutLattice<Double>
    let unknownID: Int32?
    /// The ids of `<0x00>` … `<0xFF>`, -1 where the vocabulary has none; empty without byte fallback.
    let byteTokens: [Int32]

    typealias Node = CutLattice<Double>.Node

    /// Appends the tokens of one piece of well-formed UTF-8. Unknown characters give nothing when the model has neither
    /// an unknown entry nor byte entries.
    func encode(_ piece: Bytes, _ nodes: inout [Node], into tokens: inout TokenList) {
        guard !piece.isEmpty else { return }
        lattice.findBest(piece, unknown: unknown, &nodes)
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
