/// A borrowed run of UTF-8.
typealias Bytes = UnsafeBufferPointer<UInt8>

/// One scalar read from UTF-8, and how many bytes it takes.
struct ScannedScalar {
    let value: UInt32
    let length: Int

    var scalar: Unicode.Scalar { Unicode.Scalar(value) ?? "\u{FFFD}" }
}

extension Bytes {
    /// The scalar that begins at an index of well-formed UTF-8. Never reads past the end: a cut sequence is taken for
    /// what is there.
    @inline(__always)
    func scalar(at index: Int) -> ScannedScalar {
        let first = UInt32(self[index])
        if first < 0x80 { return ScannedScalar(value: first, length: 1) }
        let length = Swift.min(Bytes.sequenceLength(self[index]), count - index)
        var value = first & (0x7F >> UInt32(length))
        for offset in 1 ..< Swift.max(length, 1) { value = value << 6 | UInt32(self[index + offset] & 0x3F) }
        return ScannedScalar(value: value, length: Swift.max(length, 1))
    }

    /// The scalar that ends just before an index of well-formed UTF-8.
    func scalar(before index: Int) -> ScannedScalar {
        var start = index - 1
        while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
        return scalar(at: start)
    }

    /// How many bytes a sequence has that begins with this byte; 1 for a byte that begins none.
    @inline(__always)
    static func sequenceLength(_ first: UInt8) -> Int {
        first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    }

    /// The bytes of a range, as a buffer that begins at 0.
    @inline(__always)
    func slice(_ range: Range<Int>) -> Bytes { Bytes(rebasing: self[range]) }

    /// The first place of a text from `start` on.
    func find(_ text: Bytes, from start: Int) -> Int? {
        guard let first = text.first, count >= text.count else { return nil }
        var index = start
        while index <= count - text.count {
            if self[index] == first, slice(index ..< index + text.count).elementsEqual(text) { return index }
            index += 1
        }
        return nil
    }
}

extension [UInt8] {
    /// Appends the UTF-8 of a scalar.
    mutating func append(scalar value: UInt32) {
        switch value {
        case 0 ..< 0x80: append(UInt8(value))
        case 0x80 ..< 0x800:
            append(UInt8(0xC0 | value >> 6))
            append(UInt8(0x80 | value & 0x3F))
        case 0x800 ..< 0x10000:
            append(UInt8(0xE0 | value >> 12))
            append(UInt8(0x80 | value >> 6 & 0x3F))
            append(UInt8(0x80 | value & 0x3F))
        default:
            append(UInt8(0xF0 | value >> 18 & 0x07))
            append(UInt8(0x80 | value >> 12 & 0x3F))
            append(UInt8(0x80 | value >> 6 & 0x3F))
            append(UInt8(0x80 | value & 0x3F))
        }
    }
}

extension Collection<UInt8> {
    /// How many scalars begin in UTF-8.
    var scalarCount: Int { reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }
}
