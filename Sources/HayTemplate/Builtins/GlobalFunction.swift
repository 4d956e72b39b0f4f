/// The functions that a template may call without being given them.
enum GlobalFunction: String, CaseIterable {
    case range, dict, namespace, cycler, joiner, lipsum, raise_exception, strftime_now

    var object: Object { NativeFunction(self) }
}

/// A global function as a value.
final class NativeFunction: Object {
    private let function: GlobalFunction

    init(_ function: GlobalFunction) { self.function = function }

    override var typeName: String { "function" }
    override var isCallable: Bool { true }

    override func write(to writer: inout ReprWriter) { writer.text += "<function \(function.rawValue)>" }

    override func isEqual(to other: Object) -> Bool { (other as? NativeFunction)?.function == function }

    override func attribute(_ name: String, _ interpreter: Interpreter) -> Value? {
        guard function == .dict, name == "fromkeys" else { return nil }
        return .object(
            NativeMethod(.object(self), name) { .dict(try $1.dictionary(fromKeys: $0)) })
    }

    override func call(_ arguments: Arguments, _ interpreter: Interpreter) throws -> Value {
        switch function {
        case .range: return .object(try range(arguments))
        case .dict: return .dict(try members("dict", arguments, interpreter))
        case .namespace:
            let namespace = Namespace(interpreter)
            let members = try members("namespace", arguments, interpreter)
            for (key, value) in zip(members.keys, members.values) {
                if let name = key.text { try namespace.set(name, interpreter.checked(value)) }
            }
            return .object(namespace)
        case .cycler:
            let items = try arguments.positional("cycler", 0 ... Int.max)
            guard !items.isEmpty else { throw TemplateError.value("at least one item has to be provided") }
            return .object(Cycler(items))
        case .joiner: return .object(Joiner(try arguments.bind("joiner", ["sep"])[0] ?? .string(", ")))
        case .lipsum: return try Lipsum.text(arguments, interpreter)
        case .raise_exception:
            let message = try arguments.bind("raise_exception", ["message"], required: 1)[0] ?? .null
            throw TemplateError(.raised, try message.printed())
        case .strftime_now:
            let format = try arguments.bind("strftime_now", ["format"], required: 1)[0] ?? .null
            let text = try format.textArgument("strftime()")
            return .string(try interpreter.charged(interpreter.currentTime.formatted(text)))
        }
    }

    private func range(_ arguments: Arguments) throws -> NumberRange {
        let values = try arguments.positional("range", 1 ... 3).map { try $0.integerArgument() }
        return switch values.count {
        case 1: try NumberRange(start: 0, stop: values[0], step: 1)
        case 2: try NumberRange(start: values[0], stop: values[1], step: 1)
        default: try NumberRange(start: values[0], stop: values[1], step: values[2])
        }
    }

    /// What `dict(…)` makes of a mapping or pairs, and keywords.
    private func members(_ name: String, _ arguments: Arguments, _ interpreter: Interpreter) throws -> Dict {
        let dict = Dict()
        if let source = try Arguments(positional: arguments.positional).positional(name, 0 ... 1).first {
            if case .dict(let other) = source {
                for (key, value) in zip(other.keys, other.values) { dict.set(key, value) }
            } else if case .object(let object) = source, let other = object as? Namespace {
                for (key, value) in zip(other.attributes.keys, other.attributes.values) { dict.set(key, value) }
            } else if case .undefined(let undefined) = source {
                throw undefined.error
            } else {
                for pair in try interpreter.elements(source) {
                    let parts = try interpreter.elements(pair)
                    guard parts.count == 2 else {
                        throw TemplateError.value("a dict is made of pairs; one has length \(parts.count)")
                    }
                    dict.set(try parts[0].hashable(), parts[1])
                }
            }
        }
        for (key, value) in arguments.keywords { dict.set(key, value) }
        try interpreter.charge(dict.count * 32)
        return dict
    }
}

/// What `cycler()` makes: values in turn.
final class Cycler: Object {
    private let items: Elements
    private var position = 0

    init(_ items: [Value]) { self.items = Elements(items) }

    override var typeName: String { "Cycler" }
    override var extent: Extent { items.extent }

    override func attribute(_ name: String, _ interpreter: Interpreter) -> Value? {
        switch name {
        case "current": return items.items[position]
        case "items": return .tuple(items)
        case "next":
            return .object(
                NativeMethod(.object(self), name) { [self] _, _ in
                    defer { position = (position + 1) % items.items.count }
                    return items.items[position]
                })
        case "reset":
            return .object(
                NativeMethod(.object(self), name) { [self] _, _ in
                    position = 0
                    return .null
                })
        default: return nil
        }
    }
}

/// What `joiner()` makes: nothing the first time it is called, the separator from then on.
final class Joiner: Object {
    private let separator: Value
    private var isUsed = false

    init(_ separator: Value) { self.separator = separator }

    override var typeName: String { "Joiner" }
    override var extent: Extent { separator.extent.nested }
    override var isCallable: Bool { true }

    override func call(_ arguments: Arguments, _ interpreter: Interpreter) -> Value {
        defer { isUsed = true }
        return isUsed ? separator : .string("")
    }
}
