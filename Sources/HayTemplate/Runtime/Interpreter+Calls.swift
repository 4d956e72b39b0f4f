extension Interpreter {
    /// A call; methods of strings, lists and dicts are called where they stand, without being made a value first.
    func call(_ callee: Expression, _ arguments: CallArguments, at place: Int) throws -> Value {
        guard case .attribute(let receiver, let attribute) = callee.kind else {
            let function = try evaluate(callee)
            let values = try evaluate(arguments)
            self.place = place
            return try call(function, values)
        }
        let value = try evaluate(receiver)
        if let method = attribute.stringMethod, value.text != nil {
            let values = try evaluate(arguments)
            self.place = place
            return try call(method, on: value, values)
        }
        if let method = attribute.dictMethod, !method.isMutating, case .dict(let dict) = value {
            let values = try evaluate(arguments)
            self.place = place
            return try call(method, on: dict, values)
        }
        self.place = callee.place
        let function = try self.attribute(of: value, attribute)
        let values = try evaluate(arguments)
        self.place = place
        return try call(function, values)
    }

    func call(_ function: Value, _ arguments: Arguments) throws -> Value {
        try step()
        switch function {
        case .undefined(let undefined): throw undefined.error
        case .object(let object): return try object.call(arguments, self)
        default: throw TemplateError.type("'\(function.typeName)' object is not callable")
        }
    }

    func evaluate(_ arguments: CallArguments) throws -> Arguments {
        if arguments.isEmpty { return Arguments() }
        var values = Arguments()
        for expression in arguments.positional { values.positional.append(try evaluate(expression)) }
        for (name, expression) in arguments.keywords { values.keywords.append((name, try evaluate(expression))) }
        if let list = arguments.unpackedList { values.positional += try elements(try evaluate(list)) }
        if let expression = arguments.unpackedDict {
            guard case .dict(let dict) = try evaluate(expression) else {
                throw TemplateError.type("argument after ** must be a mapping")
            }
            for (key, value) in zip(dict.keys, dict.values) {
                guard let name = key.text else { throw TemplateError.type("keywords must be strings") }
                guard !values.keywords.contains(where: { $0.name == name }) else {
                    throw TemplateError.type("got multiple values for keyword argument '\(name)'")
                }
                values.keywords.append((name, value))
            }
        }
        return values
    }

    func apply(_ filter: Filter, to value: Expression, _ arguments: CallArguments, at place: Int) throws -> Value {
        let value = try evaluate(value)
        let values = try evaluate(arguments)
        self.place = place
        return try apply(filter, to: value, values)
    }

    func apply(_ filter: Filter, to value: Value, _ arguments: Arguments) throws -> Value {
        guard let function = filter.function else {
            throw TemplateError(.syntax, Filter.unknown(filter.name))
        }
        if filter.isPlain, !arguments.isEmpty {
            throw TemplateError.type("the filter '\(filter.name)' takes no arguments")
        }
        if filter.walksValue { try walk(value) }
        return try function(self, value, arguments)
    }

    func apply(_ test: Test, to value: Expression, _ arguments: CallArguments, at place: Int) throws -> Value {
        let value = try evaluate(value)
        let values = try evaluate(arguments)
        self.place = place
        return .bool(try apply(test, to: value, values))
    }

    func apply(_ test: Test, to value: Value, _ arguments: Arguments) throws -> Bool {
        guard let function = test.function else {
            throw TemplateError(.syntax, "No test named '\(test.name)' found.")
        }
        if value.text != nil { try walk(value) }
        return try function(self, value, arguments)
    }
}
