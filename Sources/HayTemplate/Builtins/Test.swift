/// A test by its name; without a function when there is no such test.
struct Test: Sendable {
    typealias Function = @Sendable (Interpreter, Value, Arguments) throws -> Bool

    let name: String
    let function: Function?

    init(_ name: String) {
        self.name = name
        function = Test.functions[name]
    }

    /// A test that takes nothing but the value.
    private static func plain(_ holds: @escaping @Sendable (Value) throws -> Bool) -> Function {
        { _, value, arguments in
            guard arguments.isEmpty else { throw TemplateError.type("the test takes no arguments") }
            return try holds(value)
        }
    }

    /// All tests of Jinja.
    static let functions: [String: Function] = [
        "defined": plain { value in !value.isUndefined },
        "undefined": plain { value in value.isUndefined },
        "none": plain { value in value.isNull },
        "boolean": plain { value in if case .bool = value { true } else { false } },
        "true": plain { value in if case .bool(true) = value { true } else { false } },
        "false": plain { value in if case .bool(false) = value { true } else { false } },
        "integer": plain { value in if case .int = value { true } else { value.largeInteger != nil } },
        "float": plain { value in if case .float = value { true } else { false } },
        "number": plain { value in value.number != nil || value.largeInteger != nil },
        "string": plain { value in value.text != nil },
        "mapping": plain { value in if case .dict = value { true } else { false } },
        "sequence": plain { value in value.isSequence },
        "iterable": plain { value in value.isIterable },
        "callable": plain { value in value.isCallable },
        "escaped": plain { value in value.isMarkup },
        "lower": plain { value in try value.printed().isAll(uppercase: false) },
        "upper": plain { value in try value.printed().isAll(uppercase: true) },
        "odd": { interpreter, value, arguments in
            _ = try arguments.positional("odd", 0 ... 0)
            return try interpreter.remainder(value, .int(2)).isEqual(to: .int(1))
        },
        "even": { interpreter, value, arguments in
            _ = try arguments.positional("even", 0 ... 0)
            return try interpreter.remainder(value, .int(2)).isEqual(to: .int(0))
        },
        "divisibleby": { interpreter, value, arguments in
            let divisor = try arguments.bind("divisibleby", ["num"], required: 1)[0] ?? .null
            return try interpreter.remainder(value, divisor).isEqual(to: .int(0))
        },
        "filter": plain { value in try value.hashable().text.map { Filter($0).function != nil } ?? false },
        "test": plain { value in try value.hashable().text.map { Test($0).function != nil } ?? false },
        "sameas": { _, value, arguments in
            value.isIdentical(to: try arguments.bind("sameas", ["other"], required: 1)[0] ?? .null)
        },
        "in": { interpreter, value, arguments in
            try interpreter.contains(try arguments.bind("in", ["seq"], required: 1)[0] ?? .null, value)
        },
        "==": comparison(.equal), "eq": comparison(.equal), "equalto": comparison(.equal),
        "!=": comparison(.notEqual), "ne": comparison(.notEqual),
        ">": comparison(.greater), "gt": comparison(.greater), "greaterthan": comparison(.greater),
        ">=": comparison(.greaterOrEqual), "ge": comparison(.greaterOrEqual),
        "<": comparison(.less), "lt": comparison(.less), "lessthan": comparison(.less),
        "<=": comparison(.lessOrEqual), "le": comparison(.lessOrEqual),
    ]

    private static func comparison(_ comparison: Comparison) -> Function {
        { interpreter, value, arguments in
            let other = try arguments.positional(comparison.rawValue, 1 ... 1)[0]
            return try interpreter.compare(value, comparison, other)
        }
    }
}

extension Interpreter {
    fileprivate func remainder(_ value: Value, _ divisor: Value) throws -> Value {
        if case .undefined(let undefined) = value { throw undefined.error }
        return try apply(.modulo, value, divisor)
    }
}

extension Value {
    /// Whether elements can be counted and asked for by number or key.
    fileprivate var isSequence: Bool {
        switch self {
        case .undefined, .string, .markup, .list, .tuple, .dict: true
        case .object(let object): object.isSequence
        default: false
        }
    }

    fileprivate var isIterable: Bool {
        switch self {
        case .undefined, .string, .markup, .list, .tuple, .dict: true
        case .object(let object): object is Generator || object is DictView || object.isSequence
        default: false
        }
    }

    fileprivate var isCallable: Bool {
        switch self {
        case .undefined: true
        case .object(let object): object.isCallable
        default: false
        }
    }
}
