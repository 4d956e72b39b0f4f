/// A value that is more than data: something that can be called, changes or is produced as it is asked for.
class Object {
    /// The name of the type, as Python has it.
    var typeName: String { "object" }
    var extent: Extent { .leaf }
    /// How many elements there are, where that is known without producing them.
    var length: Int? { nil }
    var isCallable: Bool { false }
    /// Whether elements can be asked for by number.
    var isSequence: Bool { false }

    /// What printing shows.
    func write(to writer: inout ReprWriter) throws { writer.text += "<\(typeName) object>" }

    func attribute(_ name: String, _ interpreter: Interpreter) throws -> Value? { nil }

    func item(_ key: Value, _ interpreter: Interpreter) throws -> Value? { nil }

    func call(_ arguments: Arguments, _ interpreter: Interpreter) throws -> Value {
        throw TemplateError.type("'\(typeName)' object is not callable")
    }

    /// The elements; nil for what cannot be looped over.
    func makeIterator(_ interpreter: Interpreter) throws -> ValueIterator? { nil }

    func isEqual(to other: Object) -> Bool { self === other }
}

/// Elements one after the other.
struct ValueIterator {
    private let elements: [Value]
    private var index = 0
    private let generator: Generator?

    init(_ elements: [Value]) {
        self.elements = elements
        generator = nil
    }

    init(_ generator: Generator) {
        elements = []
        self.generator = generator
    }

    /// The next element; nil after the last one.
    mutating func next(_ interpreter: Interpreter) throws -> Value? {
        if let generator { return try generator.next(interpreter) }
        guard index < elements.count else { return nil }
        index += 1
        return elements[index - 1]
    }
}

/// Elements that are produced when they are asked for, once.
final class Generator: Object {
    private var produce: ((Interpreter) throws -> Value?)?
    private let sourceExtent: Extent

    init(over source: Value, _ produce: @escaping (Interpreter) throws -> Value?) {
        self.produce = produce
        sourceExtent = source.extent.nested
    }

    override var typeName: String { "generator" }
    override var extent: Extent { sourceExtent }

    override func makeIterator(_ interpreter: Interpreter) -> ValueIterator? { ValueIterator(self) }

    func next(_ interpreter: Interpreter) throws -> Value? {
        guard let produce else { return nil }
        try interpreter.step()
        let value = try interpreter.deeper { try produce(interpreter) }
        if value == nil { self.produce = nil }
        return value
    }
}

/// Python's `range`.
final class NumberRange: Object {
    let start: Int
    let stop: Int
    let step: Int
    private let count: Int

    /// The longest range that a sandbox allows.
    static let maximumCount = 100_000

    init(start: Int, stop: Int, step: Int) throws {
        guard step != 0 else { throw TemplateError.value("range() arg 3 must not be zero") }
        self.start = start
        self.stop = stop
        self.step = step
        let span = step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
        let isEmpty = step > 0 ? stop <= start : start <= stop
        count = isEmpty ? 0 : span.overflow ? Int.max : Int((UInt(span.partialValue) - 1) / step.magnitude) + 1
        guard count <= NumberRange.maximumCount else {
            throw TemplateError.limit("the range has \(count) elements, more than \(NumberRange.maximumCount)")
        }
    }

    override var typeName: String { "range" }
    override var length: Int? { count }
    override var isSequence: Bool { true }

    override func write(to writer: inout ReprWriter) {
        writer.text += step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))"
    }

    override func attribute(_ name: String, _ interpreter: Interpreter) -> Value? {
        switch name {
        case "start": .int(start)
        case "stop": .int(stop)
        case "step": .int(step)
        case "count", "index":
            .object(
                NativeMethod(.object(self), name) { [self] arguments, interpreter in
                    let wanted = try arguments.positional(name, 1 ... 1)[0]
                    let position = try interpreter.elements(.object(self)).firstIndex { $0.isEqual(to: wanted) }
                    if name == "count" { return .int(position == nil ? 0 : 1) }
                    guard let position else {
                        throw TemplateError.value("\(try ReprWriter.text(of: wanted)) is not in range")
                    }
                    return .int(position)
                })
        default: nil
        }
    }

    override func item(_ key: Value, _ interpreter: Interpreter) -> Value? {
        guard let index = key.integer, let position = Slicing.position(index, count: count) else { return nil }
        return .int(start + position * step)
    }

    /// The range of the elements that a slice picks.
    func sliced(_ first: Int?, _ last: Int?, _ stride: Int) throws -> NumberRange {
        let bounds = Slicing.bounds(start: first, stop: last, step: stride, count: count)
        func element(_ position: Int) throws -> Int {
            let offset = position.multipliedReportingOverflow(by: step)
            let element = start.addingReportingOverflow(offset.partialValue)
            guard !offset.overflow, !element.overflow else {
                throw LargeInteger.error
            }
            return element.partialValue
        }
        let (product, overflow) = step.multipliedReportingOverflow(by: stride)
        guard !overflow else { throw LargeInteger.error }
        return try NumberRange(start: element(bounds.first), stop: element(bounds.end), step: product)
    }

    override func makeIterator(_ interpreter: Interpreter) throws -> ValueIterator? {
        ValueIterator((0 ..< count).map { .int(start + $0 * step) })
    }

    override func isEqual(to other: Object) -> Bool {
        guard let other = other as? NumberRange, count == other.count else { return false }
        return count == 0 || (start == other.start && (count == 1 || step == other.step))
    }
}

/// What `dict.keys()`, `dict.values()` and `dict.items()` give.
final class DictView: Object {
    enum Part: String { case keys = "dict_keys", values = "dict_values", items = "dict_items" }

    let dict: Dict
    let part: Part

    init(_ dict: Dict, _ part: Part) {
        self.dict = dict
        self.part = part
    }

    override var typeName: String { part.rawValue }
    override var extent: Extent { dict.extent.nested }
    override var length: Int? { dict.count }

    var elements: [Value] {
        switch part {
        case .keys: dict.keys
        case .values: dict.values
        case .items: zip(dict.keys, dict.values).map { .tuple([$0, $1]) }
        }
    }

    override func write(to writer: inout ReprWriter) throws {
        writer.text += part.rawValue + "("
        try writer.write(.list(elements))
        writer.text += ")"
    }

    override func makeIterator(_ interpreter: Interpreter) -> ValueIterator? { ValueIterator(elements) }
}
