import HayJSON

/// Divides a text that comes in pieces into tool calls and the rest.
///
/// Bytes are passed on as text, dropped with the calls that they belong to, or held back until it is clear which. What
/// was held back in vain is searched again from its second byte on, which happens no more often than objects may nest.
struct ToolCallScanner {
    private enum State {
        /// Text that cannot belong to a call.
        case text
        /// Marks and white space before a call, or after one.
        case marks
        /// An object that may be a call.
        case object
    }

    /// The marks since the last text.
    private struct Run {
        /// Whether there was a call.
        var hasCall = false
        /// How many of each mark stand before the calls that there were, less those that were closed.
        var open: [ToolCallMark: Int] = [:]
        /// Marks since the last call, or since the text.
        var pending: [ToolCallMark] = []
    }

    /// The object that is being read.
    private struct Held {
        var start = 0
        var tracker = JSONTracker()
        var outline = ToolCallOutline()
        /// How the call began, where the object is only its arguments.
        var named: NamedCallStart?
        /// What was passed on of it before it was complete.
        var progress = Progress.nothing
    }

    private enum Progress: Equatable {
        case nothing
        /// The name, and the arguments up to a place; they are open while the object is deeper than `depth`.
        case arguments(sent: Int, depth: Int)
        case allArguments
    }

    /// Whether calls are passed on as they come, instead of when they are complete.
    private let streams: Bool
    private var bytes: [UInt8] = []
    /// The first byte that was neither passed on nor dropped.
    private var start = 0
    /// The next byte to read.
    private var position = 0
    private var state = State.text
    private var run = Run()
    private var held = Held()
    private var isEnd = false
    private var index = 0

    /// What was found since this was emptied.
    var pieces: [ToolCallStream.Piece] = []
    /// The complete calls.
    private(set) var calls: [ToolCall] = []

    init(streams: Bool) { self.streams = streams }

    /// All well-formed calls of a text.
    static func calls(in text: String) -> [ToolCall] {
        var scanner = ToolCallScanner(streams: false)
        scanner.append(text)
        scanner.finish()
        return scanner.calls
    }

    /// Reads on.
    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        scan()
        if state == .object { sendArguments() }
        guard start > 0 else { return }
        bytes.removeFirst(start)
        position -= start
        held.start -= start
        if case .arguments(let sent, let depth) = held.progress {
            held.progress = .arguments(sent: sent - start, depth: depth)
        }
        start = 0
    }

    /// Decides what is held back: nothing follows.
    mutating func finish() {
        isEnd = true
        scan()
        while start < bytes.count {
            switch state {
            case .text: pass(upTo: bytes.count)
            case .marks: endMarks()
            case .object: failObject()
            }
            scan()
        }
    }

    private mutating func scan() {
        while position < bytes.count {
            switch state {
            case .text: scanText()
            case .marks: if !scanMarks() { return }
            case .object: scanObject()
            }
        }
        if state == .text { pass(upTo: position) }
    }
}

extension ToolCallScanner {
    private mutating func scanText() {
        let rest = bytes[position...]
        position = rest.firstIndex(where: ToolCallMark.begins) ?? rest.endIndex
        pass(upTo: position)
        if position < bytes.count { state = .marks }
    }

    /// Passes on as text what was not yet, up to a place.
    private mutating func pass(upTo end: Int) {
        guard end > start else { return }
        if streams {
            let text = String(decoding: bytes[start ..< end], as: UTF8.self)
            if case .text(var before) = pieces.last {
                // Taken out of the list, so that the text grows in place.
                pieces.removeLast()
                before += text
                pieces.append(.text(before))
            } else {
                pieces.append(.text(text))
            }
        }
        start = end
    }

    /// Goes back to text: what is held back before the position is text.
    private mutating func endMarks() {
        let isSpace = bytes[start ..< position].allSatisfy(\.isJSONSpace)
        if isEnd, position == bytes.count, run.hasCall, isSpace { start = position }
        // A byte that could begin a mark, and does not, is not looked at again.
        if position == start, position < bytes.count, ToolCallMark.begins(with: bytes[position]) { position += 1 }
        pass(upTo: position)
        run = Run()
        state = .text
    }

