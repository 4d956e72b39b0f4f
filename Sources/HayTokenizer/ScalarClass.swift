/// The classes of scalars that pre-tokenizers and added tokens tell apart.
enum ScalarClass {
    /// White space: `\s`.
    static func isWhitespace(_ value: UInt32) -> Bool {
        if value < 0x80 { return value == 0x20 || 0x09 ... 0x0D ~= value }
        return Unicode.Scalar(value)?.properties.isWhitespace ?? false
    }

    /// Letters, marks, digits and connectors: `\w`.
    static func isWord(_ value: UInt32) -> Bool {
        guard let properties = Unicode.Scalar(value)?.properties else { return false }
        if properties.isAlphabetic || properties.isJoinControl { return true }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }

    /// Numbers of any kind: `\p{N}`.
    static func isNumber(_ value: UInt32) -> Bool {
        if value < 0x80 { return 0x30 ... 0x39 ~= value }
        switch Unicode.Scalar(value)?.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: return true
        default: return false
        }
    }

    /// Letters of any kind: `\p{L}`.
    static func isLetter(_ value: UInt32) -> Bool {
        if value < 0x80 { return 0x61 ... 0x7A ~= value | 0x20 }
        switch Unicode.Scalar(value)?.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return false
        }
    }

    /// Punctuation, and every ASCII character that is neither letter, digit, space nor control.
    static func isPunctuation(_ value: UInt32) -> Bool {
        if value < 0x80 { return value > 0x20 && value < 0x7F && !isNumber(value) && !isLetter(value) }
        switch Unicode.Scalar(value)?.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }
}
