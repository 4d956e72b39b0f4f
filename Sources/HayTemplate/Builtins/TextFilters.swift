/// Filters that make a text of a value.
enum TextFilters {
    static let all: [String: Filter.Function] = [
        "string": { _, value, _ in value.text == nil ? .string(try value.printed()) : value },
        "safe": { _, value, _ in .markup(try value.printed()) },
        "escape": escape, "e": escape, "forceescape": forceEscape,
        "upper": method(.upper), "lower": method(.lower), "capitalize": method(.capitalize),
        "trim": trim, "title": title, "replace": replace, "center": center, "indent": indent,
        "truncate": truncate, "wordcount": wordCount, "wordwrap": wordWrap, "striptags": stripTags,
        "format": format, "join": join, "tojson": JSONText.filter, "pprint": PrettyText.filter, "urlencode": urlEncode,
    ]

    /// The value as a string that stays escaped when it was.
    static func receiver(_ value: Value) throws -> StringReceiver {
        StringReceiver(text: try value.printed(), isMarkup: value.isMarkup)
    }

    private static func method(_ method: StringMethod) -> Filter.Function {
        { interpreter, value, arguments in
            let text = value.text == nil ? Value.string(try value.printed()) : value
            return try interpreter.call(method, on: text, arguments)
        }
    }

    private static func escape(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        .markup(try interpreter.charged(try value.escapedText()))
    }

    private static func forceEscape(
        _ interpreter: Interpreter, _ value: Value, _ arguments: Arguments
    ) throws -> Value {
        .markup(try interpreter.charged(try value.printed().htmlEscaped))
    }

    private static func trim(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let characters = arguments.isEmpty ? nil : try arguments.bind("trim", ["chars"])[0]
        let string = try receiver(value)
        let set = try characters.flatMap { $0.isNull ? nil : try $0.textArgument("strip") }
        return string.value(try interpreter.charged(string.text.stripped(of: set)))
    }

    /// Jinja's own title case: words begin after space, `-` and opening brackets.
    private static func title(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let boundary: Set<Unicode.Scalar> = ["-", "(", "{", "[", "<"]
        var text = ""
        var word = String.UnicodeScalarView()
        func endWord() {
            if let first = word.first {
                text += first.properties.uppercaseMapping + String(word.dropFirst()).pythonLowercase
                word.removeAll()
            }
        }
        for scalar in try value.printed().unicodeScalars {
            if boundary.contains(scalar) || scalar.isPythonSpace {
                endWord()
                text.unicodeScalars.append(scalar)
            } else {
                word.append(scalar)
            }
        }
        endWord()
        return .string(try interpreter.charged(text))
    }

    private static func replace(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("replace", ["old", "new", "count"], required: 2)
        let count = try values[2].map { $0.isNull ? -1 : try $0.integerArgument() } ?? -1
        let (old, new) = (try (values[0] ?? .null).printed(), try (values[1] ?? .null).printed())
        return .string(try interpreter.replacing(try value.printed(), old, new, count: count))
    }

    private static func center(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let width = try arguments.bind("center", ["width"])[0]?.integerArgument() ?? 80
        let string = try receiver(value)
        return string.value(try interpreter.padded(string.text, .center, width: width))
    }

    private static func indent(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("indent", ["width", "first", "blank"])
        if case .undefined(let undefined) = value { throw undefined.error }
        let string = StringReceiver(text: try value.textArgument("indent"), isMarkup: value.isMarkup)
        let indention: String
        if let text = values[0]?.text {
            indention = text
        } else {
            indention = try interpreter.padded("", .left, width: try values[0]?.integerArgument() ?? 4)
        }
        let lines = (string.text + "\n").lines()
        try interpreter.charge(lines.count * indention.utf8.count)
        var text = values[1]?.isTrue == true ? indention : ""
        for (index, line) in lines.enumerated() {
            if index > 0 { text += "\n" }
            if index > 0, values[2]?.isTrue == true || !line.isEmpty { text += indention }
            text += line
        }
        return string.value(try interpreter.charged(text))
    }

