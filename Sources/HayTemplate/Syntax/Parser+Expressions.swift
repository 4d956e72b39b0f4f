extension Parser {
    /// An expression, or a tuple where a comma follows; `until` is a word that ends it.
    mutating func tuple(
        allowsConditional: Bool = true, until end: String? = nil, inParentheses: Bool = false
    ) throws -> Expression {
        let place = place
        var elements: [Expression] = []
        var isTuple = false
        while !isTupleEnd(end) {
            elements.append(try allowsConditional ? expression() : or())
            guard take(.comma) else { break }
            isTuple = true
        }
        if !isTuple {
            if let only = elements.first { return only }
            guard inParentheses else { throw error("Expected an expression, got '\(current.kind.description)'") }
        }
        return try node(.tuple(elements), at: place, elements)
    }

    private func isTupleEnd(_ end: String?) -> Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
        default: end.map(isWord) ?? false
        }
    }

    /// An expression with its inline `if`s.
    mutating func expression() throws -> Expression {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Parser.maximumNesting else { throw error("nested deeper than \(Parser.maximumNesting)") }
        let place = place
        let firstUnknown = unknownNames.count
        var value = try or()
        while take(word: "if") {
            let test = try or()
            let otherwise = take(word: "else") ? try expression() : nil
            let line = source.position(of: place).line
            let undefined = Undefined(
                .hint(
                    "the inline if-expression on line \(line) evaluated to false and no else section was defined."))
            value = try node(
                .conditional(test: test, then: value, otherwise: otherwise, undefined: undefined), at: place,
                [test, value] + (otherwise.map { [$0] } ?? []))
            forgetUnknownNames(since: firstUnknown)
        }
        return value
    }

    /// A name that stands under a condition is only looked up when it is reached.
    mutating func forgetUnknownNames(since first: Int) {
        let inner = unknownNames[first...].filter { $0.scope !== scope }
        unknownNames.replaceSubrange(first..., with: inner)
    }

    private mutating func or() throws -> Expression {
        let place = place
        var left = try and()
        while take(word: "or") {
            let right = try and()
            left = try node(.or(left, right), at: place, [left, right])
        }
        return left
    }

    private mutating func and() throws -> Expression {
        let place = place
        var left = try not()
        while take(word: "and") {
            let right = try not()
            left = try node(.and(left, right), at: place, [left, right])
        }
        return left
    }

    private mutating func not() throws -> Expression {
        let place = place
        guard take(word: "not") else { return try comparison() }
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Parser.maximumNesting else { throw error("nested deeper than \(Parser.maximumNesting)") }
        let value = try not()
        return try node(.not(value), at: place, [value])
    }

    private mutating func comparison() throws -> Expression {
        let place = place
        let first = try sum()
        var rest: [Expression.Comparand] = []
        while let comparison = takeComparison() { rest.append(.init(comparison: comparison, value: try sum())) }
        if rest.isEmpty { return first }
        return try node(.compare(first, rest), at: place, [first] + rest.map(\.value))
    }

    private mutating func takeComparison() -> Comparison? {
        switch current.kind {
        case .symbol(let symbol):
            guard let comparison = Comparison(rawValue: symbol.rawValue) else { return nil }
            advance()
            return comparison
        case .name("in"):
            advance()
            return .contained
        case .name("not"):
            guard next.kind == .name("in") else { return nil }
            advance()
            advance()
            return .notContained
        default: return nil
        }
    }

    private mutating func sum() throws -> Expression {
        let place = place
        var terms = [try concatenation()]
        func total(_ parser: Parser) throws -> Expression {
            terms.count == 1 ? terms[0] : try parser.node(.sum(terms), at: place, terms)
        }
        while true {
            if take(.add) {
                terms.append(try concatenation())
            } else if take(.subtract) {
                let left = try total(self)
                let right = try concatenation()
                terms = [try node(.binary(.subtract, left, right), at: place, [left, right])]
            } else {
                return try total(self)
            }
        }
    }

    private mutating func concatenation() throws -> Expression {
        let place = place
        var parts = [try product()]
        while take(.tilde) { parts.append(try product()) }
        return parts.count == 1 ? parts[0] : try node(.concatenation(parts), at: place, parts)
    }

    private mutating func product() throws -> Expression {
        let place = place
        var left = try power()
        while case .symbol(let symbol) = current.kind, [.multiply, .divide, .floorDivide, .modulo].contains(symbol),
            let operation = BinaryOperator(rawValue: symbol.rawValue)
        {
            advance()
            let right = try power()
            left = try node(.binary(operation, left, right), at: place, [left, right])
        }
        return left
    }

    private mutating func power() throws -> Expression {
        let place = place
        var left = try unary()
        while take(.power) {
            let right = try unary()
            left = try node(.binary(.power, left, right), at: place, [left, right])
        }
        return left
    }

    private mutating func unary(withFilters: Bool = true) throws -> Expression {
        let place = place
        var value: Expression
        if current.kind == .symbol(.subtract) || current.kind == .symbol(.add) {
            nesting += 1
            defer { nesting -= 1 }
            guard nesting <= Parser.maximumNesting else { throw error("nested deeper than \(Parser.maximumNesting)") }
            let isNegative = take(.subtract)
            if !isNegative { advance() }
            let operand = try unary(withFilters: false)
            value = try node(isNegative ? .negative(operand) : .positive(operand), at: place, [operand])
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return withFilters ? try filtersAndTests(value) : value
    }

    mutating func primary() throws -> Expression {
        let place = place
        switch current.kind {
        case .name(let text):
            advance()
            return named(text, at: place)
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                advance()
                text += more
            }
            return constant(.string(text), at: place)
        case .integer(let value):
            advance()
            return constant(.int(value), at: place)
        case .float(let value):
            advance()
            return constant(.float(value), at: place)
        case .symbol(.leftParenthesis):
            advance()
            let value = try tuple(inParentheses: true)
            try expect(.rightParenthesis)
            return value
        case .symbol(.leftBracket): return try list()
        case .symbol(.leftBrace): return try dict()
        default: throw error("unexpected '\(current.kind.description)'")
        }
    }

    private func named(_ text: String, at place: Int) -> Expression {
        switch text {
        case "true", "True": return constant(.bool(true), at: place)
        case "false", "False": return constant(.bool(false), at: place)
        case "none", "None": return constant(.null, at: place)
        default:
            let name = Name(text)
            scope.load(name)
            return Expression(.name(name), at: place, depth: 1)
        }
    }

    private mutating func list() throws -> Expression {
        let place = place
        advance()
        var elements: [Expression] = []
        while current.kind != .symbol(.rightBracket) {
            elements.append(try expression())
            if current.kind != .symbol(.rightBracket) { try expect(.comma) }
        }
        advance()
        return try node(.list(elements), at: place, elements)
    }

    private mutating func dict() throws -> Expression {
        let place = place
        advance()
        var members: [Expression.Member] = []
        while current.kind != .symbol(.rightBrace) {
            let key = try expression()
            try expect(.colon)
            members.append(.init(key: key, value: try expression()))
            if current.kind != .symbol(.rightBrace) { try expect(.comma) }
        }
        advance()
        return try node(.dict(members), at: place, members.flatMap { [$0.key, $0.value] })
    }

    func constant(_ value: Expression.Constant, at place: Int) -> Expression {
        Expression(.constant(value), at: place, depth: 1)
    }

    /// An expression over others, which must not make too deep a tree.
    func node(_ kind: Expression.Kind, at place: Int, _ parts: [Expression]) throws -> Expression {
        let depth = parts.reduce(0) { max($0, $1.depth) } + 1
        guard depth <= Parser.maximumDepth else {
            throw error("an expression is nested deeper than \(Parser.maximumDepth)", at: place)
        }
        return Expression(kind, at: place, depth: depth)
    }
}
