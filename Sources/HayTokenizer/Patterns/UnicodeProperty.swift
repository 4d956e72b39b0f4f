/// The sets of scalars that regular expressions name, as the `tokenizers` library's engine has them.
enum UnicodeProperty {
    /// White space: `\s`.
    static let space = categories("Z").union(ScalarSet([0x09 ... 0x0D, 0x85 ... 0x85]))

    /// Letters, marks, digits and connectors: `\w` in brackets.
    static let word = categories("L", "M", "Nd", "Nl", "Pc").union(circledLetters)

    /// `\w` outside of brackets, which has some more signs of Latin-1.
    static let bareWord = word.union(ScalarSet([0xB2 ... 0xB3, 0xB9 ... 0xB9, 0xBC ... 0xBE]))

    private static let circledLetters = ScalarSet([
        0x24B6 ... 0x24E9, 0x1F130 ... 0x1F149, 0x1F150 ... 0x1F169, 0x1F170 ... 0x1F189,
    ])

    /// The set of `\p{…}`: a general category, a script or one of a few others, written in any case, with or without
    /// spaces and signs. Nil for others.
    static func named(_ name: String) -> ScalarSet? {
        let name = folded(name)
        if let code = categoryNames[name] { return categories(code) }
        if let script = scriptNames.firstIndex(where: { folded($0) == name }) {
            return ScalarSet(scriptRuns.filter { $0.kind == script + 1 }.map(\.range))
        }
        switch name {
        case "any": return .all
        case "assigned": return categories("Cn").inverted
        case "lc", "casedletter": return categories("Lu", "Ll", "Lt")
        case "whitespace": return space
        case "uppercase": return upper
        case "lowercase": return lower
        case "alphabetic": return alphabetic
        case "emoji": return filtered { $0.isEmoji }
        case "extendedpictographic": return nil
        case "punct": return categories("P")
        default: return posix(name)
        }
    }

    /// The set of `[:…:]`; nil for a name that is none.
    static func posix(_ name: String) -> ScalarSet? {
        switch name {
        case "alnum": alphabetic.union(categories("Nd"))
        case "alpha": alphabetic
        case "ascii": ScalarSet([0 ... 0x7F])
        case "blank": categories("Zs").union(ScalarSet(0x09))
        case "cntrl": categories("Cc")
        case "digit": categories("Nd")
        case "graph": graph
        case "lower": lower
        case "print": graph.union(categories("Zs"))
        case "punct": categories("P", "S")
        case "space": space
        case "upper": upper
        case "xdigit": ScalarSet([0x30 ... 0x39, 0x41 ... 0x46, 0x61 ... 0x66])
        case "word": word
        default: nil
        }
    }

    private static var graph: ScalarSet { categories("Z", "Cc", "Cn", "Cs").inverted }
    private static var upper: ScalarSet {
        categories("Lu").union(
            ScalarSet([
                0x2160 ... 0x216F, 0x24B6 ... 0x24CF, 0x1F130 ... 0x1F149, 0x1F150 ... 0x1F169, 0x1F170 ... 0x1F189,
            ]))
    }
    private static var lower: ScalarSet { categories("Ll").union(filtered { $0.isLowercase }) }
    private static var alphabetic: ScalarSet { categories("L", "Nl").union(filtered { $0.isAlphabetic }) }

    /// The scalars that satisfy a condition of the standard library, which knows another version of Unicode.
    private static func filtered(_ isMember: (Unicode.Scalar.Properties) -> Bool) -> ScalarSet {
        let assigned = categories("Cn", "Co", "Cs").inverted
        var ranges: [ClosedRange<UInt32>] = []
        for range in assigned.ranges {
            for value in range {
                guard let scalar = Unicode.Scalar(value), isMember(scalar.properties) else { continue }
                if let last = ranges.last, last.upperBound + 1 == value {
                    ranges[ranges.count - 1] = last.lowerBound ... value
                } else {
                    ranges.append(value ... value)
                }
            }
        }
        return ScalarSet(ranges)
    }

    private static func folded(_ name: String) -> String {
        String(name.unicodeScalars.filter { $0 != " " && $0 != "_" && $0 != "-" }.map(Character.init)).lowercased()
    }
}

// MARK: Tables

extension UnicodeProperty {
    /// The scalars of some general categories, by their codes; one letter stands for all that begin with it.
    static func categories(_ codes: String...) -> ScalarSet {
        let kinds = categoryCodes.indices.filter { index in codes.contains { categoryCodes[index].hasPrefix($0) } }
        let named = categoryRuns.filter { kinds.contains($0.kind - 1) }.map(\.range)
        guard codes.contains("Cn") || codes.contains("C") else { return ScalarSet(named) }
        return ScalarSet(named).union(ScalarSet(categoryRuns.map(\.range)).inverted)
    }

    private static let categoryRuns = UnicodeData.runs(UnicodeData.categories)
    /// Scripts by their place in `scriptNames` plus one.
    static let scriptRuns = UnicodeData.runs(UnicodeData.scripts)

    /// The general categories in the order of the table; what it leaves out is Cn.
    private static let categoryCodes = [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cs",
    ]

    private static let categoryNames: [String: String] = {
        let names = [
            "L": "letter", "Lu": "uppercaseletter", "Ll": "lowercaseletter", "Lt": "titlecaseletter",
            "Lm": "modifierletter", "Lo": "otherletter", "M": "mark", "Mn": "nonspacingmark", "Mc": "spacingmark",
            "Me": "enclosingmark", "N": "number", "Nd": "decimalnumber", "Nl": "letternumber", "No": "othernumber",
            "P": "punctuation", "Pc": "connectorpunctuation", "Pd": "dashpunctuation", "Ps": "openpunctuation",
            "Pe": "closepunctuation", "Pi": "initialpunctuation", "Pf": "finalpunctuation", "Po": "otherpunctuation",
            "S": "symbol", "Sm": "mathsymbol", "Sc": "currencysymbol", "Sk": "modifiersymbol", "So": "othersymbol",
            "Z": "separator", "Zs": "spaceseparator", "Zl": "lineseparator", "Zp": "paragraphseparator", "C": "other",
            "Cc": "control", "Cf": "format", "Cn": "unassigned", "Co": "privateuse", "Cs": "surrogate",
        ]
        return names.reduce(into: [:]) { result, entry in
            result[entry.key.lowercased()] = entry.key
            result[entry.value] = entry.key
        }
    }()
}
