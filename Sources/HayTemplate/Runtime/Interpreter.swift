import HayJSON

/// Runs a template.
final class Interpreter {
    let limits: RenderLimits
    /// The variables that the template uses, in the program's order.
    private let context: [Value]
    private let now: ClockTime?
    let blocks: [String: BlockDefinition]
    /// The template's own variables.
    let root: Frame
    var frame: Frame
    /// What is being rendered: the text of the template, a macro or a block that captures.
    var output = ""
    /// How many blocks that capture the output are in, and the size of the text rendered before the outermost.
    private(set) var captureDepth = 0
    private(set) var renderedSize = 0
    /// Where the text rendered holds what the assistant wrote, in bytes.
    var generatedRanges: [Range<Int>] = []
    /// What the innermost block has captured for its filters.
    var captured = ""
    /// Where in the template an error that has no place of its own is.
    var place = 0
    private var depth = 0
    private var stepCount = 0
    private var createdSize = 0
    /// What `random` and `lipsum` draw from. It begins alike in each rendering, so that a text can be made again.
    private var randomState: UInt64 = 0
    /// What may hold itself, directly or not, and is emptied at the end.
    private var owned: [Frame] = []
    private var namespaces: [Namespace] = []

    init(_ program: Program, _ variables: JSON.Object, limits: RenderLimits, now: ClockTime?) {
        self.limits = limits
        self.now = now
        context = program.contextNames.map { name in
            if name == "self" { return .object(TemplateReference()) }
            return variables[name].map(Value.init) ?? GlobalFunction(rawValue: name).map { .object($0.object) }
                ?? .unset
        }
        blocks = program.blocks
        root = Frame(slotCount: program.scope.function.slotCount, parent: nil)
        frame = root
        owned.append(root)
    }

    /// Renders the template that this was made for, once.
    func render(_ program: Program) throws -> String {
        defer { release() }
        do {
            enter(program.scope)
            _ = try run(program.body)
            return output
        } catch let error as TemplateError {
            throw program.source.error(error, at: place)
        }
    }

    /// Empties what may hold itself; one after the other, so that no chain of them is freed recursively.
    private func release() {
        for namespace in namespaces { namespace.attributes.removeAll() }
        for frame in owned { frame.slots = [] }
    }

    // MARK: Limits

    /// Counts work.
    func step(_ count: Int = 1) throws {
        stepCount &+= count
        if stepCount > limits.steps { throw TemplateError.limit("the template took more than \(limits.steps) steps") }
    }

    /// Counts the work of going through a value once.
    func walk(_ value: Value) throws { try step(value.stepCount) }

    /// Counts the work of comparing two values: at most that of going through the smaller one.
    func countComparison(_ left: Value, _ right: Value) throws { try step(min(left.stepCount, right.stepCount)) }

    /// Python's `==`, counted as work.
    func areEqual(_ left: Value, _ right: Value) throws -> Bool {
        try countComparison(left, right)
        return left.isEqual(to: right)
    }

    /// Counts bytes that are about to be made.
    func charge(_ size: Int) throws {
        let (total, overflow) = createdSize.addingReportingOverflow(size)
        guard !overflow, size >= 0, total <= limits.createdSize else {
            throw TemplateError.limit("the template made more than \(limits.createdSize) bytes of values")
        }
        createdSize = total
    }

    /// Counts so many things of so many bytes.
    func charge(_ count: Int, of size: Int) throws {
        let (total, overflow) = count.multipliedReportingOverflow(by: size)
        try charge(overflow ? Int.max : total)
    }

    /// Counts bytes of text and gives it.
    func charged(_ text: String) throws -> String {
        try charge(text.utf8.count)
        return text
    }

    /// Runs one level further down.
    @inline(__always)
    func deeper<Result>(_ body: () throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        if depth > limits.depth { throw TemplateError.limit("evaluation is nested deeper than \(limits.depth)") }
        return try body()
    }

    func write(_ text: String) throws {
        output += text
        if output.utf8.count > limits.outputSize {
            throw TemplateError.limit("the text rendered is longer than \(limits.outputSize) bytes")
        }
    }

