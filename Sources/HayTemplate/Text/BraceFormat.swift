/// `str.format`: `{0.name[key]!r:>10}`.
struct BraceFormat {
    private let string: StringReceiver
    private let arguments: Arguments
    private let interpreter: Interpreter
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var nextArgument = 0
    private var isNumbered = false

    static func format(_ string: StringReceiver, _ arguments: Arguments, _ interpreter: Interpreter) throws -> String {
        var format = BraceFormat(string, arguments, interpreter)
        return try interpreter.charged(try format.text(until: nil))
    }

    private init(_ string: StringReceiver, _ arguments: Arguments, _ interpreter: Interpreter) {
        self.string = string
        self.arguments = arguments
        self.interpreter = interpreter
        scalars = Array(string.text.unicodeScalars)
    }

    /// The text up to the brace that ends a field, or to the end.
    private mutating func text(until end: Unicode.Scalar?) throws -> String {
        var text = ""
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar == end { return text }
            index += 1
            if scalar == "{" || scalar == "}", index < scalars.count, scalars[index] == scalar, end == nil {
                index += 1
                text.unicodeScalars.append(scalar)
            } else if scalar == "{" {
                text += try field(isNested: end != nil)
                if text.utf8.count > interpreter.limits.outputSize {
                    throw TemplateError.limit("a formatted text is too long")
                }
            } else if scalar == "}" {
                throw TemplateError.value("Single '}' encountered in format string")
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        if end != nil { throw TemplateError.value("expected '}' before end of string") }
        return text
    }

    private mutating func field(isNested: Bool) throws -> String {
        let start = index
        while index < scalars.count, !["}", "!", ":"].contains(scalars[index]) || isInBrackets(start) { index += 1 }
        guard index < scalars.count else { throw TemplateError.value("Single '{' encountered in format string") }
        var value = try look(Array(scalars[start ..< index]))
        if scalars[index] == "!" {
            guard index + 1 < scalars.count else { throw TemplateError.value("unmatched '{' in format spec") }
            value = try converted(value, scalars[index + 1])
            index += 2
        }
        var spec = ""
        if index < scalars.count, scalars[index] == ":" {
            index += 1
            guard !isNested else { throw TemplateError.value("Max string recursion exceeded") }
            spec = try text(until: "}")
        }
        guard index < scalars.count, scalars[index] == "}" else {
            throw TemplateError.value("expected '}' before end of string")
        }
        index += 1
        let text = spec.isEmpty ? try printed(value) : try FormatSpec(spec).format(value, interpreter)
        return string.isMarkup && !value.isMarkup ? text.htmlEscaped : text
    }

    private func printed(_ value: Value) throws -> String { try interpreter.charged(try value.printed()) }

    private func isInBrackets(_ start: Int) -> Bool {
        let part = scalars[start ..< index]
        return part.count { $0 == "[" } > part.count { $0 == "]" }
    }

    private func converted(_ value: Value, _ letter: Unicode.Scalar) throws -> Value {
        switch letter {
        case "s": .string(try value.printed())
        case "r", "a": .string(try ReprWriter.text(of: value, isASCII: letter == "a"))
        default: throw TemplateError.value("Unknown conversion specifier \(letter)")
        }
    }

    /// The value of a field: an argument, then attributes and items of it, within the sandbox.
    private mutating func look(_ path: [Unicode.Scalar]) throws -> Value {
        let first = path.prefix { $0 != "." && $0 != "[" }
        var value = try argument(String(scalars: first), isWhole: first.count == path.count)
        var rest = path.dropFirst(first.count)
        while let mark = rest.popFirst() {
            if mark == "." {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                rest = rest.dropFirst(name.count)
                guard !name.isEmpty else { throw TemplateError.value("Empty attribute in format string") }
                value = try interpreter.attribute(of: value, Attribute(String(scalars: name)))
            } else {
                let key = String(scalars: rest.prefix { $0 != "]" })
                rest = rest.drop { $0 != "]" }.dropFirst()
                guard mark == "[", !key.isEmpty else { throw TemplateError.value("Empty attribute in format string") }
                let isIndex = key.isAll(\.isDigit)
                value = try interpreter.item(of: value, isIndex ? .int(Int(key) ?? Int.max) : .string(key))
            }
        }
        return value
    }

    /// An argument by its name or number; where the field is nothing else, the next one, if it has neither.
    private mutating func argument(_ name: String, isWhole: Bool) throws -> Value {
        let isNumber = name.isAll(\.isDigit)
        guard isNumber || isWhole && name.isEmpty else {
            if let value = arguments.keywords.first(where: { $0.name.isSame(as: name) })?.value { return value }
            throw TemplateError.value("KeyError: \(name.pythonQuoted)")
        }
        if isWhole {
            guard isNumber ? nextArgument == 0 : !isNumbered else {
                throw TemplateError.value(
                    "cannot switch between manual field specification and automatic field numbering")
            }
            isNumbered = isNumber
            if !isNumber { nextArgument += 1 }
        }
        let position = isNumber ? Int(name) ?? Int.max : nextArgument - 1
        guard arguments.positional.indices.contains(position) else {
            throw TemplateError.value("Replacement index \(position) out of range for positional args tuple")
        }
        return arguments.positional[position]
    }
}
