import HayJSON

/// Divides a text that comes in pieces into tool calls and the rest.
///
/// Bytes are passed on as text, dropped with the calls that they belong to, or held back until it is clear which. What
/// was held back in vain is searched again from its second byte on, which happens no more often than objects may nest.
///
/// A thought is passed on as text. The calls within it count where no call follows it.
struct ToolCallScanner {
    enum State {
        /// Text that cannot belong to a call.
        case text
        /// Marks and white space before a call, or after one.
        case marks
        /// What may be a call.
        case call
    }

    /// The marks since the last text.
    struct Run {
        /// Whether there was a call.
        var hasCall = false
        /// Whether the last call was one of a language's, as in Python.
        var followsCode = false
        /// Whether there was a wrapper.
        var isWrapped = false
        /// Whether objects are named by their one key.
        var isKeyedByName = false
        /// How many lists and fences are open around the calls that there were.
        var open: [ToolCallMark: Int] = [:]
        /// Marks since the last call, or since the text.
        var pending: [ToolCallMark] = []
    }

    /// Whether calls are passed on as they come, instead of when they are complete.
    let streams: Bool
    /// The tools that there are; nil where they are not known.
    let tools: ToolSchemas?
    /// The bytes that marks, forms and objects begin with: anywhere, and at the beginning of a line.
    private let beginnings: (anywhere: [Bool], line: [Bool])

    var bytes: [UInt8] = []
    /// The place of the first byte in the whole text.
    var base = 0
    /// The first byte that was neither passed on nor dropped.
    var start = 0
    /// The next byte to read.
    var position = 0
    var state = State.text
    var run = Run()
    var held = Held()
    var isEnd = false
    /// The number of the next call.
    var index = 0
    /// What reading the arguments of each form has shown.
    var searches: [Int: TaggedSearch] = [:]

    /// Whether there was nothing but white space, since the last line end and since the beginning.
    private var lineIsBlank = true
    private var isBlank = true
    /// The thought that is being read.
    private(set) var thought: Int?
    /// Where the last one ended.
    private var thoughtEnd = 0
    /// The calls of thoughts since the last call that is not of a thought.
    private var thoughtCalls: [ToolCall] = []

    /// What was found since this was emptied.
    var pieces: [ToolCallStream.Piece] = []
    /// The complete calls.
    private(set) var calls: [ToolCall] = []
    /// Whether a call was not a JSON object that names its tool.
    var hasForm = false
    /// Where the last thought ended that calls follow.
    private(set) var answerStart = 0

    /// - Parameter prompt: the text before; a thought that its end opens is read on.
    init(streams: Bool, tools: ToolSchemas?, prompt: String = "") {
        self.streams = streams
        self.tools = tools
        thought = ToolCallTable.thought(openedBy: prompt)
        beginnings = ToolCallScanner.beginnings(tools)
    }

    /// Reads on.
    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        scan()
        if state == .call { sendArguments() }
        guard start > 0 else { return }
        bytes.removeFirst(start)
        base += start
        position -= start
        held.move(by: start)
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
            case .call: finishCall()
            }
            scan()
        }
        if streams { send(thoughtCalls) }
        calls += thoughtCalls
    }

    private mutating func scan() {
        while position < bytes.count {
            switch state {
            case .text: scanText()
            case .marks: if !scanMarks() { return }
            case .call: if !scanCall() { return }
            }
        }
        if state == .text { pass(upTo: position) }
    }
}

extension ToolCallScanner {
    private static func beginnings(_ tools: ToolSchemas?) -> (anywhere: [Bool], line: [Bool]) {
        let line = lineBytes.union(tools?.firstBytes ?? [])
        return ((0 ... 255).map(anywhereBytes.contains), (0 ... 255).map(line.contains))
    }

    private static let anywhereBytes: Set<UInt8> = ToolCallTable.forms.reduce(
        into: ToolCallMark.firstBytes.anywhere.union([UInt8(ascii: "{")])
    ) { bytes, form in
        if form.place == .anywhere { bytes.formUnion(form.opening.firstBytes) }
    }

    private static let lineBytes: Set<UInt8> = ToolCallTable.forms.reduce(into: ToolCallMark.firstBytes.line) {
        if $1.place == .lineStart { $0.formUnion($1.opening.firstBytes) }
    }

