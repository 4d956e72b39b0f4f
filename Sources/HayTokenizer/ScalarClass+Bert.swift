/// The classes of scalars that BERT's normalizer tells apart.
extension ScalarClass {
    private static let nonspacing = ScalarTable(members: UnicodeData.nonspacing)

    /// Marks that take no room of their own.
    static func isNonspacingMark(_ value: UInt32) -> Bool { value >= 0x300 && nonspacing[value] == 1 }

    /// Controls, format characters, private use, and the replacement character.
    static func isInvisible(_ value: UInt32) -> Bool {
        switch value {
        case 0x0 ... 0x8, 0xB ... 0xC, 0xE ... 0x1F, 0x7F ... 0x9F, 0xAD, 0x600 ... 0x605, 0x61C, 0x6DD, 0x70F, 0x180E,
            0x200B ... 0x200F, 0x202A ... 0x202E, 0x2060 ... 0x2064, 0x2066 ... 0x206F, 0xE000 ... 0xF8FF, 0xFEFF,
            0xFFF9 ... 0xFFFB, 0xFFFD, 0x110BD, 0x1BCA0 ... 0x1BCA3, 0x1D173 ... 0x1D17A, 0xE0001, 0xE0020 ... 0xE007F,
            0xF0000 ... 0xFFFFD, 0x100000 ... 0x10FFFD:
            true
        default: false
        }
    }
}
