/// What `loop` is inside a loop.
final class LoopState: Object {
    private let loop: ForLoop
    /// The frame around a recursive loop while it runs; what outlives a loop must not hold frames.
    private var outer: Frame?
    private let recursionDepth: Int
    private let sourceExtent: Extent
    private var items: ValueIterator
    private var count: Int?
    private var index = -1
    private var previous: Value?
    private var current: Value?
    /// An element that was looked at before its turn; the inner nil is the end.
    private var following: Value??
    private var lastChanged: [Value]?
    private var isRunning: Bool

    init(_ loop: ForLoop, _ items: ValueIterator, count: Int?, extent: Extent, _ outer: Frame, depth: Int) {
        self.loop = loop
        self.items = items
        self.count = count
        self.outer = loop.isRecursive ? outer : nil
        isRunning = true
        sourceExtent = extent.nested
        recursionDepth = depth
    }

    override var typeName: String { "LoopContext" }
    override var extent: Extent { sourceExtent }
    override var isCallable: Bool { true }

    /// The next element, which becomes the current one.
    func advance(_ interpreter: Interpreter) throws -> Value? {
        let next = try peek(interpreter)
        following = nil
        guard let next else { return nil }
        index += 1
        previous = current
        current = next
        return next
    }

    /// Lets go of what the loop needed while it ran.
    func finish() {
        isRunning = false
        outer = nil
        lastChanged = nil
    }

    private func peek(_ interpreter: Interpreter) throws -> Value? {
        if let following { return following }
        let next = try items.next(interpreter)
        following = .some(next)
        return next
    }

    /// How many elements there are; those that are produced one by one are all produced now.
    private func total(_ interpreter: Interpreter) throws -> Int {
        if let count { return count }
        var rest: [Value] = []
        while let item = try peek(interpreter) {
            rest.append(item)
            following = nil
        }
        items = ValueIterator(rest)
        following = nil
        count = index + 1 + rest.count
        return index + 1 + rest.count
    }

    override func attribute(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "index": .int(index + 1)
        case "index0": .int(index)
        case "first": .bool(index == 0)
        case "last": .bool(try peek(interpreter) == nil)
        case "length": .int(try total(interpreter))
        case "revindex": .int(try total(interpreter) - index)
        case "revindex0": .int(try total(interpreter) - index - 1)
        case "depth": .int(recursionDepth + 1)
        case "depth0": .int(recursionDepth)
        case "previtem": index == 0 ? .hint("there is no previous item") : previous ?? .null
        case "nextitem": try peek(interpreter) ?? .hint("there is no next item")
        case "cycle", "changed":
            .object(NativeMethod(.object(self), name) { [self] arguments, _ in try method(name, arguments) })
        default: nil
        }
    }

    private func method(_ name: String, _ arguments: Arguments) throws -> Value {
        guard name == "changed" else {
            guard !arguments.positional.isEmpty else { throw TemplateError.type("no items for cycling given") }
            return arguments.positional[index % arguments.positional.count]
        }
        let values = arguments.positional
        let isSame = lastChanged.map { $0.count == values.count && zip($0, values).allSatisfy { $0.isEqual(to: $1) } }
        if isRunning { lastChanged = values }
        return .bool(!(isSame ?? false))
    }

    override func call(_ arguments: Arguments, _ interpreter: Interpreter) throws -> Value {
        guard let outer else {
            throw TemplateError.type("The loop must have the 'recursive' marker to be called recursively.")
        }
        let bound = try arguments.bind("loop", ["iterable"], required: 1)
        let value = bound[0] ?? .null
        return .string(try interpreter.renderRecursive(loop, over: value, in: outer, depth: recursionDepth + 1))
    }

    override func write(to writer: inout ReprWriter) throws {
        writer.text += "<LoopContext \(index + 1)/\(count.map(String.init) ?? "?")>"
    }
}
