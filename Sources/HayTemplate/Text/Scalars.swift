/// What Python's `str` methods ask of a code point.
extension Unicode.Scalar {
    /// Whether `str.isspace` holds: Unicode's white space and the four separators U+001C to U+001F.
    var isPythonSpace: Bool {
        if value < 0x80 { return value == 0x20 || (value >= 0x09 && value <= 0x0D) || (value >= 0x1C && value <= 0x1F) }
        return properties.isWhitespace
    }

    /// Whether this is one of the digits 0 to 9.
    var isDigit: Bool { value &- 0x30 < 10 }

    /// Whether a name may begin with this.
    var isIdentifierStart: Bool {
        if isASCII { return self == "_" || (value | 0x20) &- 0x61 < 26 }
        return properties.isXIDStart
    }

    /// Whether a name may go on with this.
    var isIdentifierPart: Bool { isASCII ? isIdentifierStart || isDigit : properties.isXIDContinue }

    /// Whether `repr` shows this as it is.
    var isPrintable: Bool {
        if isASCII { return value >= 0x20 && value < 0x7F }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    /// Whether this ends a line for `str.splitlines`; a carriage return takes a newline after it along.
    var isLineBreak: Bool {
        switch value {
        case 0x0A ... 0x0D, 0x1C ... 0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    var isAlphabetic: Bool {
        if isASCII { return (value | 0x20) &- 0x61 < 26 }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return false
        }
    }

    var isDecimal: Bool { properties.numericType == .decimal }
    var isPythonDigit: Bool { properties.numericType == .decimal || properties.numericType == .digit }
    var isNumeric: Bool { isASCII ? isDigit : properties.numericType != nil }
    var isCased: Bool { properties.isUppercase || properties.isLowercase || isTitlecase }
    var isTitlecase: Bool { properties.generalCategory == .titlecaseLetter }
}
