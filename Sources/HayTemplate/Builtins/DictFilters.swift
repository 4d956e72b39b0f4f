/// Filters of dicts.
enum DictFilters {
    static let all: [String: Filter.Function] = ["dictsort": sort, "items": items, "xmlattr": attributes]

    private static func members(_ value: Value) throws -> Dict {
        if case .undefined(let undefined) = value { throw undefined.error }
        guard case .dict(let dict) = value else {
            throw TemplateError(.undefined, "'\(value.typeDescription)' has no attribute 'items'")
        }
        return dict
    }

    private static func sort(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("dictsort", ["case_sensitive", "by", "reverse"])
        let by = try values[1]?.textArgument("dictsort") ?? "key"
        guard by == "key" || by == "value" else {
            throw TemplateError.value("You can only sort by either \"key\" or \"value\"")
        }
        var path = Interpreter.AttributePath(.int(by == "key" ? 0 : 1))
        path.ignoresCase = values[0]?.isTrue != true
        let pairs = DictView(try members(value), .items).elements
        let key = path
        return .list(
            try interpreter.sorted(
                pairs, isReversed: values[2]?.isTrue ?? false, by: { try interpreter.look(key, in: $0) }))
    }

    private static func items(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        var items: ValueIterator?
        return .object(
            Generator(over: value) { interpreter in
                if value.isUndefined { return nil }
                guard case .dict(let dict) = value else {
                    throw TemplateError.type("Can only get item pairs from a mapping.")
                }
                if items == nil { items = ValueIterator(DictView(dict, .items).elements) }
                return try items?.next(interpreter)
            })
    }

    private static func attributes(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let isSpaced = try arguments.bind("xmlattr", ["autospace"])[0]?.isTrue ?? true
        let dict = try members(value)
        var parts: [String] = []
        for (key, value) in zip(dict.keys, dict.values) where !value.isNull && !value.isUndefined {
            let name = try key.textArgument("xmlattr")
            guard !name.unicodeScalars.contains(where: { $0.isPythonSpace || "/>=".unicodeScalars.contains($0) }) else {
                throw TemplateError.value("Invalid character in attribute name: \(name.pythonQuoted)")
            }
            parts.append("\(name.htmlEscaped)=\"\(try value.escapedText())\"")
        }
        let text = parts.joined(separator: " ")
        return .string(try interpreter.charged(isSpaced && !text.isEmpty ? " " + text : text))
    }
}
