/// Filters that give elements of a sequence, or a sequence made of them.
enum SequenceFilters {
    static let all: [String: Filter.Function] = [
        "list": { interpreter, value, _ in .list(try interpreter.elements(value)) },
        "first": first, "last": last, "random": random, "reverse": reverse, "sort": sort, "unique": unique, "sum": sum,
        "min": extreme(isMaximum: false), "max": extreme(isMaximum: true),
        "batch": batch, "slice": slice, "groupby": groupBy,
    ]

    private static func first(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        if let text = value.text {
            return text.unicodeScalars.first.map { .string(String($0)) } ?? .hint("No first item, sequence was empty.")
        }
        guard var items = try interpreter.iterator(value) else {
            throw TemplateError.type("'\(value.typeName)' object is not iterable")
        }
        return try items.next(interpreter) ?? .hint("No first item, sequence was empty.")
    }

    private static func last(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        if case .object(let object) = value, object is Generator {
            throw TemplateError.type("'generator' object is not reversible")
        }
        if let text = value.text, let scalar = text.unicodeScalars.last { return .string(String(scalar)) }
        return try interpreter.elements(value).last ?? .hint("No last item, sequence was empty.")
    }

    /// An element by chance, as far as a reproducible text allows: the same conversation gives the same text.
    private static func random(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        guard let length = value.length else {
            throw TemplateError.type("object of type '\(value.typeName)' has no len()")
        }
        guard length > 0 else { return .hint("No random item, sequence was empty.") }
        let index = interpreter.random(below: length)
        if case .dict(let dict) = value, dict[.int(index)] == nil {
            throw TemplateError.value("the dict has no key \(index)")
        }
        return try interpreter.item(of: value, .int(index))
    }

    private static func reverse(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        if let text = value.text {
            let reversed = String(scalars: text.unicodeScalars.reversed())
            return value.isMarkup ? .markup(reversed) : .string(reversed)
        }
        if case .object(let object) = value, object is Generator {
            return .list(try interpreter.elements(value).reversed())
        }
        var items = ValueIterator(try interpreter.elements(value).reversed())
        return .object(Generator(over: value) { try items.next($0) })
    }

    private static func sort(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("sort", ["reverse", "case_sensitive", "attribute"])
        let ignoresCase = values[1]?.isTrue != true
        let paths: [Interpreter.AttributePath]
        if let text = values[2]?.text {
            paths = text.parts(by: ",", limit: .max).map { Interpreter.AttributePath(.string($0)) }
        } else {
            paths = [Interpreter.AttributePath(values[2])]
        }
        let sorted = try interpreter.sorted(
            try interpreter.elements(value), isReversed: values[0]?.isTrue ?? false,
            by: { item in
                .list(
                    try paths.map { path in
                        var path = path
                        path.ignoresCase = ignoresCase
                        return try interpreter.look(path, in: item)
                    })
            })
        return .list(sorted)
    }

    private static func unique(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("unique", ["case_sensitive", "attribute"])
        var path = Interpreter.AttributePath(values[1])
        path.ignoresCase = values[0]?.isTrue != true
        guard var items = try interpreter.iterator(value) else {
            throw TemplateError.type("'\(value.typeName)' object is not iterable")
        }
        var seen: Set<HashKey> = []
        return .object(
            Generator(over: value) { interpreter in
                while let item = try items.next(interpreter) {
                    try interpreter.charge(32)
                    if seen.insert(HashKey(try interpreter.look(path, in: item).hashable())).inserted { return item }
                }
                return nil
            })
    }

    private static func sum(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("sum", ["attribute", "start"])
        let path = Interpreter.AttributePath(values[0])
        var total = values[1] ?? .int(0)
        if total.text != nil { throw TemplateError.type("sum() can't sum strings [use ''.join(seq) instead]") }
        for item in try interpreter.elements(value) {
            total = try interpreter.added(total, interpreter.look(path, in: item))
        }
        return total
    }

