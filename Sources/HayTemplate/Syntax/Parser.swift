/// Reads tokens into statements and notes the names in their scopes.
struct Parser {
    let source: Source
    private let tokens: [Token]
    private var index = 0
    var scope: Scope
    private(set) var scopes: [Scope]
    /// Filters and tests that there are not; an error unless they turn out to stand under a condition.
    var unknownNames: [(message: String, place: Int, scope: Scope)] = []
    /// Whether the statements being read stand under an `if` of the same scope.
    var isConditional = false
    /// How many loops of the same function the statements being read stand in.
    var loopCount = 0
    var nesting = 0
    private var openTags: [String] = []
    /// The blocks so far, by name.
    var blocks: [String: BlockDefinition] = [:]

    /// The deepest nesting of statements, and of brackets in an expression.
    static let maximumNesting = 100
    /// The deepest tree of an expression.
    static let maximumDepth = 200

    init(_ source: Source) throws {
        self.source = source
        tokens = try Lexer.tokens(of: source)
        scope = Scope(parent: nil, function: FunctionScope(level: 0))
        scopes = [scope]
    }

    /// Reads the whole template.
    static func program(of source: Source) throws -> Program {
        var parser = try Parser(source)
        let root = parser.scope
        let body = try parser.statements(until: [])
        try parser.checkUnknownNames()
        var names: [String] = []
        var indices: [String: Int] = [:]
        for scope in parser.scopes {
            scope.resolve { name in
                if let index = indices[name] { return index }
                indices[name] = names.count
                names.append(name)
                return names.count - 1
            }
        }
        return Program(source: source, scope: root, body: body, contextNames: names, blocks: parser.blocks)
    }

    private func checkUnknownNames() throws {
        if let unknown = unknownNames.first { throw error(unknown.message, at: unknown.place) }
    }

    // MARK: Tokens

    var current: Token { tokens[index] }
    var next: Token { tokens[min(index + 1, tokens.count - 1)] }
    var place: Int { current.place }

    mutating func advance() { if index < tokens.count - 1 { index += 1 } }

    mutating func take(_ symbol: Token.Symbol) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func take(word: String) -> Bool {
        guard isWord(word) else { return false }
        advance()
        return true
    }

    func isWord(_ word: String) -> Bool { current.kind == .name(word) }

    mutating func expect(_ kind: Token.Kind) throws {
        guard current.kind == kind else { throw unexpected(expected: kind.description) }
        advance()
    }

    mutating func expect(_ symbol: Token.Symbol) throws { try expect(.symbol(symbol)) }

    mutating func expectName() throws -> String {
        guard case .name(let name) = current.kind else { throw unexpected(expected: "name") }
        advance()
        return name
    }

    func unexpected(expected: String) -> TemplateError {
        if current.kind == .end { return error("unexpected end of template, expected '\(expected)'.") }
        return error("expected token '\(expected)', got '\(current.kind.description)'")
    }

    func error(_ message: String, at place: Int? = nil) -> TemplateError {
        source.error(TemplateError(.syntax, message), at: place ?? current.place)
    }

    // MARK: Blocks

    /// The statements up to one of the tags, whose name is then the current token; to the end when there are none.
    mutating func statements(until tags: [String]) throws -> [Statement] {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Parser.maximumNesting else {
            throw error("nested deeper than \(Parser.maximumNesting) blocks")
        }
        var body: [Statement] = []
        while true {
            switch current.kind {
            case .data(let text):
                advance()
                body.append(.text(text))
            case .variableBegin:
                advance()
                body.append(.output(try tuple()))
                try expect(.variableEnd)
            case .blockBegin:
                advance()
                if case .name(let name) = current.kind, tags.contains(name) { return body }
                if let statement = try tagged(tags) { body.append(contentsOf: statement) }
                try expect(.blockEnd)
            default:
                guard tags.isEmpty else { throw unclosed(tags) }
                return body
            }
        }
    }

    /// The body of a tag whose end is the block end that comes next; the closing tag's name stays the current token.
    mutating func body(until tags: String...) throws -> [Statement] {
        _ = take(.colon)
        try expect(.blockEnd)
        return try statements(until: tags)
    }

    /// Runs with a scope inside the current one; `function` when it has variables of its own.
    mutating func inScope<Result>(
        function isFunction: Bool = false, _ read: (inout Parser, Scope) throws -> Result
    ) rethrows -> Result {
        let inner = openScope(function: isFunction)
        return try within(inner) { parser in try read(&parser, inner) }
    }

    mutating func openScope(function isFunction: Bool = false) -> Scope {
        let function = isFunction ? FunctionScope(level: scope.function.level + 1) : scope.function
        let inner = Scope(parent: scope, function: function)
        scopes.append(inner)
        return inner
    }

    /// A scope with variables of its own that sees those of the template, wherever it stands.
    mutating func openBlockScope() -> Scope {
        let inner = Scope(parent: scopes[0], function: FunctionScope(level: 1))
        scopes.append(inner)
        return inner
    }

    mutating func within<Result>(_ inner: Scope, _ read: (inout Parser) throws -> Result) rethrows -> Result {
        let outer = (scope, isConditional, loopCount)
        if inner.function !== scope.function { loopCount = 0 }
        scope = inner
        isConditional = false
        defer { (scope, isConditional, loopCount) = outer }
        return try read(&self)
    }

    private mutating func tagged(_ tags: [String]) throws -> [Statement]? {
        guard case .name(let name) = current.kind else { throw error("tag name expected") }
        openTags.append(name)
        defer { openTags.removeLast() }
        guard let statements = try statement(name) else {
            openTags.removeLast()
            defer { openTags.append(name) }
            throw unknownTag(name, tags)
        }
        return statements
    }

    private func unknownTag(_ name: String, _ tags: [String]) -> TemplateError {
        let looking = tags.map { "'\($0)'" }.joined(separator: " or ")
        let wanted = tags.isEmpty ? "" : " Jinja was looking for the following tags: \(looking)."
        return error("Encountered unknown tag '\(name)'." + wanted + innermost)
    }

    private func unclosed(_ tags: [String]) -> TemplateError {
        let looking = tags.map { "'\($0)'" }.joined(separator: " or ")
        return error("Unexpected end of template. Jinja was looking for the following tags: \(looking)." + innermost)
    }

    private var innermost: String {
        openTags.last.map { " The innermost block that needs to be closed is '\($0)'." } ?? ""
    }
}

/// A template that is read and resolved.
struct Program: Sendable {
    let source: Source
    let scope: Scope
    let body: [Statement]
    /// The variables that the template takes from what it is rendered with.
    let contextNames: [String]
    let blocks: [String: BlockDefinition]
}
