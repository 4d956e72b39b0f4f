/// Ids as a model gives them and, when wanted, which bytes of the text each stands for.
struct TokenList {
    private(set) var ids: [Int32] = []
    /// For each id, the bytes it stands for; empty unless they are wanted.
    private(set) var spans: [Range<Int>] = []
    let wantsSpans: Bool
    /// Where the next token begins in the text that is being encoded.
    private var place = 0

    init(wantsSpans: Bool) { self.wantsSpans = wantsSpans }

    /// Says that the next token begins at an index of the text.
    mutating func move(to index: Int) { place = index }

    /// Appends an id that stands for the next bytes.
    @inline(__always)
    mutating func append(_ id: Int32, length: Int) {
        ids.append(id)
        if wantsSpans { spans.append(place ..< place + length) }
        place += length
    }

    /// Appends an id that stands for some bytes, counted from where the piece begins.
    @inline(__always)
    mutating func append(_ id: Int32, span: Range<Int>) {
        ids.append(id)
        if wantsSpans { spans.append(place + span.lowerBound ..< place + span.upperBound) }
    }

    /// Appends an id that stands for some bytes of the whole text.
    mutating func append(_ id: Int32, standingFor span: Range<Int>) {
        place = 0
        append(id, span: span)
    }

    /// Appends ids that stand for nothing.
    mutating func append(special ids: [Int32]) {
        for id in ids { append(id, standingFor: 0 ..< 0) }
    }

    /// Turns the tokens from an index on around.
    mutating func reverse(from first: Int) {
        ids[first...].reverse()
        if wantsSpans { spans[first...].reverse() }
    }

    /// Replaces the spans from an index on.
    mutating func mapSpans(from first: Int, _ transform: (Range<Int>) -> Range<Int>) {
        guard wantsSpans else { return }
        for index in first ..< spans.count { spans[index] = transform(spans[index]) }
    }
}
