/// Byte-pair encoding: a piece of text starts as its scalars, and the pair whose merge was learnt first is merged until
/// no neighbours merge.
///
/// Source: arXiv:1508.07909; byte fallback and unknown pieces as the `tokenizers` library does them.
struct BPE: Sendable {
    let vocabulary: Vocabulary
    let merges: PairTable
    /// Pairs of first symbols that some merge joins. Between any others a text falls apart for good, so each stretch
    /// between them is merged alone: the result is the same and the stretches are words instead of pages.
    let joints: PairTable
    /// Whether `joints` is complete: symbols that stand for a single byte or for the unknown take part in no merge.
    let splitsAtJoints: Bool
    /// The ids of pieces that are one scalar.
    let symbols: ScalarTable
    /// The ids of `<0x00>` … `<0xFF>`, -1 where the vocabulary has none; empty without byte fallback.
    let byteTokens: [Int32]
    let unknownID: Int32?
    let fusesUnknown: Bool
    /// Whether a piece that is in the vocabulary is taken whole, before any merge.
    let ignoresMerges: Bool

    /// Appends the ids of one piece of well-formed UTF-8.
    func encode(_ piece: Bytes, _ merger: inout Merger, into ids: inout [Int32]) {
        if ignoresMerges {
            let id = vocabulary.id(of: piece)
            if id >= 0 { return ids.append(id) }
        }
        var unknown: Int32?
        var index = 0
        while index < piece.count {
            let scanned = piece.scalar(at: index)
            let id = symbols[scanned.value]
            if id >= 0 {
                if let symbol = unknown { add(symbol, &merger, into: &ids) }
                unknown = nil
                add(id, &merger, into: &ids)
            } else if !addBytes(piece.slice(index ..< index + scanned.length), &merger, into: &ids), let unknownID {
                if let symbol = unknown, !fusesUnknown { add(symbol, &merger, into: &ids) }
                unknown = unknownID
            }
            index += scanned.length
        }
        if let symbol = unknown { add(symbol, &merger, into: &ids) }
        merger.flush(merges, into: &ids)
    }

    /// Adds a symbol; before it, ends the stretch that nothing joins to it.
    @inline(__always)
    private func add(_ symbol: Int32, _ merger: inout Merger, into ids: inout [Int32]) {
        if splitsAtJoints, let last = merger.symbols.last, !joints.contains(last, symbol) {
            merger.flush(merges, into: &ids)
        }
        merger.symbols.append(symbol)
    }

    /// Adds the byte tokens of a scalar; false where the vocabulary does not have them all.
    private func addBytes(_ bytes: Bytes, _ merger: inout Merger, into ids: inout [Int32]) -> Bool {
        guard !byteTokens.isEmpty, bytes.allSatisfy({ byteTokens[Int($0)] >= 0 }) else { return false }
        for byte in bytes { add(byteTokens[Int(byte)], &merger, into: &ids) }
        return true
    }
}
