/// A text that is written anew from an old one, and where each of its bytes comes from.
struct Rewrite {
    private(set) var bytes: [UInt8] = []
    private(set) var origins: [TrackedText.Origin] = []
    let isTracked: Bool

    /// An empty text, tracked if the old one is.
    init(of text: TrackedText) {
        isTracked = text.isTracked
        bytes.reserveCapacity(text.bytes.count + text.bytes.count / 2)
        if isTracked { origins.reserveCapacity(text.bytes.count + text.bytes.count / 2) }
    }

    /// How many bytes there are so far.
    var count: Int { bytes.count }

    /// Appends a part of the old text.
    @inline(__always)
    mutating func copy(_ range: Range<Int>, of text: TrackedText) {
        bytes.append(contentsOf: text.bytes[range])
        if isTracked { origins.append(contentsOf: text.origins[range]) }
    }

    /// Appends bytes that come from where one byte of the old text does.
    @inline(__always)
    mutating func append(_ content: some Collection<UInt8>, from place: Int, of text: TrackedText) {
        let count = bytes.count
        bytes.append(contentsOf: content)
        track(from: place, of: text, since: count)
    }

    /// Appends a byte that comes from where one byte of the old text does.
    @inline(__always)
    mutating func append(_ byte: UInt8, from place: Int, of text: TrackedText) {
        bytes.append(byte)
        if isTracked { origins.append(text.origins[place]) }
    }

    /// Appends a byte that comes from where some bytes of the old text do, or from the place where none are.
    @inline(__always)
    mutating func append(_ byte: UInt8, from range: Range<Int>, of text: TrackedText) {
        bytes.append(byte)
        guard isTracked else { return }
        let isPast = range.lowerBound >= text.origins.count
        let start = isPast ? text.origins.last?.end ?? 0 : text.origins[range.lowerBound].start
        let end = range.isEmpty ? start : text.origins[range.upperBound - 1].end
        origins.append(TrackedText.Origin(start: start, end: max(start, end)))
    }

    /// Takes the last bytes away again.
    mutating func removeLast(_ count: Int) {
        bytes.removeLast(count)
        if isTracked { origins.removeLast(count) }
    }

    /// Appends a scalar that comes from where one byte of the old text does.
    @inline(__always)
    mutating func append(scalar: UInt32, from place: Int, of text: TrackedText) {
        let count = bytes.count
        bytes.append(scalar: scalar)
        track(from: place, of: text, since: count)
    }

    @inline(__always)
    private mutating func track(from place: Int, of text: TrackedText, since count: Int) {
        guard isTracked else { return }
        origins.append(contentsOf: repeatElement(text.origins[place], count: bytes.count - count))
    }
}