    /// What `body` writes.
    func capture(_ body: () throws -> Void) throws -> String {
        let outer = output
        if captureDepth == 0 { renderedSize = outer.utf8.count }
        captureDepth += 1
        output = ""
        defer {
            output = outer
            captureDepth -= 1
        }
        try body()
        return try charged(output)
    }

    /// A list or tuple that is part of an expression.
    func checked(_ value: Value) throws -> Value {
        if value.extent.isTooLarge { throw TemplateError.limit("a value is nested too deeply or holds too much") }
        return value
    }

    func own(_ namespace: Namespace) { namespaces.append(namespace) }

    func own(_ frame: Frame) { if owned.last !== frame { owned.append(frame) } }

    /// The next number by chance, from 0 on.
    func random(below count: Int) -> Int {
        randomState &+= 0x9E37_79B9_7F4A_7C15
        var mixed = randomState
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(count))
    }

    /// The time that `strftime_now` shows.
    var currentTime: ClockTime { now ?? ClockTime.local() }

    // MARK: Variables

    /// Gives the variables of a scope their first values.
    func enter(_ scope: Scope) {
        for entry in scope.entry { frame.slots[entry.slot] = entry.value.map(value) ?? .unset }
    }

    func value(at location: Location) -> Value {
        switch location {
        case .slot(0, let index): frame.slots[index]
        case .slot(let hops, let index): frame.ancestor(hops).slots[index]
        case .context(let index): context[index]
        }
    }

    func load(_ name: Name) -> Value {
        let value = value(at: name.location)
        if case .unset = value { return .undefined(name.undefined) }
        return value
    }

    func store(_ value: Value, in name: Name) {
        guard case .slot(let hops, let index) = name.location else { return }
        frame.ancestor(hops).slots[index] = value
    }

    func assign(_ value: Value, to target: Target) throws {
        switch target {
        case .name(let name): store(try checked(value), in: name)
        case .attribute(let name, let attribute, let place):
            self.place = place
            guard case .object(let object) = load(name), let namespace = object as? Namespace else {
                throw TemplateError.type("cannot assign attribute on non-namespace object")
            }
            try namespace.set(attribute, checked(value))
        case .tuple(let targets, let place):
            self.place = place
            for (target, value) in zip(targets, try unpacked(value, count: targets.count)) {
                try assign(value, to: target)
            }
        }
    }

    private func unpacked(_ value: Value, count: Int) throws -> [Value] {
        guard var items = try iterator(value) else {
            throw TemplateError.type("cannot unpack non-iterable \(value.typeName) object")
        }
        var values: [Value] = []
        while values.count <= count, let item = try items.next(self) { values.append(item) }
        if values.count > count { throw TemplateError.value("too many values to unpack (expected \(count))") }
        guard values.count == count else {
            throw TemplateError.value("not enough values to unpack (expected \(count), got \(values.count))")
        }
        return values
    }

    // MARK: Elements

    /// The elements of a value; nil when it cannot be looped over.
    func iterator(_ value: Value) throws -> ValueIterator? {
        switch value {
        case .undefined: return ValueIterator([])
        case .list(let elements), .tuple(let elements): return ValueIterator(elements.items)
        case .dict(let dict): return ValueIterator(dict.keys)
        case .string(let text):
            try charge(text.utf8.count * 16)
            return ValueIterator(text.scalarTexts.map(Value.string))
        case .markup(let text):
            try charge(text.utf8.count * 16)
            return ValueIterator(text.scalarTexts.map(Value.string))
        case .object(let object): return try object.makeIterator(self)
        default: return nil
        }
    }

    /// All elements of a value.
    func elements(_ value: Value) throws -> [Value] {
        switch value {
        case .list(let elements), .tuple(let elements): return elements.items
        default:
            guard var items = try iterator(value) else {
                throw TemplateError.type("'\(value.typeName)' object is not iterable")
            }
            var values: [Value] = []
            while let item = try items.next(self) { values.append(item) }
            try charge(values.count * 16)
            return values
        }
    }
}

extension Value {
    /// The steps that going through the value once counts for.
    fileprivate var stepCount: Int {
        switch self {
        case .string(let text), .markup(let text): text.utf8.count >> 6
        case .list(let elements), .tuple(let elements): elements.items.count >> 3
        case .dict(let dict): dict.count >> 3
        case .object(let object as ByteString): object.bytes.count >> 6
        default: 0
        }
    }
}
