/// Sentencepiece's byte-pair encoding: a text starts as its characters, and the neighbours that make the piece with the
/// highest score are joined, the leftmost first, until no neighbours make a piece.
///
/// Unlike with a list of merges, any two neighbours may join whose texts together are a piece.
struct SentencePieceBPE: Sendable {
    /// For each id its place in the order of scores, the best first; `none` for pieces that texts are not matched with.
    private let ranks: [UInt32]
    /// Ids of pieces that are taken apart again.
    private let isUnused: [Bool]
    /// Pairs of characters that stand side by side in a piece. Between any others a text falls apart for good.
    private let joints: PairTable
    /// Whether stretches between joints may be merged alone: how an unused piece is taken apart depends on the whole text.
    private let splitsAtJoints: Bool
    /// Texts that are always taken whole.
    private let symbols: PrefixTrie

    static let none = UInt32.max

    init(_ file: SentencePieceFile, symbols: PrefixTrie) {
        self.symbols = symbols
        ranks = SentencePieceBPE.ranks(of: file.pieces)
        let isUnused = file.pieces.map { $0.kind == .unused }
        splitsAtJoints = !isUnused.contains(true)
        self.isUnused = splitsAtJoints ? [] : isUnused
        var joints = PairTable(capacity: file.pieces.count)
        for piece in file.pieces where piece.kind.isMatched {
            piece.text.withUnsafeBufferPointer { text in
                var last = text.scalar(at: 0)
                var index = last.length
                while index < text.count {
                    let next = text.scalar(at: index)
                    joints.insert(Int32(last.value), Int32(next.value), PairTable.Merge(rank: 0, id: 0))
                    last = next
                    index += next.length
                }
            }
        }
        self.joints = joints
    }

    private static func ranks(of pieces: [SentencePieceFile.Piece]) -> [UInt32] {
        var ranks = [UInt32](repeating: none, count: pieces.count)
        var rank: UInt32 = 0
        var last: Float?
        for id in pieces.indices.filter({ pieces[$0].kind.isMatched }).sorted(by: {
            pieces[$0].score > pieces[$1].score
        }) {
            if let last, pieces[id].score < last { rank += 1 }
            last = pieces[id].score
            ranks[id] = rank
        }
        return ranks
    }

    /// Appends the pieces of a text.
    func cut(
        _ text: Bytes, _ vocabulary: Vocabulary, _ merger: inout SentencePieceMerger,
        into cuts: inout [SentencePieceModel.Cut]
    ) {
        var index = 0
        var last: UInt32?
        while index < text.count {
            let scanned = text.scalar(at: index)
            let symbol = symbols.isEmpty ? nil : symbols.longest(in: text, at: index)
            if splitsAtJoints, !joins(last, symbol == nil ? scanned.value : nil) {
                merger.flush(self, text, vocabulary, into: &cuts)
            }
            let length = symbol ?? scanned.length
            merger.append(index ..< index + length, isWhole: symbol != nil)
            last = symbol == nil ? scanned.value : nil
            index += length
        }
        merger.flush(self, text, vocabulary, into: &cuts)
    }

    /// Whether some piece has two characters side by side; nil stands for one that nothing joins.
    @inline(__always)
    private func joins(_ left: UInt32?, _ right: UInt32?) -> Bool {
        guard let left, let right else { return false }
        return joints.contains(Int32(left), Int32(right))
    }

    /// The id of a piece that texts are matched with, -1 where there is none.
    @inline(__always)
    func id(of text: Bytes, _ vocabulary: Vocabulary) -> Int32 {
        let id = vocabulary.id(of: text)
        return id >= 0 && ranks[Int(id)] != SentencePieceBPE.none ? id : -1
    }

    @inline(__always)
    func rank(of id: Int32) -> UInt32 { id < 0 ? SentencePieceBPE.none : ranks[Int(id)] }

    /// Whether a piece is taken apart again.
    @inline(__always)
    func isUnused(_ id: Int32) -> Bool { !splitsAtJoints && id >= 0 && isUnused[Int(id)] }
}
