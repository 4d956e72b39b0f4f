/// Makes UTF-8 well-formed: each maximal part of a sequence that cannot be completed becomes U+FFFD.
///
/// Source: The Unicode Standard, section 3.9, U+FFFD Substitution of Maximal Subparts.
enum UTF8Repair {
    /// U+FFFD.
    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// All bytes, repaired.
    static func repair(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes
        var result = takeComplete(from: &rest)
        if !rest.isEmpty { result += replacement }
        return result
    }

    /// Takes, repaired, what later bytes cannot change; leaves the beginning of a sequence that they may complete.
    static func takeComplete(from bytes: inout [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let sequence = sequence(in: bytes, at: index)
            if sequence.isWhole {
                result.append(contentsOf: bytes[index ..< index + sequence.length])
            } else if index + sequence.length == bytes.count, sequence.mayGoOn {
                break
            } else {
                result.append(contentsOf: replacement)
            }
            index += sequence.length
        }
        bytes.removeFirst(index)
        return result
    }

    /// The length of the character that bytes begin with: 0 where they begin none, nil where more may complete it.
    static func characterLength(in bytes: [UInt8]) -> Int? {
        guard !bytes.isEmpty else { return nil }
        let sequence = sequence(in: bytes, at: 0)
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
    private static func sequence(in bytes: [UInt8], at index: Int) -> Sequence {
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
