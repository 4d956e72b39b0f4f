extension String {
    /// `str.lower`, with the final sigma that Python knows.
    var pythonLowercase: String {
        if isPlainASCII { return lowercased() }
        let scalars = Array(unicodeScalars)
        var text = ""
        for (index, scalar) in scalars.enumerated() { text += String.lowercase(scalar, at: index, in: scalars) }
        return text
    }

    private static func lowercase(_ scalar: Unicode.Scalar, at index: Int, in scalars: [Unicode.Scalar]) -> String {
        guard scalar == "\u{3A3}" else { return scalar.properties.lowercaseMapping }
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        let isFinal = (before?.properties.isCased ?? false) && !(after?.properties.isCased ?? false)
        return isFinal ? "\u{3C2}" : "\u{3C3}"
    }

    /// `str.upper`.
    var pythonUppercase: String {
        isPlainASCII ? uppercased() : unicodeScalars.map(\.properties.uppercaseMapping).joined()
    }

    /// `str.capitalize`.
    var pythonCapitalized: String {
        guard let first = unicodeScalars.first else { return self }
        let lower = pythonLowercase
        let firstLower = String.lowercase(first, at: 0, in: Array(unicodeScalars)).unicodeScalars.count
        return first.properties.titlecaseMapping + String(scalars: lower.unicodeScalars.dropFirst(firstLower))
    }

    /// `str.title`: each run of letters begins with a capital.
    var pythonTitle: String {
        let scalars = Array(unicodeScalars)
        var text = ""
        var isInWord = false
        for (index, scalar) in scalars.enumerated() {
            text += isInWord ? String.lowercase(scalar, at: index, in: scalars) : scalar.properties.titlecaseMapping
            isInWord = scalar.properties.isCased
        }
        return text
    }

    /// `str.swapcase`.
    var pythonSwappedCase: String {
        let scalars = Array(unicodeScalars)
        var text = ""
        for (index, scalar) in scalars.enumerated() {
            if scalar.properties.isUppercase {
                text += String.lowercase(scalar, at: index, in: scalars)
            } else {
                text += scalar.properties.isLowercase ? scalar.properties.uppercaseMapping : String(scalar)
            }
        }
        return text
    }

    /// `str.casefold`, near enough: full case folding is lowercasing of what uppercasing gives, but for a few scalars.
    var pythonCaseFolded: String {
        isPlainASCII ? lowercased() : unicodeScalars.map { $0 == "ß" ? "ss" : $0.properties.lowercaseMapping }.joined()
    }

    /// `str.islower` and `str.isupper`.
    func isAll(uppercase: Bool) -> Bool {
        var hasCased = false
        if isPlainASCII {
            let (wanted, other): (ClosedRange<UInt8>, ClosedRange<UInt8>) =
                uppercase ? (0x41 ... 0x5A, 0x61 ... 0x7A) : (0x61 ... 0x7A, 0x41 ... 0x5A)
            return utf8.contains(where: wanted.contains) && !utf8.contains(where: other.contains)
        }
        for scalar in unicodeScalars {
            let properties = scalar.properties
            if uppercase ? properties.isLowercase : properties.isUppercase { return false }
            if scalar.isTitlecase { return false }
            if uppercase ? properties.isUppercase : properties.isLowercase { hasCased = true }
        }
        return hasCased
    }

    /// `str.istitle`.
    var isTitle: Bool {
        var isInWord = false
        var hasCased = false
        for scalar in unicodeScalars {
            if scalar.properties.isUppercase || scalar.isTitlecase {
                if isInWord { return false }
                isInWord = true
                hasCased = true
            } else if scalar.properties.isLowercase {
                if !isInWord { return false }
                hasCased = true
            } else {
                isInWord = false
            }
        }
        return hasCased
    }

    /// Whether there are scalars and all of them are of a kind.
    func isAll(_ kind: (Unicode.Scalar) -> Bool) -> Bool { !isEmpty && unicodeScalars.allSatisfy(kind) }

    /// The text with the characters that HTML reserves escaped.
    var htmlEscaped: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "'": text += "&#39;"
            case "\"": text += "&#34;"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
