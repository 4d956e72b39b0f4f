extension Parser {
    /// Attributes, items and calls after a value.
    mutating func postfix(_ value: Expression) throws -> Expression {
        var value = value
        while true {
            switch current.kind {
            case .symbol(.dot): value = try attribute(of: value)
            case .symbol(.leftBracket): value = try item(of: value)
            case .symbol(.leftParenthesis): value = try call(value)
            default: return value
            }
        }
    }

    /// Filters, tests and calls after a value.
    mutating func filtersAndTests(_ value: Expression) throws -> Expression {
        var value = value
        while true {
            switch current.kind {
            case .symbol(.pipe):
                advance()
                value = try filter(value)
            case .name("is"): value = try test(value)
            case .symbol(.leftParenthesis): value = try call(value)
            default: return value
            }
        }
    }

    private mutating func attribute(of value: Expression) throws -> Expression {
        advance()
        let place = place
        switch current.kind {
        case .name(let name):
            advance()
            return try node(.attribute(value, Attribute(name)), at: place, [value])
        case .integer(let index):
            advance()
            return try node(.item(value, constant(.int(index), at: place)), at: place, [value])
        default: throw error("expected name or number")
        }
    }

    private mutating func item(of value: Expression) throws -> Expression {
        advance()
        let place = place
        var keys: [Expression] = []
        var slice: Expression.Slice?
        while current.kind != .symbol(.rightBracket) {
            if !keys.isEmpty || slice != nil { try expect(.comma) }
            if slice != nil { throw error("a slice cannot be part of a tuple", at: place) }
            let start = current.kind == .symbol(.colon) ? nil : try expression()
            if current.kind == .symbol(.colon), keys.isEmpty {
                slice = try self.slice(from: start)
            } else if let start {
                keys.append(start)
            }
        }
        advance()
        if let slice {
            let parts = [slice.start, slice.stop, slice.step].compactMap { $0 }
            return try node(.slice(value, slice), at: place, [value] + parts)
        }
        let key = keys.count == 1 ? keys[0] : try node(.tuple(keys), at: place, keys)
        return try node(.item(value, key), at: place, [value, key])
    }

    private mutating func slice(from start: Expression?) throws -> Expression.Slice {
        var slice = Expression.Slice(start: start)
        advance()
        if !isSliceEnd, current.kind != .symbol(.colon) { slice.stop = try expression() }
        if take(.colon), !isSliceEnd { slice.step = try expression() }
        return slice
    }

    private var isSliceEnd: Bool { current.kind == .symbol(.rightBracket) || current.kind == .symbol(.comma) }

    private mutating func call(_ value: Expression) throws -> Expression {
        let place = place
        let arguments = try arguments()
        return try node(.call(value, arguments), at: place, [value] + arguments.expressions)
    }

    /// Filters with their pipes.
    mutating func filters(_ value: Expression) throws -> Expression {
        var value = value
        while take(.pipe) { value = try filter(value) }
        return value
    }

    /// A filter, from its name on.
    mutating func filter(_ value: Expression) throws -> Expression {
        let place = place
        let name = try dottedName()
        let arguments = current.kind == .symbol(.leftParenthesis) ? try arguments() : CallArguments()
        let filter = Filter(name)
        if filter.function == nil { unknownNames.append((Filter.unknown(name), place, scope)) }
        return try node(.filter(value, filter, arguments), at: place, [value] + arguments.expressions)
    }

    private mutating func test(_ value: Expression) throws -> Expression {
        advance()
        let isNegated = take(word: "not")
        let place = place
        let name = try dottedName()
        let arguments = try testArguments()
        let test = Test(name)
        if test.function == nil { unknownNames.append(("No test named '\(name)'.", place, scope)) }
        let result = try node(.test(value, test, arguments), at: place, [value] + arguments.expressions)
        return isNegated ? try node(.not(result), at: place, [result]) : result
    }

    /// The arguments of a test: in parentheses, or one value without them.
    private mutating func testArguments() throws -> CallArguments {
        switch current.kind {
        case .symbol(.leftParenthesis): return try arguments()
        case .name("else"), .name("or"), .name("and"): return CallArguments()
        case .name("is"): throw error("You cannot chain multiple tests with is")
        case .name, .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace):
            return CallArguments(positional: [try postfix(try primary())])
        default: return CallArguments()
        }
    }

    private mutating func dottedName() throws -> String {
        var name = try expectName()
        while take(.dot) { name += "." + (try expectName()) }
        return name
    }

    private mutating func arguments() throws -> CallArguments {
        let place = place
        var arguments = CallArguments()
        try expect(.leftParenthesis)
        while current.kind != .symbol(.rightParenthesis) {
            if !arguments.isEmpty {
                try expect(.comma)
                if current.kind == .symbol(.rightParenthesis) { break }
            }
            guard try argument(&arguments) else {
                throw error("invalid syntax for function call expression", at: place)
            }
        }
        advance()
        return arguments
    }

    /// Reads one argument; false when it must not stand after those before it.
    private mutating func argument(_ arguments: inout CallArguments) throws -> Bool {
        if take(.multiply) {
            guard arguments.unpackedList == nil, arguments.unpackedDict == nil else { return false }
            arguments.unpackedList = try expression()
        } else if take(.power) {
            guard arguments.unpackedDict == nil else { return false }
            arguments.unpackedDict = try expression()
        } else if case .name(let name) = current.kind, next.kind == .symbol(.assign) {
            guard arguments.unpackedDict == nil else { return false }
            advance()
            advance()
            guard !arguments.keywords.contains(where: { $0.name == name }) else {
                throw error("keyword argument repeated: \(name)")
            }
            arguments.keywords.append((name, try expression()))
        } else {
            guard arguments.unpackedList == nil, arguments.unpackedDict == nil, arguments.keywords.isEmpty else {
                return false
            }
            arguments.positional.append(try expression())
        }
        return true
    }
}

extension CallArguments {
    /// All expressions within.
    fileprivate var expressions: [Expression] {
        positional + keywords.map(\.value) + [unpackedList, unpackedDict].compactMap { $0 }
    }
}
