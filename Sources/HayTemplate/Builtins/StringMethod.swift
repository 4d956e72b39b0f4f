/// The methods of `str`.
enum StringMethod: String, Sendable {
    case capitalize, casefold, center, count, encode, endswith, expandtabs, find, format, format_map, index, isalnum,
        isalpha
    case isascii, isdecimal, isdigit, isidentifier, islower, isnumeric, isprintable, isspace, istitle, isupper, join
    case ljust, lower, lstrip, maketrans, partition, removeprefix, removesuffix, replace, rfind, rindex, rjust,
        rpartition, rsplit
    case rstrip, split, splitlines, startswith, strip, swapcase, title, translate, upper, zfill
}

extension Interpreter {
    /// Calls a method of a string; a string that counts as escaped escapes its arguments and gives such strings again.
    func call(_ method: StringMethod, on value: Value, _ arguments: Arguments) throws -> Value {
        guard let text = value.text else { throw TemplateError.type("'\(value.typeName)' object is not a string") }
        try walk(value)
        let string = StringReceiver(text: text, isMarkup: value.isMarkup)
        switch method {
        case .capitalize, .casefold, .lower, .upper, .title, .swapcase:
            _ = try arguments.positional(method.rawValue, 0 ... 0)
            return try string.value(charged(changedCase(text, method)))
        case .isalnum, .isalpha, .isascii, .isdecimal, .isdigit, .isidentifier, .islower, .isnumeric, .isprintable,
            .isspace, .istitle, .isupper:
            _ = try arguments.positional(method.rawValue, 0 ... 0)
            return .bool(holds(method, text))
        case .strip, .lstrip, .rstrip: return try strip(string, method, arguments)
        case .split, .rsplit, .splitlines, .partition, .rpartition: return try split(string, method, arguments)
        case .startswith, .endswith: return try affix(text, method, arguments)
        case .find, .rfind, .index, .rindex, .count: return try find(text, method, arguments)
        case .center, .ljust, .rjust, .zfill: return try padded(string, method, arguments)
        case .replace: return try replace(string, arguments)
        case .removeprefix, .removesuffix: return try removeAffix(string, method, arguments)
        case .join: return try join(string, arguments)
        case .format: return try string.value(BraceFormat.format(string, arguments, self))
        case .format_map: return try formatMap(string, arguments)
        case .expandtabs: return try expandTabs(string, arguments)
        case .maketrans: return try translationTable(arguments)
        case .translate: return try string.value(translated(text, arguments))
        case .encode: return try encoded(text, arguments)
        }
    }

    private func changedCase(_ text: String, _ method: StringMethod) -> String {
        switch method {
        case .capitalize: text.pythonCapitalized
        case .casefold: text.pythonCaseFolded
        case .lower: text.pythonLowercase
        case .upper: text.pythonUppercase
        case .title: text.pythonTitle
        default: text.pythonSwappedCase
        }
    }

    private func holds(_ method: StringMethod, _ text: String) -> Bool {
        switch method {
        case .isalnum: text.isAll { $0.isAlphabetic || $0.isNumeric }
        case .isalpha: text.isAll(\.isAlphabetic)
        case .isascii: text.isPlainASCII
        case .isdecimal: text.isAll(\.isDecimal)
        case .isdigit: text.isAll(\.isPythonDigit)
        case .isidentifier:
            text.isAll { $0 == "_" || $0.properties.isXIDContinue }
                && (text.unicodeScalars.first.map { $0 == "_" || $0.properties.isXIDStart } ?? false)
        case .islower: text.isAll(uppercase: false)
        case .isnumeric: text.isAll(\.isNumeric)
        case .isprintable: text.unicodeScalars.allSatisfy(\.isPrintable)
        case .isspace: text.isAll(\.isPythonSpace)
        case .istitle: text.isTitle
        default: text.isAll(uppercase: true)
        }
    }

    private func strip(_ string: StringReceiver, _ method: StringMethod, _ arguments: Arguments) throws -> Value {
        let values = arguments.isEmpty ? [] : try arguments.positional(method.rawValue, 0 ... 1)
        var characters: String?
        if let set = values.first, !set.isNull {
            guard let text = set.text else {
                throw TemplateError.type("\(method.rawValue) arg must be None or str")
            }
            characters = text
        }
        let side: String.Side = method == .strip ? .both : method == .lstrip ? .left : .right
        return string.value(try charged(string.text.stripped(side, of: characters)))
    }

    private func split(_ string: StringReceiver, _ method: StringMethod, _ arguments: Arguments) throws -> Value {
        try charge(string.text.utf8.count * 4)
        let name = method.rawValue
        switch method {
        case .splitlines:
            let keeping = try arguments.bind(name, ["keepends"])[0]?.integerArgument() ?? 0 != 0
            return .list(string.text.lines(keepingEnds: keeping).map(string.value))
        case .partition, .rpartition:
            let separator = try arguments.positional(name, 1 ... 1)[0].textArgument(name)
            guard !separator.isEmpty else { throw TemplateError.value("empty separator") }
            let isRight = method == .rpartition
            let parts = string.text.parts(by: separator, limit: 1, fromRight: isRight)
            if parts.count == 2 { return .tuple([parts[0], separator, parts[1]].map(string.value)) }
            return .tuple((isRight ? ["", "", string.text] : [string.text, "", ""]).map(string.value))
        default:
            let values = try arguments.bind(name, ["sep", "maxsplit"])
            let limit = try values[1]?.integerArgument() ?? -1
            let most = limit < 0 ? Int.max : limit
            guard let separator = values[0], !separator.isNull else {
                return .list(string.text.words(limit: most, fromRight: method == .rsplit).map(string.value))
            }
            let text = try separator.textArgument(name)
            guard !text.isEmpty else { throw TemplateError.value("empty separator") }
            return .list(string.text.parts(by: text, limit: most, fromRight: method == .rsplit).map(string.value))
        }
    }

