/// Sentencepiece's models without subwords: a text is cut before each mark into words, or into its characters, and what
/// is no piece is unknown.
struct SentencePieceUnits: Sendable {
    private let areWords: Bool
    /// Texts that are taken whole among characters.
    private let symbols: PrefixTrie
    /// For each id whether texts are matched with it.
    private let isMatched: [Bool]

    init(_ file: SentencePieceFile, symbols: PrefixTrie) {
        areWords = file.algorithm == .word
        self.symbols = symbols
        isMatched = file.pieces.map(\.kind.isMatched)
    }

    /// Appends the pieces of a text.
    func cut(_ text: Bytes, _ vocabulary: Vocabulary, into cuts: inout [SentencePieceModel.Cut]) {
        var index = 0
        while index < text.count {
            let end = areWords ? wordEnd(in: text, from: index) : characterEnd(in: text, from: index)
            let id: Int32 = vocabulary.id(of: text.slice(index ..< end))
            let isKnown = id >= 0 && isMatched[Int(id)]
            cuts.append(SentencePieceModel.Cut(id: isKnown ? id : -1, index ..< end))
            index = end
        }
    }

    private func wordEnd(in text: Bytes, from start: Int) -> Int {
        SentencePieceNormalizer.mark.withUnsafeBufferPointer { text.find($0, from: start + 1) } ?? text.count
    }

    private func characterEnd(in text: Bytes, from start: Int) -> Int {
        start + (symbols.longest(in: text, at: start) ?? text.scalar(at: start).length)
    }
}
