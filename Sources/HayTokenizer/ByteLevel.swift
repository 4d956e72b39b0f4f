/// GPT-2's way with bytes: each byte of a text becomes a printable character, so that a vocabulary of texts is one of
/// bytes.
struct ByteLevel: Sendable {
    let addsPrefixSpace: Bool
    /// Whether words are cut with GPT-2's expression here; otherwise another component has done so.
    let splitsWords: Bool

    /// GPT-2's expression.
    private static let words: Pattern = {
        let expression = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
        guard let pattern = try? Pattern(expression: expression) else { preconditionFailure("GPT-2's expression") }
        return pattern
    }()

    /// Cuts words and replaces each byte by its character.
    func apply(to text: inout PieceList) {
        if addsPrefixSpace { ByteLevel.prefixSpaces(&text) }
        if splitsWords { text.split(.isolated, at: ByteLevel.words) }
        var result = PieceList([], beginsInput: text.beginsInput)
        result.bytes.reserveCapacity(text.bytes.count + text.bytes.count / 2)
        result.pieces.reserveCapacity(text.pieces.count)
        for piece in text.pieces {
            let start = result.bytes.count
            for byte in text.bytes[piece] {
                let character = ByteLevel.character(of: byte)
                if character < 0x80 {
                    result.bytes.append(UInt8(character))
                } else {
                    result.bytes.append(scalar: character)
                }
            }
            result.pieces.append(start ..< result.bytes.count)
        }
        text = result
    }

    private static func prefixSpaces(_ text: inout PieceList) {
        var result = PieceList([], beginsInput: text.beginsInput)
        for piece in text.pieces {
            let start = result.bytes.count
            if text.bytes[piece.lowerBound] != 0x20 { result.bytes.append(0x20) }
            result.bytes.append(contentsOf: text.bytes[piece])
            result.pieces.append(start ..< result.bytes.count)
        }
        text = result
    }

    /// The character of a byte: itself where that is printable, otherwise one of those from U+0100 on.
    @inline(__always)
    static func character(of byte: UInt8) -> UInt32 {
        switch byte {
        case 0x21 ... 0x7E, 0xA1 ... 0xAC, 0xAE ... 0xFF: UInt32(byte)
        case 0x00 ... 0x20: 0x100 + UInt32(byte)
        case 0x7F ... 0xA0: 0x121 + UInt32(byte - 0x7F)
        default: 0x143
        }
    }

    /// The byte of a character; nil for a character that stands for none.
    @inline(__always)
    static func byte(of character: UInt32) -> UInt8? {
        switch character {
        case 0x21 ... 0x7E, 0xA1 ... 0xAC, 0xAE ... 0xFF: UInt8(character)
        case 0x100 ... 0x120: UInt8(character - 0x100)
        case 0x121 ... 0x142: UInt8(character - 0x121 + 0x7F)
        case 0x143: 0xAD
        default: nil
        }
    }
}

extension ByteLevel {
    /// Reads a ByteLevel pre-tokenizer. Throws `TokenizerError`.
    init(_ section: Section) throws {
        addsPrefixSpace = try section.bool("add_prefix_space", default: true)
        splitsWords = try section.bool("use_regex", default: true)
    }
}