    /// Reads a mark, white space or the beginning of an object; false where more text has to come first.
    private mutating func scanMarks() -> Bool {
        let byte = bytes[position]
        if byte.isJSONSpace {
            position += 1
            return true
        }
        if byte == UInt8(ascii: "{") {
            beginObject(named: nil)
            return true
        }
        if run.pending.last == .callsTag {
            switch NamedCallStart.match(bytes[position...], isEnd: isEnd) {
            case .found(let call):
                position += call.count
                beginObject(named: call)
                return true
            case .undecided: return false
            case .none: break
            }
        }
        switch ToolCallMark.match(bytes[position...], afterCall: run.hasCall, isEnd: isEnd) {
        case .found(let mark, let count):
            if take(mark, count) { return true }
        case .undecided: return false
        case .none: break
        }
        endMarks()
        return true
    }

    /// Takes a mark where it may stand. What closes a mark of the calls before is dropped with the space before it.
    private mutating func take(_ mark: ToolCallMark, _ count: Int) -> Bool {
        let opening: ToolCallMark?
        switch mark {
        case .endTag: opening = .tag
        case .endList: opening = .list
        case .fence where run.hasCall && run.pending.isEmpty && run.open[.fence] != nil && count == 3:
            opening = .fence
        default: opening = nil
        }
        position += count
        guard let opening else {
            run.pending.append(mark)
            return true
        }
        // Some models leave out the opening tag.
        let open = run.open[opening]
        guard run.pending.isEmpty, open != nil || mark == .endTag else {
            position -= count
            return false
        }
        if let open { run.open[opening] = open > 1 ? open - 1 : nil }
        start = position
        return true
    }
}

extension ToolCallScanner {
    private mutating func beginObject(named: NamedCallStart?) {
        held = Held(start: position, named: named)
        state = .object
        position += 1
        guard streams, let named else { return }
        pieces.append(.call(ToolCallDelta(index: index, toolName: named.name, id: named.id)))
        held.progress = .arguments(sent: held.start, depth: 0)
    }

    private mutating func scanObject() {
        while position < bytes.count {
            guard held.tracker.advance(bytes[position]) else { return failObject() }
            position += 1
            if streams, let event = held.tracker.event { follow(event) }
            if held.tracker.isDone { return endObject() }
        }
    }

    /// Passes on the beginning of a call as soon as it is one, and notes where its arguments end.
    private mutating func follow(_ event: JSONTracker.Event) {
        switch held.progress {
        case .nothing:
            guard let name = held.outline.follow(event, held.tracker, bytes[held.start ..< position]) else { return }
            pieces.append(.call(ToolCallDelta(index: index, toolName: name)))
            held.progress = .arguments(sent: position - 1, depth: held.tracker.depth - 1)
        case .arguments(_, let depth) where held.tracker.depth == depth && event == .close:
            sendArguments()
            held.progress = .allArguments
        default: break
        }
    }

    private mutating func sendArguments() {
        guard case .arguments(let sent, let depth) = held.progress, sent < position else { return }
        let text = String(decoding: bytes[sent ..< position], as: UTF8.self)
        pieces.append(.call(ToolCallDelta(index: index, arguments: text)))
        held.progress = .arguments(sent: position, depth: depth)
    }

    /// Gives up an object at a byte that it cannot have, or at the end of the text.
    private mutating func failObject() {
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

    private mutating func endObject() {
        let found = complete()
        guard !found.isEmpty else {
            pass(upTo: position)
            run = Run()
            state = .text
            return
        }
        send(found)
        calls += found
        index += found.count
        start = position
        run.hasCall = true
        for mark in run.pending where mark != .separator { run.open[mark, default: 0] += 1 }
        run.pending = []
        state = .marks
    }

    /// The calls of an object that is complete.
    private func complete() -> [ToolCall] {
        guard let object = (try? JSON.parse(Array(bytes[held.start ..< position])))?.object else { return [] }
        guard let named = held.named else { return ToolCallShape.calls(in: object) }
        return [ToolCall(toolName: named.name, arguments: object.withUniqueKeys, id: named.id)]
    }

    /// Passes on what was not yet of calls that are complete.
    private mutating func send(_ found: [ToolCall]) {
        guard streams else { return }
        if held.progress != .nothing {
            if held.named == nil, let id = found.first?.id { pieces.append(.call(ToolCallDelta(index: index, id: id))) }
            return
        }
        for (place, call) in found.enumerated() {
            pieces.append(.call(ToolCallDelta(index: index + place, toolName: call.toolName)))
            let arguments = JSON.object(call.arguments).text(spaced: true)
            pieces.append(.call(ToolCallDelta(index: index + place, arguments: arguments, id: call.id)))
        }
    }
}
