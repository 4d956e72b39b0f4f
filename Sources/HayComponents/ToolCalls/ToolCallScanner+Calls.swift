import HayJSON

extension ToolCallScanner {
    /// What is being read and may be a call.
    struct Held {
        /// Where it begins; where the arguments do, if they are JSON.
        var start = 0
        /// The row of `ToolCallTable`; nil for an object.
        var form: Int?
        var captures = MarkPattern.Captures()
        var tracker = JSONTracker()
        var outline = ToolCallOutline()
        var literals: LiteralReader?
        var tagged: TaggedReader?
        /// What was passed on of it before it was complete.
        var progress = Progress.nothing

        mutating func move(by count: Int) {
            start -= count
            if case .arguments(let sent, let depth) = progress {
                progress = .arguments(sent: sent - count, depth: depth)
            }
        }
    }

    enum Progress: Equatable {
        case nothing
        /// The name, and the arguments up to a place; they are open while the object is deeper than `depth`.
        case arguments(sent: Int, depth: Int)
        case allArguments
    }

    enum FormMatch {
        case found(Int, MarkPattern.Captures)
        case undecided
        case none
    }

    /// The form that begins at the position.
    func formMatch() -> FormMatch {
        let rest = bytes[position...]
        for index in ToolCallTable.formIndex.candidates(rest) {
            let form = ToolCallTable.forms[index]
            guard mayStand(form.place) else { continue }
            if ToolCallTable.beginsWithName[index], !mayName(form.evidence, rest) { continue }
            switch form.opening.match(rest, isEnd: isEnd) {
            case .found(let captures):
                if isCall(form.evidence, captures.name) { return .found(index, captures) }
            case .undecided: return .undecided
            case .none: break
            }
        }
        return .none
    }

    private func mayStand(_ place: ToolCallForm.Place) -> Bool {
        switch (place, run.pending.last) {
        case (.anywhere, _): true
        case (.lineStart, _): isLineStart(position)
        case (.after(let name), .wrapper(let index)): ToolCallTable.wrapperNames[index] == name
        case (.code, .wrapper(let index)): ToolCallTable.wrappers[index].content == .code
        case (.code, .list): true
        case (.code, .separator), (.code, nil): run.followsCode
        default: false
        }
    }

    /// Whether a name that a form begins with may make it a call.
    private func mayName(_ evidence: ToolCallForm.Evidence, _ text: ArraySlice<UInt8>) -> Bool {
        switch evidence {
        case .form: true
        case .namesTool, .namesToolOrLeads: tools?.haveName(at: text) ?? true
        case .namesKnownTool: tools?.haveName(at: text) ?? false
        }
    }

    private func isCall(_ evidence: ToolCallForm.Evidence, _ name: String) -> Bool {
        switch evidence {
        case .form: true
        case .namesTool: tools?.contains(name) ?? true
        case .namesKnownTool: tools?.contains(name) ?? false
        case .namesToolOrLeads: tools?.contains(name) ?? (run.isWrapped || run.followsCode || leads)
        }
    }

    /// Whether calls are passed on before they are complete.
    private var sendsEarly: Bool { streams && thought == nil }

    mutating func beginObject() {
        held = Held(start: position)
        state = .call
        position += 1
    }

    mutating func begin(_ index: Int, _ captures: MarkPattern.Captures) {
        let form = ToolCallTable.forms[index]
        held = Held(start: position, form: index, captures: captures)
        state = .call
        position += captures.count
        switch form.arguments {
        case .literals(let notation): held.literals = LiteralReader(notation)
        case .tagged(let notation): held.tagged = TaggedReader(notation)
        case .json:
            held.start = position
            position += 1
            guard sendsEarly else { return }
            pieces.append(.call(ToolCallDelta(index: self.index, toolName: captures.name, id: captures.id)))
            held.progress = .arguments(sent: held.start, depth: 0)
        }
    }

    /// Reads on what may be a call; false where more text has to come first.
    mutating func scanCall() -> Bool {
        if held.tagged != nil { return scanTagged() }
        if held.literals != nil {
            scanLiterals()
            return true
        }
        while position < bytes.count {
            guard held.tracker.advance(bytes[position]) else {
                failCall()
                return true
            }
            position += 1
            if sendsEarly, let event = held.tracker.event { follow(event) }
            if held.tracker.isDone {
                endCall()
                return true
            }
        }
        return true
    }

    private mutating func scanLiterals() {
        while position < bytes.count {
            guard held.literals?.advance(bytes[position]) ?? false else { return failCall() }
            position += 1
            if held.literals?.isDone ?? false { return endCall() }
        }
    }

