extension Interpreter {
    /// How a run of statements ended.
    enum Flow { case normal, breakLoop, continueLoop }

    func run(_ statements: [Statement]) throws -> Flow {
        for statement in statements {
            let flow = try run(statement)
            if flow != .normal { return flow }
        }
        return .normal
    }

    private func run(_ statement: Statement) throws -> Flow {
        try step()
        switch statement {
        case .text(let text): try write(text)
        case .output(let expression): try print(try evaluate(expression))
        case .assign(let target, let expression): try assign(expression, to: target)
        case .assignBlock(let block): return try run(block)
        case .branch(let branches, let otherwise): return try run(branches, otherwise)
        case .loop(let loop): return try run(loop)
        case .macro(let name, let definition): store(.object(Macro(definition, frame, self)), in: name)
        case .callBlock(let call, let body): try run(call, caller: body)
        case .filterBlock(let scope, let filter, let body): return try run(scope, filter, body)
        case .with(let scope, let variables, let body): return try run(scope, variables, body)
        case .generation(let body): try generate(body)
        case .block(let block): return try run(block)
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .normal
    }

    private func print(_ value: Value) throws {
        switch value {
        case .string(let text), .markup(let text): try write(text)
        default: try write(try value.printed())
        }
    }

    private func assign(_ expression: Expression, to target: Target) throws {
        try checkNamespaces(target)
        try assign(try evaluate(expression), to: target)
    }

    /// Attributes are only assigned to namespaces; that is looked at before the value is.
    private func checkNamespaces(_ target: Target) throws {
        switch target {
        case .name: break
        case .attribute(let name, _, let place):
            self.place = place
            guard case .object(let object) = load(name), object is Namespace else {
                throw TemplateError.type("cannot assign attribute on non-namespace object")
            }
        case .tuple(let targets, _): for target in targets { try checkNamespaces(target) }
        }
    }

    private func run(_ branches: [(test: Expression, body: [Statement])], _ otherwise: [Statement]) throws -> Flow {
        for branch in branches where try evaluate(branch.test).isTrue {
            return try deeper { try run(branch.body) }
        }
        return try deeper { try run(otherwise) }
    }

    private func run(_ block: AssignBlock) throws -> Flow {
        enter(block.scope)
        var flow = Flow.normal
        let text = try capture { flow = try deeper { try run(block.body) } }
        guard flow == .normal else { return flow }
        try checkNamespaces(block.target)
        try assign(try block.filter.map { try filtered(text, $0) } ?? .string(text), to: block.target)
        return .normal
    }

    private func run(_ scope: Scope, _ filter: Expression, _ body: [Statement]) throws -> Flow {
        enter(scope)
        var flow = Flow.normal
        let text = try capture { flow = try deeper { try run(body) } }
        guard flow == .normal else { return flow }
        guard let result = try filtered(text, filter).text else {
            throw TemplateError.type("the filters of a block must give a string")
        }
        try write(result)
        return .normal
    }

    private func filtered(_ text: String, _ filter: Expression) throws -> Value {
        let outer = captured
        captured = text
        defer { captured = outer }
        return try evaluate(filter)
    }

    private func run(
        _ scope: Scope, _ variables: [(target: Target, value: Expression)], _ body: [Statement]
    ) throws -> Flow {
        enter(scope)
        for (target, value) in variables { try assign(value, to: target) }
        return try deeper { try run(body) }
    }

    /// Notes where the assistant's text stands. In what is captured first it has no place yet: as in transformers it is
    /// said to begin where the text rendered so far ends.
    private func generate(_ body: MacroDefinition) throws {
        let text = try Macro(body, frame, self).text(Arguments(), self)
        let start = captureDepth == 0 ? output.utf8.count : renderedSize
        generatedRanges.append(start ..< start + text.utf8.count)
        try write(text)
    }

    private func run(_ call: Expression, caller body: MacroDefinition) throws {
        guard case .call(let callee, let arguments) = call.kind else { return }
        let function = try evaluate(callee)
        var values = try evaluate(arguments)
        values.keywords.append(("caller", .object(Macro(body, frame, self))))
        place = call.place
        try print(try self.call(function, values))
    }

    // MARK: Loops

    private func run(_ loop: ForLoop) throws -> Flow {
        let value = try evaluate(loop.iterable)
        place = loop.place
        if loop.isRecursive {
            try write(try renderRecursive(loop, over: value, in: frame, depth: 0))
            return .normal
        }
        return try run(loop, over: value, in: frame, depth: 0)
    }

    /// Runs a recursive loop in a frame of its own and gives what it writes.
    func renderRecursive(_ loop: ForLoop, over value: Value, in outer: Frame, depth: Int) throws -> String {
        try capture {
            let caller = frame
            frame = Frame(slotCount: loop.scope.function.slotCount, parent: outer)
            defer { frame = caller }
            _ = try deeper { try run(loop, over: value, in: outer, depth: depth) }
        }
    }

    /// Runs a loop; `outer` is the frame that its condition and its `else` belong to.
    private func run(_ loop: ForLoop, over value: Value, in outer: Frame, depth: Int) throws -> Flow {
        let source: Value = try loop.condition.map { .object(try selected(value, $0, in: outer)) } ?? value
        guard let items = try iterator(source) else {
            throw TemplateError.type("'\(value.typeName)' object is not iterable")
        }
        let state = LoopState(loop, items, count: source.length, extent: value.extent, outer, depth: depth)
        let isEmpty: Bool
        if let slot = loop.loopSlot {
            isEmpty = try run(loop, state: state, slot: slot)
        } else {
            isEmpty = try run(loop, items)
        }
        guard isEmpty, !loop.elseBody.isEmpty else { return .normal }
        let inner = frame
        frame = outer
        defer { frame = inner }
        enter(loop.elseScope)
        return try deeper { try run(loop.elseBody) }
    }

    /// Runs the body for each element; true when it never came to its end, which is when Jinja runs the `else`.
    private func run(_ loop: ForLoop, _ items: ValueIterator) throws -> Bool {
        var items = items
        var isEmpty = true
        while let item = try items.next(self) {
            try step()
            enter(loop.scope)
            try assign(item, to: loop.target)
            let flow = try deeper { try run(loop.body) }
            if flow == .normal { isEmpty = false }
            if flow == .breakLoop { break }
        }
        return isEmpty
    }

    private func run(_ loop: ForLoop, state: LoopState, slot: Int) throws -> Bool {
        var isEmpty = true
        let frame = frame
        defer {
            state.finish()
            frame.slots[slot] = .unset
        }
        while let item = try state.advance(self) {
            try step()
            enter(loop.scope)
            frame.slots[slot] = .object(state)
            try assign(item, to: loop.target)
            let flow = try deeper { try run(loop.body) }
            if flow == .normal { isEmpty = false }
            if flow == .breakLoop { break }
        }
        return isEmpty
    }

    /// The elements that a loop's `if` lets through, tested when their turn comes.
    private func selected(
        _ value: Value, _ condition: (scope: Scope, target: Target, test: Expression), in outer: Frame
    ) throws -> Generator {
        guard var items = try iterator(value) else {
            throw TemplateError.type("'\(value.typeName)' object is not iterable")
        }
        return Generator(over: value) { interpreter in
            let caller = interpreter.frame
            interpreter.frame = outer
            defer { interpreter.frame = caller }
            while let item = try items.next(interpreter) {
                try interpreter.step()
                interpreter.enter(condition.scope)
                try interpreter.assign(item, to: condition.target)
                if try interpreter.evaluate(condition.test).isTrue { return item }
            }
            return nil
        }
    }
}
