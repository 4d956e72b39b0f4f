/// The classes of scalars that pre-tokenizers and added tokens tell apart.
enum ScalarClass {
    /// 2 for numbers, 3 for marks, 4 for punctuation and 0 for everything else, as the components of the `tokenizers`
    /// library see them.
    static let table: ScalarTable = {
        var table = ScalarTable(absent: 0)
        for run in UnicodeData.runs(UnicodeData.classes) {
            for value in run.range { table[value] = Int32(run.kind) }
        }
        return table
    }()

    /// White space: `\s`.
    static func isWhitespace(_ value: UInt32) -> Bool {
        switch value {
        case 0x09 ... 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000 ... 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Letters, marks, digits, connectors and joiners: `\w`.
    static func isWord(_ value: UInt32) -> Bool { words[value] == 1 }

    private static let words: ScalarTable = {
        var table = ScalarTable(absent: 0)
        for range in UnicodeProperty.word.ranges + [0x200C ... 0x200D] { for value in range { table[value] = 1 } }
        return table
    }()

    /// Numbers of any kind: `\p{N}`.
    static func isNumber(_ value: UInt32) -> Bool { value < 0x80 ? 0x30 ... 0x39 ~= value : table[value] == 2 }

    /// Marks of any kind: `\p{M}`.
    static func isMark(_ value: UInt32) -> Bool { value >= 0x300 && table[value] == 3 }

    /// Punctuation, and every ASCII character that is neither letter, digit, space nor control.
    static func isPunctuation(_ value: UInt32) -> Bool { table[value] == 4 }
}
