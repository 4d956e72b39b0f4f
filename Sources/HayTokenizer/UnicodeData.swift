/// The Unicode tables that the standard library does not have, or has from another version than the tokenizers that
/// models were trained with. `make_unicode_tables.py` beside the tests writes their texts.
enum UnicodeData {
    /// The numbers of a table: seven bits a byte, the lowest first, in base64.
    struct Numbers {
        private let bytes: [UInt8]
        private var index = 0

        init(_ text: String) { bytes = Base64.decode(text) ?? [] }

        /// The next number; nil at the end.
        mutating func next() -> UInt32? {
            var value: UInt32 = 0
            var shift: UInt32 = 0
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                value |= UInt32(byte & 0x7F) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
            return nil
        }
    }

    /// The runs of a table that gives for each the gap since the last one, the length and a kind.
    static func runs(_ text: String) -> [(range: ClosedRange<UInt32>, kind: Int)] {
        var runs: [(range: ClosedRange<UInt32>, kind: Int)] = []
        var numbers = Numbers(text)
        var start: UInt32 = 0
        while let gap = numbers.next(), let length = numbers.next(), let kind = numbers.next() {
            start += gap
            runs.append((start ... start + length - 1, Int(kind)))
            start += length
        }
        return runs
    }
}
