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
    func apply(to list: inout PieceList) {
        if addsPrefixSpace { ByteLevel.prefixSpaces(&list) }
        if splitsWords { list.split(.isolated, at: ByteLevel.words) }
        list.rewrite { ByteLevel.writeCharacters(of: $0, of: $1, to: &$2.rewrite) }
    }

    /// Writes the character of each byte of a part of a text; all that are of one scalar come from where it does.
    static func writeCharacters(of range: Range<Int>, of text: TrackedText, to result: inout Rewrite) {
        for index in range {
            let character = character(of: text.bytes[index])
            if character < 0x80 {
                result.append(UInt8(character), from: index, of: text)
            } else {
                result.append(scalar: character, from: index, of: text)
            }
        }
    }

    private static func prefixSpaces(_ list: inout PieceList) {
        list.rewrite { piece, text, writer in
            if text.bytes[piece.lowerBound] != 0x20 { writer.rewrite.append(0x20, from: piece.lowerBound, of: text) }
            writer.rewrite.copy(piece, of: text)
        }
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

    /// Appends the bytes that the characters of a token stand for; its own where one stands for none.
    static func appendBytes(of text: Bytes, to bytes: inout [UInt8]) {
        let count = bytes.count
        var index = 0
        while index < text.count {
            let scanned = text.scalar(at: index)
            guard let byte = byte(of: scanned.value) else {
                bytes.removeLast(bytes.count - count)
                return bytes.append(contentsOf: text)
            }
            bytes.append(byte)
            index += scanned.length
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
