/// What stands left of an assignment, before its names are noted in a scope: a value is read before its target exists,
/// and a loop declares its target twice.
indirect enum TargetNames {
    case name(String, place: Int)
    case attribute(String, String, place: Int)
    case tuple([TargetNames], place: Int)
}

extension Parser {
    /// Reads a target: a name or names with commas; `until` is a word that ends them.
    mutating func targetNames(allowsAttributes: Bool = false, until end: String? = nil) throws -> TargetNames {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Parser.maximumNesting else {
            throw error("nested deeper than \(Parser.maximumNesting) blocks")
        }
        let place = place
        var names: [TargetNames] = []
        var isTuple = false
        while !isTargetEnd(end) {
            names.append(try targetName(allowsAttributes: allowsAttributes))
            guard take(.comma) else { break }
            isTuple = true
        }
        if !isTuple, let first = names.first { return first }
        guard isTuple else { throw error("Expected an expression, got '\(current.kind.description)'") }
        return .tuple(names, place: place)
    }

    private func isTargetEnd(_ end: String?) -> Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .symbol(.rightParenthesis), .symbol(.assign): true
        default: end.map(isWord) ?? false
        }
    }

    private mutating func targetName(allowsAttributes: Bool) throws -> TargetNames {
        let place = place
        if take(.leftParenthesis) {
            let names = try targetNames(allowsAttributes: allowsAttributes)
            try expect(.rightParenthesis)
            return names
        }
        guard case .name(let name) = current.kind else { throw error("can't assign to '\(current.kind.description)'") }
        guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
            throw error("can't assign to 'const'")
        }
        advance()
        guard allowsAttributes, take(.dot) else { return .name(name, place: place) }
        return .attribute(name, try expectName(), place: place)
    }

    /// The target of an assignment in the current scope.
    func store(_ names: TargetNames) throws -> Target {
        switch names {
        case .name(let text, let place):
            try checkLoopVariable(text, place)
            let name = Name(text)
            scope.store(name, isConditional: isConditional)
            return .name(name)
        case .attribute(let text, let attribute, let place):
            let name = Name(text)
            scope.load(name)
            return .attribute(name, attribute, place: place)
        case .tuple(let parts, let place): return .tuple(try parts.map(store), place: place)
        }
    }

    /// The target of a loop or a `with`, which is new in the current scope.
    func declare(_ names: TargetNames) throws -> Target {
        switch names {
        case .name(let text, let place):
            guard text != "loop" else {
                throw error("Can't assign to special loop variable in for-loop target", at: place)
            }
            let name = Name(text)
            scope.addParameter(name)
            return .name(name)
        case .attribute(_, _, let place): throw error("can't assign to an attribute here", at: place)
        case .tuple(let parts, let place): return .tuple(try parts.map(declare), place: place)
        }
    }

    private func checkLoopVariable(_ name: String, _ place: Int) throws {
        if name == "loop", loopCount > 0 {
            throw error("Can't assign to special loop variable in for-loop target", at: place)
        }
    }
}
