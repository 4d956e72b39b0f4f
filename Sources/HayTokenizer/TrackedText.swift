/// A text on its way to the model, and where each of its bytes comes from.
struct TrackedText: Sendable {
    /// The text, well-formed UTF-8.
    private(set) var bytes: [UInt8]
    /// For each byte, the bytes of the original that it stands for; empty unless the text is tracked.
    private(set) var origins: [Origin]
    /// Whether anybody wants to know where bytes come from.
    let isTracked: Bool
    /// Whether the first byte comes from the first byte of what was given to `encode`.
    var beginsInput: Bool

    /// Bytes of the original text.
    struct Origin: Equatable {
        let start: UInt32
        let end: UInt32
    }

    /// A text that nobody asks the origins of.
    init(_ bytes: [UInt8], beginsInput: Bool) {
        self.bytes = bytes
        self.beginsInput = beginsInput
        origins = []
        isTracked = false
    }

    /// A part of the original, each byte of which comes from its whole character.
    init(_ original: Bytes, _ range: Range<Int>, isTracked: Bool) {
        bytes = Array(original[range])
        beginsInput = range.lowerBound == 0
        self.isTracked = isTracked
        origins = []
        guard isTracked else { return }
        origins.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let length = original.scalar(at: index).length
            let origin = Origin(start: UInt32(index), end: UInt32(index + length))
            origins.append(contentsOf: repeatElement(origin, count: length))
            index += length
        }
    }

    /// A text with the bytes and origins of a rewrite.
    init(_ rewrite: Rewrite, beginsInput: Bool) {
        bytes = rewrite.bytes
        origins = rewrite.origins
        isTracked = rewrite.isTracked
        self.beginsInput = beginsInput
    }

    /// The part of the original that a part of this text stands for. What lies beyond the text stands for its end: byte
    /// tokens of a BPE suffix do.
    func origin(of range: Range<Int>) -> Range<Int> {
        let range = range.clamped(to: 0 ..< origins.count)
        guard !range.isEmpty else { return origins.last.map { Int($0.end) ..< Int($0.end) } ?? 0 ..< 0 }
        let start = Int(origins[range.lowerBound].start)
        return start ..< max(start, Int(origins[range.upperBound - 1].end))
    }

    /// A part of this text.
    func part(_ range: Range<Int>) -> TrackedText {
        guard range.count < bytes.count else { return self }
        var rewrite = Rewrite(of: self)
        rewrite.copy(range, of: self)
        return TrackedText(rewrite, beginsInput: beginsInput && range.lowerBound == 0)
    }

    /// Replaces the text by what `write` makes of it.
    mutating func rewrite(_ write: (TrackedText, inout Rewrite) -> Void) {
        var rewrite = Rewrite(of: self)
        write(self, &rewrite)
        self = TrackedText(rewrite, beginsInput: beginsInput)
    }

    /// Replaces the text by scalars of which each says how it came about: 0 for one that stands for the next scalar of
    /// the old text, 1 for one that was put in, and -n for one that stands for the next and n more after it.
    ///
    /// The ones put in share the origin of what is before them, as in the `tokenizers` library.
    mutating func replace(by scalars: [UInt32], changes: [Int32]) {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for scalar in scalars { result.append(scalar: scalar) }
        replace(by: result, changes: changes)
    }

    /// The same for scalars that are UTF-8 already.
    mutating func replace(by result: [UInt8], changes: [Int32]) {
        defer { bytes = result }
        guard isTracked else { return }
        var resultOrigins: [Origin] = []
        resultOrigins.reserveCapacity(result.count)
        var place = 0
        result.withUnsafeBufferPointer { result in
            for change in changes where resultOrigins.count < result.count {
                let source = change > 0 ? place - 1 : place
                let origin = origins.indices.contains(source) ? origins[source] : Origin(start: 0, end: 0)
                if change <= 0 { place = end(ofScalars: 1 - Int(change), from: place) }
                let length = result.scalar(at: resultOrigins.count).length
                resultOrigins.append(contentsOf: repeatElement(origin, count: length))
            }
        }
        origins = resultOrigins
    }

    /// Where so many scalars end.
    private func end(ofScalars count: Int, from start: Int) -> Int {
        bytes.withUnsafeBufferPointer { bytes in
            var index = start
            for _ in 0 ..< count where index < bytes.count { index += bytes.scalar(at: index).length }
            return index
        }
    }
}
