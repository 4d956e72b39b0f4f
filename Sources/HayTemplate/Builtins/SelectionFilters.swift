/// Filters that pick elements or look something up in each; they work when an element is asked for.
enum SelectionFilters {
    static let all: [String: Filter.Function] = [
        "select": selection("select", isKept: true, hasAttribute: false),
        "reject": selection("reject", isKept: false, hasAttribute: false),
        "selectattr": selection("selectattr", isKept: true, hasAttribute: true),
        "rejectattr": selection("rejectattr", isKept: false, hasAttribute: true),
        "map": map, "attr": attribute,
    ]

    private static func selection(_ name: String, isKept: Bool, hasAttribute: Bool) -> Filter.Function {
        { interpreter, value, arguments in
            guard value.isTrue else { return empty }
            var rest = arguments
            var path = Interpreter.AttributePath(nil)
            if hasAttribute {
                guard let attribute = rest.positional.first else {
                    throw TemplateError.type("Missing parameter for attribute name")
                }
                path = Interpreter.AttributePath(attribute)
                rest.positional.removeFirst()
            }
            var test: Test?
            if let name = rest.positional.first {
                test = Test(try name.textArgument("test"))
                rest.positional.removeFirst()
            }
            let (found, others) = (test, rest)
            return try generator(over: value) { interpreter, item in
                let looked = try interpreter.look(path, in: item)
                let holds = try found.map { try interpreter.apply($0, to: looked, others) } ?? looked.isTrue
                return holds == isKept ? item : nil
            }
        }
    }

    private static func map(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        guard value.isTrue else { return empty }
        if arguments.positional.isEmpty, arguments.keywords.contains(where: { $0.name == "attribute" }) {
            let values = try arguments.bind("map", ["attribute", "default"])
            var path = Interpreter.AttributePath(values[0])
            if let fallback = values[1], !fallback.isNull { path.fallback = fallback }
            let looked = path
            return try generator(over: value) { interpreter, item in try interpreter.look(looked, in: item) }
        }
        guard let name = arguments.positional.first else {
            throw TemplateError.type("map requires a filter argument")
        }
        let filter = Filter(try name.textArgument("map"))
        let rest = Arguments(positional: Array(arguments.positional.dropFirst()), keywords: arguments.keywords)
        return try generator(over: value) { interpreter, item in try interpreter.apply(filter, to: item, rest) }
    }

    private static func attribute(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let name = try (try arguments.bind("attr", ["name"], required: 1)[0] ?? .null).textArgument("attr")
        if case .dict(let dict) = value, DictMethod(rawValue: name) == nil, dict[name] != nil {
            return .undefined(Undefined(.attribute(name, of: value.typeDescription)))
        }
        return try interpreter.attribute(of: value, Attribute(name))
    }

    private static var empty: Value { .object(Generator(over: .null) { _ in nil }) }

    /// The elements that `pick` gives a value for, each looked at when it is asked for.
    private static func generator(
        over value: Value, _ pick: @escaping (Interpreter, Value) throws -> Value?
    ) throws -> Value {
        var items: ValueIterator?
        return .object(
            Generator(over: value) { interpreter in
                if items == nil { items = try interpreter.iterator(value) }
                guard items != nil else { throw TemplateError.type("'\(value.typeName)' object is not iterable") }
                while let item = try items?.next(interpreter) {
                    try interpreter.step()
                    if let picked = try pick(interpreter, item) { return picked }
                }
                return nil
            })
    }
}
