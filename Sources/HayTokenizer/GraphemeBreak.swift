/// Where grapheme clusters begin, as far as clusters of a few bytes go: emoji sequences, flags and Hangul syllables made
/// of jamo are longer and take more than two scalars to tell.
///
/// Source: Unicode Standard Annex 29, rules GB3 to GB5 and GB9 to GB9b.
enum GraphemeBreak {
    /// Whether two scalars side by side belong to one cluster.
    static func joins(_ left: UInt32, _ right: UInt32) -> Bool {
        if left == 0x0D, right == 0x0A { return true }
        if right < 0x300, left < 0x600 { return false }
        // Kana, Han and Hangul syllables, the usual text above ASCII: none extends what is before it.
        if 0x3100 ..< 0xA66F ~= right || 0xAC00 ..< 0xD7B0 ~= right, left < 0x600 || left > 0x0D4E { return false }
        guard let left = Unicode.Scalar(left), let right = Unicode.Scalar(right) else { return false }
        if isControl(left) || isControl(right) { return false }
        return extends(right) || isPrepended(left.value)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: !scalar.properties.isGraphemeExtend && scalar.value != 0x200D && !isPrepended(scalar.value)
        case .unassigned: scalar.properties.isDefaultIgnorableCodePoint
        default: false
        }
    }

    /// Extend, zero-width joiner or spacing mark.
    private static func extends(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isGraphemeExtend || scalar.properties.isEmojiModifier { return true }
        switch scalar.value {
        case 0x200D, 0x0E33, 0x0EB3: return true
        case 0x102B, 0x102C, 0x1038, 0x1062 ... 0x1064, 0x1067 ... 0x106D, 0x1083, 0x1087 ... 0x108C: return false
        case 0x108F, 0x109A ... 0x109C, 0x1A61, 0x1A63, 0x1A64, 0xAA7B, 0xAA7D, 0x11720, 0x11721: return false
        default: return scalar.properties.generalCategory == .spacingMark
        }
    }

    /// Marks that are written before the letter they belong to.
    private static func isPrepended(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0600 ... 0x0605, 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x0D4E, 0x110BD, 0x110CD, 0x111C2, 0x111C3,
            0x113D1, 0x1193F, 0x11941, 0x11A3A, 0x11A84 ... 0x11A89, 0x11D46, 0x11F02:
            true
        default: false
        }
    }
}