    private func affix(_ text: String, _ method: StringMethod, _ arguments: Arguments) throws -> Value {
        let values = try arguments.positional(method.rawValue, 1 ... 3)
        let part = try sliced(text, values.dropFirst())?.text
        let affixes: [Value]
        if case .tuple(let elements) = values[0] { affixes = elements.items } else { affixes = [values[0]] }
        for affix in affixes {
            guard let affix = affix.text else {
                throw TemplateError.type(
                    "\(method.rawValue) first arg must be str or a tuple of str, not \(affix.typeName)")
            }
            guard let part else { continue }
            if method == .startswith ? part.starts(withBytesOf: affix) : part.ends(withBytesOf: affix) {
                return .bool(true)
            }
        }
        return .bool(false)
    }

    private func find(_ text: String, _ method: StringMethod, _ arguments: Arguments) throws -> Value {
        let values = try arguments.positional(method.rawValue, 1 ... 3)
        let needle = try values[0].textArgument(method.rawValue)
        let isRight = method == .rfind || method == .rindex
        let range = try sliced(text, values.dropFirst())
        if method == .count {
            guard let part = range?.text else { return .int(0) }
            return .int(needle.isEmpty ? part.scalarCount + 1 : part.count(of: needle))
        }
        if let range {
            let parts = needle.isEmpty ? [] : range.text.parts(by: needle, limit: 1, fromRight: isRight)
            if parts.count == 2 { return .int(range.offset + parts[0].scalarCount) }
            if needle.isEmpty { return .int(range.offset + (isRight ? range.text.scalarCount : 0)) }
        }
        if method == .find || method == .rfind { return .int(-1) }
        throw TemplateError.value("substring not found")
    }

    /// The part that optional start and end arguments pick, and where it begins; nil when there is no such part, not even an empty one.
    private func sliced(_ text: String, _ bounds: ArraySlice<Value>) throws -> (text: String, offset: Int)? {
        if bounds.isEmpty { return (text, 0) }
        let values = try bounds.map { $0.isNull ? nil : try $0.integerArgument() }
        let scalars = Array(text.unicodeScalars)
        let (start, end) = Slicing.bounds(
            start: values[0], stop: values.count > 1 ? values[1] : nil, step: 1, count: scalars.count)
        guard start <= end, values[0] ?? 0 <= scalars.count else { return nil }
        return (String(scalars: scalars[start ..< end]), start)
    }

    private func replace(_ string: StringReceiver, _ arguments: Arguments) throws -> Value {
        let values = try arguments.positional("str.replace", 2 ... 3)
        let old = try values[0].textArgument("replace()")
        _ = try values[1].textArgument("replace()")
        let new = try string.argument(values[1])
        let count = try values.count > 2 ? values[2].integerArgument() : -1
        return string.value(try replacing(string.text, old, new, count: count))
    }

    /// The text with a part replaced, at most `count` times when that is not negative.
    func replacing(_ text: String, _ old: String, _ new: String, count: Int) throws -> String {
        let most = old.isEmpty ? text.utf8.count + 1 : text.utf8.count / old.utf8.count
        let (growth, overflow) = most.multipliedReportingOverflow(by: new.utf8.count)
        if overflow || growth > 1 << 20 {
            let places = old.isEmpty ? most : text.places(of: old).count
            let (exact, overflow) = places.multipliedReportingOverflow(by: new.utf8.count)
            try charge(overflow ? Int.max : exact)
        }
        return try charged(text.replacing(old, with: new, limit: count < 0 ? Int.max : count))
    }

    private func removeAffix(_ string: StringReceiver, _ method: StringMethod, _ arguments: Arguments) throws -> Value {
        let affix = try arguments.positional(method.rawValue, 1 ... 1)[0].textArgument(method.rawValue)
        let text = string.text
        let size = text.utf8.count - affix.utf8.count
        if method == .removeprefix {
            return string.value(
                text.starts(withBytesOf: affix) ? text.bytes(affix.utf8.count ..< text.utf8.count) : text)
        }
        return string.value(text.ends(withBytesOf: affix) ? text.bytes(0 ..< size) : text)
    }

    private func join(_ string: StringReceiver, _ arguments: Arguments) throws -> Value {
        let items = try elements(try arguments.positional("str.join", 1 ... 1)[0])
        var text = ""
        for (index, item) in items.enumerated() {
            if index > 0 { text += string.text }
            guard item.text != nil || string.isMarkup else {
                throw TemplateError.type("sequence item \(index): expected str instance, \(item.typeName) found")
            }
            text += try string.argument(item)
            if text.utf8.count > limits.outputSize { throw TemplateError.limit("a joined text is too long") }
        }
        return string.value(try charged(text))
    }

    private func formatMap(_ string: StringReceiver, _ arguments: Arguments) throws -> Value {
        guard case .dict(let dict) = try arguments.positional("format_map", 1 ... 1)[0] else {
            throw TemplateError.type("format_map() argument must be a mapping")
        }
        var named = Arguments()
        for (key, value) in zip(dict.keys, dict.values) {
            if let name = key.text { named.keywords.append((name, value)) }
        }
        return string.value(try BraceFormat.format(string, named, self))
    }
}

/// A string with what its methods give: strings of its own kind.
struct StringReceiver {
    let text: String
    let isMarkup: Bool

    func value(_ text: String) -> Value { isMarkup ? .markup(text) : .string(text) }

    /// The text of an argument, escaped when the string counts as escaped.
    func argument(_ value: Value) throws -> String { isMarkup ? try value.escapedText() : try value.printed() }
}