    private mutating func scanTagged() -> Bool {
        guard let form = held.form, var reader = held.tagged else { return false }
        held.tagged = nil
        let reading = reader.read(
            bytes, &position, base: base, isEnd: isEnd, &searches[form, default: TaggedSearch()])
        held.tagged = reader
        switch reading {
        case .unfinished: return false
        case .done: endCall()
        case .failed:
            searches[form, default: TaggedSearch()].deadEnds.formUnion(reader.places)
            failCall()
        }
        return true
    }

    /// Decides on what the end of the text leaves unfinished.
    mutating func finishCall() {
        if held.tagged != nil { _ = scanTagged() } else { failCall() }
    }

    /// Passes on the beginning of a call as soon as it is one, and notes where its arguments end.
    private mutating func follow(_ event: JSONTracker.Event) {
        switch held.progress {
        case .nothing where !run.isKeyedByName:
            guard let name = held.outline.follow(event, held.tracker, bytes[held.start ..< position]) else { return }
            pieces.append(.call(ToolCallDelta(index: index, toolName: name)))
            held.progress = .arguments(sent: position - 1, depth: held.tracker.depth - 1)
        case .arguments(_, let depth) where held.tracker.depth == depth && event == .close:
            sendArguments()
            held.progress = .allArguments
        default: break
        }
    }

    mutating func sendArguments() {
        guard case .arguments(let sent, let depth) = held.progress, sent < position else { return }
        let text = String(decoding: bytes[sent ..< position], as: UTF8.self)
        pieces.append(.call(ToolCallDelta(index: index, arguments: text)))
        held.progress = .arguments(sent: position, depth: depth)
    }

    /// Gives up what may be a call at a byte that it cannot have, or at the end of the text.
    private mutating func failCall() {
        if held.progress == .nothing {
            position = held.start + 1
            pass(upTo: position)
        } else {
            // The call was passed on already; the text goes on where it breaks off.
            sendArguments()
            index += 1
            start = position
        }
        run = Run()
        state = .text
    }

    private mutating func endCall() {
        let found = complete()
        guard !found.isEmpty else {
            // Nothing but an object of no call is read to its end in vain.
            pass(upTo: position)
            run = Run()
            state = .text
            return
        }
        if sendsEarly { sendRest(of: found) }
        keep(found)
        drop()
        run.hasCall = true
        run.followsCode = held.literals != nil
        for mark in run.pending where mark.opens(.list) { run.open[.list, default: 0] += 1 }
        let fences = run.pending.count { $0.opens(.fence) } + (held.form.map(ToolCallTable.opensFence) == true ? 1 : 0)
        if fences > 0 { run.open[.fence, default: 0] += fences }
        run.pending = []
        state = .marks
    }

    /// The calls of what is complete.
    private mutating func complete() -> [ToolCall] {
        let name = held.captures.name
        if held.form != nil { hasForm = true }
        if let tagged = held.tagged {
            let members = tagged.arguments.map { argument in
                (argument.name, argument.value(tools?.type(of: argument.name, tool: name) ?? ArgumentType(kinds: nil)))
            }
            let arguments = JSON.Object(members).withUniqueKeys
            return [ToolCall(toolName: name, arguments: arguments, id: held.captures.id)]
        }
        let json = held.literals?.json ?? Array(bytes[held.start ..< position])
        guard let object = (try? JSON.parse(json))?.object else { return [] }
        if held.form != nil {
            return [ToolCall(toolName: name, arguments: object.withUniqueKeys, id: held.captures.id)]
        }
        if run.isKeyedByName, let calls = ToolCallShape.callsKeyedByName(object) {
            hasForm = true
            return calls
        }
        return ToolCallShape.calls(in: object)
    }

    /// Passes on what was not yet of calls that are complete.
    private mutating func sendRest(of found: [ToolCall]) {
        guard held.progress != .nothing else { return send(found) }
        if held.form == nil, let id = found.first?.id { pieces.append(.call(ToolCallDelta(index: index, id: id))) }
        index += found.count
    }

    /// Passes on whole calls.
    mutating func send(_ found: [ToolCall]) {
        for call in found {
            pieces.append(.call(ToolCallDelta(index: index, toolName: call.toolName)))
            let arguments = JSON.object(call.arguments).text(spaced: true)
            pieces.append(.call(ToolCallDelta(index: index, arguments: arguments, id: call.id)))
            index += 1
        }
    }
}

extension ToolCallMark {
    /// Whether it opens a list, or a fence.
    fileprivate func opens(_ mark: ToolCallMark) -> Bool {
        if case .wrapper(let index) = self { return mark == .fence && ToolCallTable.wrapperOpensFence(index) }
        return self == mark
    }
}