    private static func truncate(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("truncate", ["length", "killwords", "end", "leeway"])
        let length = try values[0]?.integerArgument() ?? 255
        let end = try values[2]?.textArgument("truncate") ?? "..."
        let leeway = try values[3].flatMap { $0.isNull ? nil : try $0.integerArgument() } ?? 5
        guard length >= end.scalarCount else {
            throw TemplateError.value("expected length >= \(end.scalarCount), got \(length)")
        }
        guard leeway >= 0 else { throw TemplateError.value("expected leeway >= 0, got \(leeway)") }
        guard let count = value.length else {
            throw TemplateError.type("object of type '\(value.typeName)' has no len()")
        }
        let most = length.addingReportingOverflow(leeway)
        if most.overflow || count <= most.partialValue { return value }
        let scalars = Array(try value.textArgument("truncate").unicodeScalars)
        let kept = String(scalars: scalars.prefix(length - end.scalarCount))
        if values[1]?.isTrue == true { return .string(kept + end) }
        return .string(kept.parts(by: " ", limit: 1, fromRight: true)[0] + end)
    }

    private static func wordCount(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        var count = 0
        var isInWord = false
        for scalar in try value.printed().unicodeScalars {
            let isWord = scalar == "_" || scalar.isAlphabetic || scalar.isNumeric
            if isWord, !isInWord { count += 1 }
            isInWord = isWord
        }
        return .int(count)
    }

    private static func format(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        guard arguments.positional.isEmpty || arguments.keywords.isEmpty else {
            throw TemplateError.type("can't handle positional and keyword arguments at the same time")
        }
        var values = Value.tuple(arguments.positional)
        if !arguments.keywords.isEmpty {
            let dict = Dict()
            for (name, value) in arguments.keywords { dict.set(name, value) }
            values = .dict(dict)
        }
        return try PercentFormat.format(try value.printed(), values, isMarkup: value.isMarkup, interpreter)
    }

    private static func join(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("join", ["d", "attribute"])
        let separator = try values[0]?.printed() ?? ""
        let path = Interpreter.AttributePath(values[1])
        guard var items = try interpreter.iterator(value) else {
            throw TemplateError.type("'\(value.typeName)' object is not iterable")
        }
        var text = ""
        var isFirst = true
        while let item = try items.next(interpreter) {
            if !isFirst { text += separator }
            isFirst = false
            text += try interpreter.look(path, in: item).printed()
            if text.utf8.count > interpreter.limits.outputSize {
                throw TemplateError.limit("a joined text is too long")
            }
        }
        return .string(try interpreter.charged(text))
    }

    /// The text with everything escaped that may not stand in a URL; slashes may.
    private static func urlEncode(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        func quoted(_ value: Value, isQuery: Bool) throws -> String {
            var text = ""
            for byte in try value.printed().utf8 {
                let scalar = Unicode.Scalar(byte)
                if scalar.isASCII && scalar.isIdentifierPart || "-.~".unicodeScalars.contains(scalar)
                    || (scalar == "/" && !isQuery)
                {
                    text.unicodeScalars.append(scalar)
                } else if scalar == " ", isQuery {
                    text += "+"
                } else {
                    let digits = String(byte, radix: 16, uppercase: true)
                    text += digits.count == 1 ? "%0" + digits : "%" + digits
                }
            }
            return try interpreter.charged(text)
        }
        var pairs: [Value]
        if case .dict(let dict) = value {
            pairs = DictView(dict, .items).elements
        } else if value.text == nil, var items = try interpreter.iterator(value) {
            pairs = []
            while let item = try items.next(interpreter) { pairs.append(item) }
        } else {
            return .string(try quoted(value, isQuery: false))
        }
        let parts = try pairs.map { pair in
            let parts = try interpreter.elements(pair)
            guard parts.count == 2 else { throw TemplateError.value("expected pairs of key and value") }
            return try quoted(parts[0], isQuery: true) + "=" + quoted(parts[1], isQuery: true)
        }
        return .string(parts.joined(separator: "&"))
    }
}
