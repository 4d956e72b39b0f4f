extension Parser {
    /// The statement of a tag, whose name is the current token; nil when there is no such tag.
    mutating func statement(_ tag: String) throws -> [Statement]? {
        let place = place
        switch tag {
        case "if": return [try branch()]
        case "for": return [try loop()]
        case "set": return [try assignment()]
        case "macro": return [try macro()]
        case "call": return [try callBlock()]
        case "filter": return [try filterBlock()]
        case "with": return [try with()]
        case "print": return try printed()
        case "generation": return [try generation()]
        case "block": return [try block()]
        case "break", "continue":
            advance()
            guard loopCount > 0 else { throw error("'\(tag)' outside loop", at: place) }
            return [tag == "break" ? .breakLoop : .continueLoop]
        case "extends", "include", "import", "from", "autoescape":
            throw error("the tag '\(tag)' is not supported: a chat template stands alone", at: place)
        default: return nil
        }
    }

    private mutating func branch() throws -> Statement {
        let outer = isConditional
        defer { isConditional = outer }
        var branches: [(test: Expression, body: [Statement])] = []
        let firstUnknown = unknownNames.count
        while true {
            advance()
            let test = try tuple(allowsConditional: false)
            isConditional = true
            let body = try body(until: "elif", "else", "endif")
            branches.append((test, body))
            if !isWord("elif") { break }
        }
        var otherwise: [Statement] = []
        if take(word: "else") { otherwise = try body(until: "endif") }
        advance()
        forgetUnknownNames(since: firstUnknown)
        return .branch(branches, otherwise: otherwise)
    }

    private mutating func loop() throws -> Statement {
        let place = place
        advance()
        let names = try targetNames(until: "in")
        guard take(word: "in") else { throw unexpected(expected: "in") }
        let iterable = try tuple(allowsConditional: false, until: "recursive")
        let condition = try loopCondition(names)
        let isRecursive = take(word: "recursive")
        let bodyScope = openScope(function: isRecursive)
        var target = Target.tuple([], place: place)
        let body = try within(bodyScope) { parser in
            target = try parser.declare(names)
            parser.loopCount += 1
            return try parser.body(until: "endfor", "else")
        }
        let loopSlot = isRecursive || bodyScope.uses(special: "loop") ? bodyScope.addParameter("loop") : nil
        let elseScope = openScope()
        var elseBody: [Statement] = []
        if take(word: "else") {
            elseBody = try within(elseScope) { parser in try parser.body(until: "endfor") }
        }
        advance()
        let loop = ForLoop(
            target: target, iterable: iterable, place: place, condition: condition, scope: bodyScope,
            loopSlot: loopSlot, body: body, elseScope: elseScope, elseBody: elseBody, isRecursive: isRecursive)
        return .loop(loop)
    }

    private mutating func loopCondition(
        _ names: TargetNames
    ) throws -> (scope: Scope, target: Target, test: Expression)? {
        guard take(word: "if") else { return nil }
        return try inScope { parser, inner in
            let target = try parser.declare(names)
            return (inner, target, try parser.expression())
        }
    }

    private mutating func assignment() throws -> Statement {
        advance()
        let names = try targetNames(allowsAttributes: true)
        if take(.assign) {
            let value = try tuple()
            return .assign(try store(names), value)
        }
        let target = try store(names)
        let block = try inScope { parser, inner in
            let captured = Expression(.captured, at: parser.place, depth: 1)
            let filter = try parser.filters(captured)
            let body = try parser.body(until: "endset")
            return AssignBlock(target: target, scope: inner, filter: filter === captured ? nil : filter, body: body)
        }
        advance()
        return .assignBlock(block)
    }

    private mutating func filterBlock() throws -> Statement {
        advance()
        let statement = try inScope { parser, inner in
            let captured = Expression(.captured, at: parser.place, depth: 1)
            let filter = try parser.filters(try parser.filter(captured))
            return Statement.filterBlock(inner, filter: filter, body: try parser.body(until: "endfilter"))
        }
        advance()
        return statement
    }

    private mutating func with() throws -> Statement {
        advance()
        var names: [TargetNames] = []
        var values: [Expression] = []
        while current.kind != .blockEnd, current.kind != .symbol(.colon) {
            if !names.isEmpty { try expect(.comma) }
            names.append(try targetNames())
            try expect(.assign)
            values.append(try expression())
        }
        let statement = try inScope { parser, inner in
            let targets = try names.map { try parser.declare($0) }
            let body = try parser.body(until: "endwith")
            return Statement.with(inner, zip(targets, values).map { ($0, $1) }, body: body)
        }
        advance()
        return statement
    }

    /// What the assistant writes is the body of a macro that is called where it stands.
    private mutating func generation() throws -> Statement {
        advance()
        let inner = openScope(function: true)
        return .generation(
            try within(inner) { parser in
                try parser.definition(named: nil, parameters: [], closedBy: "endgeneration")
            })
    }

    /// A block is rendered where it stands, but sees the template's variables only, unless it is `scoped`.
    private mutating func block() throws -> Statement {
        let place = place
        advance()
        let name = try expectName()
        let isScoped = take(word: "scoped")
        let isRequired = take(word: "required")
        guard blocks[name] == nil else { throw error("block '\(name)' defined twice", at: place) }
        let inner = isScoped ? openScope(function: true) : openBlockScope()
        let block = BlockDefinition(name: name, scope: inner, isScoped: isScoped, isRequired: isRequired)
        blocks[name] = block
        block.body = try within(inner) { parser in try parser.body(until: "endblock") }
        advance()
        _ = take(word: name)
        let isBlank = block.body.allSatisfy {
            if case .text(let text) = $0 { text.isAll(\.isPythonSpace) } else { false }
        }
        if isRequired, !isBlank { throw error("Required blocks can only contain comments or whitespace", at: place) }
        return .block(block)
    }

    private mutating func printed() throws -> [Statement] {
        advance()
        var statements: [Statement] = []
        while current.kind != .blockEnd {
            if !statements.isEmpty { try expect(.comma) }
            statements.append(.output(try expression()))
        }
        return statements
    }

    private mutating func macro() throws -> Statement {
        advance()
        let name = Name(try expectName())
        scope.store(name, isConditional: isConditional)
        let definition = try inScope(function: true) { parser, _ in
            try parser.definition(named: name.text, parameters: try parser.signature(), closedBy: "endmacro")
        }
        return .macro(name, definition)
    }

    private mutating func callBlock() throws -> Statement {
        advance()
        let inner = openScope(function: true)
        let parameters =
            current.kind == .symbol(.leftParenthesis) ? try within(inner) { parser in try parser.signature() } : []
        let place = place
        let call = try expression()
        guard case .call = call.kind else { throw error("expected call", at: place) }
        let definition = try within(inner) { parser in
            try parser.definition(named: nil, parameters: parameters, closedBy: "endcall")
        }
        return .callBlock(call: call, body: definition)
    }

    /// The parameters of a macro; all are known before the first default is read.
    private mutating func signature() throws -> [MacroDefinition.Parameter] {
        try expect(.leftParenthesis)
        var parameters: [MacroDefinition.Parameter] = []
        while current.kind != .symbol(.rightParenthesis) {
            if !parameters.isEmpty { try expect(.comma) }
            let name = try expectName()
            let fallback = take(.assign) ? try expression() : nil
            if fallback == nil, parameters.last?.fallback != nil {
                throw error("non-default argument follows default argument")
            }
            parameters.append(.init(name: name, slot: scope.addParameter(name), fallback: fallback))
        }
        try expect(.rightParenthesis)
        return parameters
    }

    private mutating func definition(
        named name: String?, parameters: [MacroDefinition.Parameter], closedBy tag: String
    ) throws -> MacroDefinition {
        let place = place
        let body = try body(until: tag)
        advance()
        func special(_ name: String) -> Int? {
            if parameters.contains(where: { $0.name == name }) { return nil }
            return scope.uses(special: name) ? scope.addParameter(name) : nil
        }
        if scope.uses(special: "caller"), parameters.contains(where: { $0.name == "caller" && $0.fallback == nil }) {
            throw error(
                "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a "
                    + "default.", at: place)
        }
        return MacroDefinition(
            name: name, parameters: parameters, callerSlot: special("caller"), keywordsSlot: special("kwargs"),
            positionalSlot: special("varargs"), scope: scope, body: body)
    }
}
