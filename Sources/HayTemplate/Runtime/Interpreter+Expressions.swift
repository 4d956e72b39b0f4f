extension Interpreter {
    func evaluate(_ expression: Expression) throws -> Value {
        switch expression.kind {
        case .constant(let constant): return Value(constant)
        case .name(let name): return load(name)
        case .captured: return .string(captured)
        default: return try deeper { try evaluateTree(expression) }
        }
    }

    private func evaluateTree(_ expression: Expression) throws -> Value {
        switch expression.kind {
        case .constant, .name, .captured: return .null
        case .list(let items): return try checked(.list(try evaluate(items)))
        case .tuple(let items): return try checked(.tuple(try evaluate(items)))
        case .dict(let members): return try dict(members)
        case .sum(let terms): return try sum(terms, at: expression.place)
        case .binary(let operation, let left, let right):
            let (left, right) = (try evaluate(left), try evaluate(right))
            place = expression.place
            return try apply(operation, left, right)
        case .negative(let operand): return try negated(operand, at: expression.place)
        case .positive(let operand): return try positive(operand, at: expression.place)
        case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .compare(let first, let rest): return try compare(first, rest, at: expression.place)
        case .concatenation(let parts): return try concatenation(parts)
        case .conditional(let test, let value, let otherwise, let undefined):
            if try evaluate(test).isTrue { return try evaluate(value) }
            return try otherwise.map(evaluate) ?? .undefined(undefined)
        case .attribute(let value, let name): return try attribute(value, name, at: expression.place)
        case .item(let value, let key): return try item(value, key, at: expression.place)
        case .slice(let value, let slice): return try self.slice(value, slice, at: expression.place)
        case .call(let callee, let arguments): return try call(callee, arguments, at: expression.place)
        case .filter(let value, let filter, let arguments):
            return try apply(filter, to: value, arguments, at: expression.place)
        case .test(let value, let test, let arguments):
            return try apply(test, to: value, arguments, at: expression.place)
        }
    }

    func evaluate(_ expressions: [Expression]) throws -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        try charge(values.count * 16)
        return values
    }

    private func dict(_ members: [Expression.Member]) throws -> Value {
        let dict = Dict()
        for member in members {
            let key = try evaluate(member.key)
            place = member.key.place
            dict.set(try key.hashable(), try evaluate(member.value))
        }
        try charge(members.count * 32)
        return try checked(.dict(dict))
    }

    /// Adds from left to right; a text grows in place.
    private func sum(_ terms: [Expression], at place: Int) throws -> Value {
        var total = try evaluate(terms[0])
        var index = 1
        while index < terms.count {
            if case .string(var text) = total {
                total = .null
                while index < terms.count {
                    let value = try evaluate(terms[index])
                    guard case .string(let more) = value else {
                        self.place = place
                        total = try added(.string(text), value)
                        index += 1
                        break
                    }
                    text += more
                    index += 1
                    total = .unset
                }
                if case .unset = total { return .string(try charged(text)) }
            } else {
                let value = try evaluate(terms[index])
                self.place = place
                total = try added(total, value)
                index += 1
            }
        }
        return total
    }

    private func negated(_ operand: Expression, at place: Int) throws -> Value {
        let value = try evaluate(operand)
        self.place = place
        if case .float(let number) = value { return .float(-number) }
        guard let integer = try number(value, "bad operand type for unary -") else { return value }
        return try .int(checked(0.subtractingReportingOverflow(integer)))
    }

    private func positive(_ operand: Expression, at place: Int) throws -> Value {
        let value = try evaluate(operand)
        self.place = place
        if case .float = value { return value }
        return try number(value, "bad operand type for unary +").map(Value.int) ?? value
    }

    private func number(_ value: Value, _ message: String) throws -> Int? {
        if case .undefined(let undefined) = value { throw undefined.error }
        guard let integer = value.integer else {
            if value.largeInteger != nil { throw LargeInteger.error }
            throw TemplateError.type("\(message): '\(value.typeName)'")
        }
        return integer
    }

    private func compare(_ first: Expression, _ rest: [Expression.Comparand], at place: Int) throws -> Value {
        var left = try evaluate(first)
        for comparand in rest {
            let right = try evaluate(comparand.value)
            self.place = place
            try step(min(left.extent.weight, right.extent.weight) >> 4)
            if let text = left.text { try step(text.utf8.count >> 10) }
            guard try compare(left, comparand.comparison, right) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    private func concatenation(_ parts: [Expression]) throws -> Value {
        var text = ""
        for part in parts {
            let value = try evaluate(part)
            if let more = value.text { text += more } else { text += try value.printed() }
        }
        return .string(try charged(text))
    }
}

extension Value {
    fileprivate init(_ constant: Expression.Constant) {
        switch constant {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .float(let value): self = .float(value)
        case .string(let value): self = .string(value)
        }
    }
}
