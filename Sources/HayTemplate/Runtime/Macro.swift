/// A macro, or the body of a call block, with the variables around it.
final class Macro: Object {
    private let definition: MacroDefinition
    private let frame: Frame

    init(_ definition: MacroDefinition, _ frame: Frame, _ interpreter: Interpreter) {
        self.definition = definition
        self.frame = frame
        super.init()
        interpreter.own(frame)
    }

    override var typeName: String { "Macro" }
    override var isCallable: Bool { true }

    override func write(to writer: inout ReprWriter) {
        writer.text += "<Macro \(definition.name?.pythonQuoted ?? "anonymous")>"
    }

    override func attribute(_ name: String, _ interpreter: Interpreter) -> Value? {
        switch name {
        case "name": definition.name.map { .string($0) } ?? Value.null
        case "arguments": .tuple(definition.parameters.map { .string($0.name) })
        case "catch_kwargs": .bool(definition.keywordsSlot != nil)
        case "catch_varargs": .bool(definition.positionalSlot != nil)
        case "caller": .bool(definition.callerSlot != nil)
        default: nil
        }
    }

    override func call(_ arguments: Arguments, _ interpreter: Interpreter) throws -> Value {
        .string(try text(arguments, interpreter))
    }

    /// What the macro writes.
    func text(_ arguments: Arguments, _ interpreter: Interpreter) throws -> String {
        try interpreter.charge(definition.scope.function.slotCount * 16)
        let inner = Frame(slotCount: definition.scope.function.slotCount, parent: frame)
        let outer = interpreter.frame
        interpreter.frame = inner
        defer { interpreter.frame = outer }
        interpreter.enter(definition.scope)
        try bind(arguments, in: inner, interpreter)
        return try interpreter.deeper { try interpreter.capture { _ = try interpreter.run(definition.body) } }
    }

    private func bind(_ arguments: Arguments, in inner: Frame, _ interpreter: Interpreter) throws {
        var keywords = arguments.keywords
        func take(_ name: String) -> Value? {
            keywords.firstIndex { $0.name == name }.map { keywords.remove(at: $0).value }
        }
        let parameters = definition.parameters
        for (index, parameter) in parameters.enumerated() {
            let value = index < arguments.positional.count ? arguments.positional[index] : take(parameter.name)
            if let value { inner.slots[parameter.slot] = try interpreter.checked(value) }
        }
        if let slot = definition.callerSlot { inner.slots[slot] = take("caller") ?? .hint("No caller defined") }
        if let slot = definition.keywordsSlot {
            let dict = Dict()
            for (name, value) in keywords { dict.set(name, value) }
            inner.slots[slot] = .dict(dict)
        } else if let unknown = keywords.first {
            if unknown.name == "caller" {
                throw TemplateError.type(
                    "macro \(nameInErrors) was invoked with two values for the special caller argument. This is most "
                        + "likely a bug.")
            }
            throw TemplateError.type("macro \(nameInErrors) takes no keyword argument '\(unknown.name)'")
        }
        let rest = arguments.positional.dropFirst(parameters.count)
        if let slot = definition.positionalSlot {
            inner.slots[slot] = .tuple(Array(rest))
        } else if !rest.isEmpty {
            throw TemplateError.type("macro \(nameInErrors) takes not more than \(parameters.count) argument(s)")
        }
        for parameter in parameters {
            guard case .unset = inner.slots[parameter.slot] else { continue }
            inner.slots[parameter.slot] =
                try parameter.fallback.map(interpreter.evaluate)
                ?? .hint("parameter '\(parameter.name)' was not provided")
        }
    }

    private var nameInErrors: String { definition.name?.pythonQuoted ?? "None" }
}
