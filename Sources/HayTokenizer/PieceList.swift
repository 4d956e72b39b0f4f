/// A text cut into the pieces that the model encodes one by one.
struct PieceList {
    /// The text that the pieces are parts of.
    private(set) var text: TrackedText
    /// The pieces, in order, none empty; what lies between them is left out.
    private(set) var pieces: [Range<Int>]

    /// The text's UTF-8.
    var bytes: [UInt8] { text.bytes }

    /// A text as one piece.
    init(_ text: TrackedText) {
        self.text = text
        pieces = text.bytes.isEmpty ? [] : [0 ..< text.bytes.count]
    }

    /// Whether a piece begins where the input does: what stands for its first character, when that is known.
    func beginsInput(_ piece: Range<Int>) -> Bool {
        if text.isTracked { return text.origins[piece.lowerBound].start == 0 }
        return text.beginsInput && piece.lowerBound == 0
    }

    /// Replaces each piece by what `write` makes of it: it appends to the new text, and may cut what it appended there.
    mutating func rewrite(_ write: (_ piece: Range<Int>, _ text: TrackedText, inout Writer) -> Void) {
        var writer = Writer(rewrite: Rewrite(of: text))
        writer.pieces.reserveCapacity(pieces.count)
        for piece in pieces {
            write(piece, text, &writer)
            writer.cut()
        }
        let beginsInput = text.beginsInput && pieces.first?.lowerBound == 0
        text = TrackedText(writer.rewrite, beginsInput: beginsInput)
        pieces = writer.pieces
    }

    /// The text and the pieces that are being written.
    struct Writer {
        var rewrite: Rewrite
        fileprivate var pieces: [Range<Int>] = []
        private var start = 0

        fileprivate init(rewrite: Rewrite) { self.rewrite = rewrite }

        /// Ends a piece here, if there is anything in it.
        mutating func cut() {
            guard rewrite.count > start else { return }
            pieces.append(start ..< rewrite.count)
            start = rewrite.count
        }
    }

    /// What becomes of the places where a text is split.
    enum Delimiter: String {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    /// Cuts every piece at the matches that `find` gives: the next one at or after an index, which may be the end.
    ///
    /// An empty match cuts in two what is around it.
    mutating func split(
        _ delimiter: Delimiter, inverted: Bool = false, _ find: (_ piece: Bytes, _ start: Int) -> Range<Int>?
    ) {
        var result: [Range<Int>] = []
        result.reserveCapacity(pieces.count * 2)
        bytes.withUnsafeBufferPointer { bytes in
            for piece in pieces {
                let text = bytes.slice(piece)
                switch delimiter {
                case .isolated: PieceList.cut(text, at: piece.lowerBound, true, true, find, &result)
                case .removed: PieceList.cut(text, at: piece.lowerBound, inverted, !inverted, find, &result)
                default:
                    let segments = PieceList.segments(of: text, inverted: inverted, find)
                    delimiter.apply(to: segments, at: piece.lowerBound, into: &result)
                }
            }
        }
        pieces = result
    }

    /// Appends what is to be kept of the matches in a text and of what lies between them.
    @inline(__always)
    private static func cut(
        _ text: Bytes, at offset: Int, _ keepsMatches: Bool, _ keepsGaps: Bool, _ find: (Bytes, Int) -> Range<Int>?,
        _ result: inout [Range<Int>]
    ) {
        var matches = PatternMatches()
        var end = 0
        while let match = matches.next(in: text, find) {
            if keepsGaps, end < match.lowerBound { result.append(offset + end ..< offset + match.lowerBound) }
            end = match.upperBound
            if keepsMatches, !match.isEmpty { result.append(offset + match.lowerBound ..< offset + end) }
        }
        if keepsGaps, end < text.count { result.append(offset + end ..< offset + text.count) }
    }

    /// A text as matches and what lies between them.
    private static func segments(of text: Bytes, inverted: Bool, _ find: (Bytes, Int) -> Range<Int>?) -> [Segment] {
        var segments: [Segment] = []
        var matches = PatternMatches()
        var end = 0
        while let match = matches.next(in: text, find) {
            if end < match.lowerBound { segments.append(Segment(end ..< match.lowerBound, inverted)) }
            segments.append(Segment(match, !inverted))
            end = match.upperBound
        }
        if end < text.count { segments.append(Segment(end ..< text.count, inverted)) }
        return segments
    }

    /// Cuts every piece at the matches of a pattern.
    mutating func split(_ delimiter: Delimiter, inverted: Bool = false, at pattern: Pattern) {
        switch pattern {
        case .literal(let literal):
            literal.withUnsafeBufferPointer { literal in
                split(delimiter, inverted: inverted) { text, start in
                    text.find(literal, from: start).map { $0 ..< $0 + literal.count }
                }
            }
        case .expression(let program):
            program.withMatcher { matcher in
                split(delimiter, inverted: inverted) { matcher.find(in: $0, from: $1) }
            }
        }
    }

    /// Cuts every piece at the scalars that satisfy a condition.
    mutating func split(_ delimiter: Delimiter, at isDelimiter: (UInt32) -> Bool) {
        split(delimiter) { text, start in
            var index = start
            while index < text.count {
                let scanned = text.scalar(at: index)
                if isDelimiter(scanned.value) { return index ..< index + scanned.length }
                index += scanned.length
            }
            return nil
        }
    }

    /// A stretch of a piece that is a match, or one between matches.
    fileprivate struct Segment {
        let range: Range<Int>
        let isMatch: Bool

        init(_ range: Range<Int>, _ isMatch: Bool) {
            self.range = range
            self.isMatch = isMatch
        }
    }
}

extension PieceList.Delimiter {
    /// Appends the pieces that segments become, moved by `offset`.
    fileprivate func apply(to segments: [PieceList.Segment], at offset: Int, into pieces: inout [Range<Int>]) {
        let first = pieces.count
        var wasMatch = false
        func add(_ segment: PieceList.Segment, merged: Bool) {
            let range = segment.range.lowerBound + offset ..< segment.range.upperBound + offset
            wasMatch = segment.isMatch
            if merged, pieces.count > first {
                let last = pieces[pieces.count - 1]
                let lower = min(last.lowerBound, range.lowerBound)
                pieces[pieces.count - 1] = lower ..< max(last.upperBound, range.upperBound)
            } else {
                pieces.append(range)
            }
        }
        switch self {
        case .removed, .isolated: break  // These need no segments.
        case .contiguous: for segment in segments { add(segment, merged: segment.isMatch == wasMatch) }
        case .mergedWithPrevious: for segment in segments { add(segment, merged: segment.isMatch && !wasMatch) }
        case .mergedWithNext:
            for segment in segments.reversed() { add(segment, merged: segment.isMatch && !wasMatch) }
            pieces[first...].reverse()
        }
        if segments.contains(where: \.range.isEmpty) { pieces.removeAll(where: \.isEmpty) }
    }
}
