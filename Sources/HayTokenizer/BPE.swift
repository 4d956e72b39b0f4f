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
    /// What the vocabulary writes before symbols that do not begin a piece, and after the one that ends it.
    let affixes: Affixes?

    struct Affixes {
        let prefix: [UInt8]
        let suffix: [UInt8]
    }

    /// Appends the tokens of one piece of well-formed UTF-8.
    func encode(_ piece: Bytes, _ merger: inout Merger, into tokens: inout TokenList) {
        if ignoresMerges {
            let id = vocabulary.id(of: piece)
            if id >= 0 { return tokens.append(id, length: piece.count) }
        }
        var unknown: Merger.Symbol?
        var index = 0
        while index < piece.count {
            let scanned = piece.scalar(at: index)
            let range = index ..< index + scanned.length
            let id = affixes == nil ? symbols[scanned.value] : self.id(of: range, in: piece)
            let length = Int32(scanned.length)
            if id >= 0 {
                if let symbol = unknown { add(symbol, &merger, into: &tokens) }
                unknown = nil
                add(Merger.Symbol(id: id, length: length), &merger, into: &tokens)
            } else if !addBytes(range, of: piece, &merger, into: &tokens), let unknownID {
                if let symbol = unknown, !fusesUnknown { add(symbol, &merger, into: &tokens) }
                let fused = fusesUnknown ? unknown?.length ?? 0 : 0
                unknown = Merger.Symbol(id: unknownID, length: fused + length)
            }
            index += scanned.length
        }
        if let symbol = unknown { add(symbol, &merger, into: &tokens) }
        merger.flush(merges, into: &tokens)
    }

    /// Adds a symbol; before it, ends the stretch that nothing joins to it.
    @inline(__always)
    private func add(_ symbol: Merger.Symbol, _ merger: inout Merger, into tokens: inout TokenList) {
        if splitsAtJoints, let last = merger.symbols.last, !joints.contains(last.id, symbol.id) {
            merger.flush(merges, into: &tokens)
        }
        merger.symbols.append(symbol)
    }

    /// Adds the byte tokens of a scalar; false where the vocabulary does not have them all.
    private func addBytes(
        _ range: Range<Int>, of piece: Bytes, _ merger: inout Merger, into tokens: inout TokenList
    ) -> Bool {
        guard !byteTokens.isEmpty else { return false }
        let bytes = affixes == nil ? Array(piece[range]) : spelling(of: range, in: piece)
        guard bytes.allSatisfy({ byteTokens[Int($0)] >= 0 }) else { return false }
        for byte in bytes { add(Merger.Symbol(id: byteTokens[Int(byte)], length: 1), &merger, into: &tokens) }
        return true
    }

    private func id(of range: Range<Int>, in piece: Bytes) -> Int32 {
        spelling(of: range, in: piece).withUnsafeBufferPointer { vocabulary.id(of: $0) }
    }

    /// How the vocabulary writes a scalar at its place in a piece.
    private func spelling(of range: Range<Int>, in piece: Bytes) -> [UInt8] {
        let prefix = range.lowerBound > 0 ? affixes?.prefix ?? [] : []
        let suffix = range.upperBound == piece.count ? affixes?.suffix ?? [] : []
        return prefix + piece[range] + suffix
    }
}