    private func mayBegin(at place: Int) -> Bool {
        let byte = Int(bytes[place])
        return beginnings.anywhere[byte] || beginnings.line[byte] && isLineStart(place)
    }

    /// Whether nothing but spaces precedes on the line, or a wrapper.
    func isLineStart(_ place: Int) -> Bool {
        if case .wrapper = run.pending.last { return true }
        for byte in bytes[start ..< place].reversed() where byte != UInt8(ascii: " ") {
            return byte == UInt8(ascii: "\n")
        }
        return lineIsBlank
    }

    /// Whether nothing but marks precedes.
    var leads: Bool { isBlank }

    private mutating func scanText() {
        while position < bytes.count, !mayBegin(at: position) { position += 1 }
        pass(upTo: position)
        if position < bytes.count { state = .marks }
    }

    /// Passes on as text what was not yet, up to a place.
    mutating func pass(upTo end: Int) {
        guard end > start else { return }
        let passed = bytes[start ..< end]
        let line = passed.lastIndex(of: UInt8(ascii: "\n")).map { passed[($0 + 1)...] }
        lineIsBlank = (line != nil || lineIsBlank) && (line ?? passed).allSatisfy { $0 == UInt8(ascii: " ") }
        isBlank = isBlank && passed.allSatisfy(\.isJSONSpace)
        if streams {
            let text = String(decoding: passed, as: UTF8.self)
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

    /// Drops what belongs to calls; in a thought it is text.
    mutating func drop() {
        if thought == nil { start = position } else { pass(upTo: position) }
    }

    /// Goes back to text: what is held back before the position is text.
    private mutating func endMarks() {
        let isSpace = bytes[start ..< position].allSatisfy(\.isJSONSpace)
        if isEnd, position == bytes.count, run.hasCall, isSpace { drop() }
        // A byte that could begin a mark, and does not, is not looked at again.
        if position == start, position < bytes.count, mayBegin(at: position) {
            repeat { position += 1 } while position < bytes.count && bytes[position] & 0xC0 == 0x80
        }
        pass(upTo: position)
        run = Run()
        state = .text
    }

    /// Reads a mark, white space or the beginning of a call; false where more text has to come first.
    private mutating func scanMarks() -> Bool {
        let byte = bytes[position]
        if byte.isJSONSpace {
            position += 1
            return true
        }
        if byte == UInt8(ascii: "{") {
            beginObject()
            return true
        }
        switch formMatch() {
        case .found(let form, let captures):
            begin(form, captures)
            return true
        case .undecided: return false
        case .none: break
        }
        let context = ToolCallMark.Context(
            followsCall: run.hasCall, startsLine: isLineStart(position), thought: thought, endsAnyThought: !streams)
        switch ToolCallMark.match(bytes[position...], context, isEnd: isEnd) {
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
        switch mark {
        case .thought, .endThought: takeThought(mark, count)
        case .closing: return close(nil, count)
        case .endList: return close(.list, count)
        case .fence where run.hasCall && run.pending.isEmpty && run.open[.fence] != nil && count == 3:
            return close(.fence, count)
        case .wrapper(let index):
            position += count
            run.isWrapped = true
            if ToolCallTable.wrappers[index].content == .keyedByName { run.isKeyedByName = true }
            run.pending.append(mark)
        case .fence, .list, .separator:
            position += count
            run.pending.append(mark)
        }
        return true
    }

    /// Some models leave out an opening wrapper, but no list's or fence's beginning.
    private mutating func close(_ opening: ToolCallMark?, _ count: Int) -> Bool {
        guard run.pending.isEmpty else { return false }
        if let opening {
            guard let open = run.open[opening] else { return false }
            run.open[opening] = open > 1 ? open - 1 : nil
        }
        position += count
        drop()
        return true
    }

    private mutating func takeThought(_ mark: ToolCallMark, _ count: Int) {
        position += count
        pass(upTo: position)
        run = Run()
        state = .text
        if case .thought(let index) = mark {
            thought = index
            return
        }
        if thought == nil {
            // The prompt has opened it.
            thoughtCalls = calls + thoughtCalls
            calls = []
        }
        thought = nil
        thoughtEnd = base + position
    }

    /// Keeps calls that are complete.
    mutating func keep(_ found: [ToolCall]) {
        if thought != nil {
            thoughtCalls += found
        } else {
            calls += found
            thoughtCalls = []
            answerStart = thoughtEnd
        }
    }
}