    private static func extreme(isMaximum: Bool) -> Filter.Function {
        { interpreter, value, arguments in
            let values = try arguments.bind(isMaximum ? "max" : "min", ["case_sensitive", "attribute"])
            var path = Interpreter.AttributePath(values[1])
            path.ignoresCase = values[0]?.isTrue != true
            var best: (key: Value, item: Value)?
            for item in try interpreter.elements(value) {
                let key = try interpreter.look(path, in: item)
                if let current = best {
                    try interpreter.step()
                    let isBetter =
                        isMaximum
                        ? try interpreter.compare(key, .greater, current.key)
                        : try interpreter.compare(key, .less, current.key)
                    guard isBetter else { continue }
                }
                best = (key, item)
            }
            return best?.item ?? .hint("No aggregated item, sequence was empty.")
        }
    }

    private static func batch(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("batch", ["linecount", "fill_with"], required: 1)
        // As in Jinja2, a row ends when its length equals the number, which a fraction or a text never does.
        let size = values[0]?.number.flatMap { Int(exactly: $0) } ?? -1
        let items = try interpreter.elements(value)
        var position: Int? = size == 0 && !items.isEmpty ? -1 : 0
        return .object(
            Generator(over: value) { interpreter in
                guard let start = position, start < items.count else { return nil }
                guard start >= 0 else {
                    position = 0
                    return .list([])
                }
                let isCut = size > 0 && items.count - start > size
                var row = Array(items[start ..< (isCut ? start + size : items.count)])
                position = isCut ? start + size : nil
                if let fill = values[1], !fill.isNull, let missing = try missing(from: row, values[0]) {
                    try interpreter.charge(missing, of: 16)
                    row += Array(repeating: fill, count: missing)
                }
                return .list(row)
            })
    }

    private static func missing(from row: [Value], _ size: Value?) throws -> Int? {
        guard let size, let number = size.number else {
            throw TemplateError.type("'<' not supported between instances of 'int' and '\(size?.typeName ?? "int")'")
        }
        guard Double(row.count) < number else { return nil }
        return try size.integerArgument() - row.count
    }

    private static func slice(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("slice", ["slices", "fill_with"], required: 1)
        let count = try values[0]?.integerArgument() ?? 1
        guard count != 0 else { throw TemplateError.arithmetic("integer division or modulo by zero") }
        let items = try interpreter.elements(value)
        let (size, longer) = (items.count / max(count, 1), items.count % max(count, 1))
        var number = 0
        var position = 0
        return .object(
            Generator(over: value) { _ in
                guard number < count else { return nil }
                let end = position + size + (number < longer ? 1 : 0)
                var row = Array(items[position ..< end])
                if let fill = values[1], !fill.isNull, number >= longer { row.append(fill) }
                position = end
                number += 1
                return .list(row)
            })
    }

    private static func groupBy(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("groupby", ["attribute", "default", "case_sensitive"], required: 1)
        var path = Interpreter.AttributePath(values[0])
        if let fallback = values[1], !fallback.isNull { path.fallback = fallback }
        let exactPath = path
        path.ignoresCase = values[2]?.isTrue != true
        let items = try interpreter.sorted(
            try interpreter.elements(value), isReversed: false, by: { try interpreter.look(path, in: $0) })
        var groups: [(key: Value, name: Value, items: [Value])] = []
        for item in items {
            let key = try interpreter.look(path, in: item)
            if let last = groups.last, last.key.isEqual(to: key) {
                groups[groups.count - 1].items.append(item)
            } else {
                groups.append((key, try interpreter.look(exactPath, in: item), [item]))
            }
        }
        return .list(groups.map { .object(Group(name: $0.name, items: $0.items)) })
    }
}

/// A group of `groupby`: a tuple whose parts also have names.
final class Group: Object {
    let parts: Elements

    var items: [Value] { parts.items }

    init(name: Value, items: [Value]) { parts = Elements([name, .list(items)]) }

    override var typeName: String { "_GroupTuple" }
    override var extent: Extent { parts.extent }
    override var length: Int? { 2 }
    override var isSequence: Bool { true }

    override func attribute(_ name: String, _ interpreter: Interpreter) -> Value? {
        switch name {
        case "grouper": parts.items[0]
        case "list": parts.items[1]
        default: nil
        }
    }

    override func item(_ key: Value, _ interpreter: Interpreter) -> Value? {
        key.integer.flatMap { Slicing.position($0, count: 2) }.map { parts.items[$0] }
    }

    override func makeIterator(_ interpreter: Interpreter) -> ValueIterator? { ValueIterator(parts.items) }

    override func write(to writer: inout ReprWriter) throws { try writer.write(.tuple(parts)) }
}
