/// Makes UTF-8 well-formed: each maximal part of a sequence that cannot be completed becomes U+FFFD.
///
/// Source: The Unicode Standard, section 3.9, U+FFFD Substitution of Maximal Subparts.
enum UTF8Repair {
    /// U+FFFD.
    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// All bytes, repaired.
    static func repair(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes
        var result = TextList()
        takeComplete(from: &rest, into: &result)
        return rest.isEmpty ? result.bytes : result.bytes + replacement
    }

    /// Writes, repaired, what later bytes cannot change; leaves the beginning of a sequence that they may complete.
    static func takeComplete(from bytes: inout [UInt8], into result: inout TextList) {
        let end = bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            var index = 0
            while index < bytes.count {
                if bytes[index] < 0x80 {
                    index += 1
                    continue
                }
                let sequence = sequence(in: bytes, at: index)
                if !sequence.isWhole {
                    result.write(bytes[start ..< index])
                    start = index
                    if index + sequence.length == bytes.count, sequence.mayGoOn { return start }
                    result.write(replacement)
                    start += sequence.length
                }
                index += sequence.length
            }
            result.write(bytes[start...])
            return bytes.count
        }
        bytes.removeFirst(end)
    }

    /// The length of the character that bytes begin with: 0 where they begin none, nil where more may complete it.
    static func characterLength(in bytes: [UInt8]) -> Int? {
        guard !bytes.isEmpty else { return nil }
        let sequence = bytes.withUnsafeBufferPointer { UTF8Repair.sequence(in: $0, at: 0) }
        if sequence.isWhole { return sequence.length }
        return sequence.length == bytes.count && sequence.mayGoOn ? nil : 0
    }

    private struct Sequence {
        let length: Int
        var isWhole = false
        /// Whether only more bytes are missing.
        var mayGoOn = false
    }

    /// The sequence that begins at an index, as far as it is well-formed.
    private static func sequence(in bytes: Bytes, at index: Int) -> Sequence {
        let first = bytes[index]
        if first < 0x80 { return Sequence(length: 1, isWhole: true) }
        guard 0xC2 ... 0xF4 ~= first else { return Sequence(length: 1) }
        let whole = Bytes.sequenceLength(first)
        var length = 1
        while length < whole, index + length < bytes.count {
            let allowed = length == 1 ? secondBytes(after: first) : 0x80 ... 0xBF
            guard allowed ~= bytes[index + length] else { return Sequence(length: length) }
            length += 1
        }
        return Sequence(length: length, isWhole: length == whole, mayGoOn: length < whole)
    }

    /// Which bytes may follow the first, so that nothing is overlong, a surrogate or above U+10FFFF.
    private static func secondBytes(after first: UInt8) -> ClosedRange<UInt8> {
        switch first {
        case 0xE0: 0xA0 ... 0xBF
        case 0xED: 0x80 ... 0x9F
        case 0xF0: 0x90 ... 0xBF
        case 0xF4: 0x80 ... 0x8F
        default: 0x80 ... 0xBF
        }
    }
}
