/// A filter by its name; without a function when there is no such filter.
struct Filter: Sendable {
    typealias Function = @Sendable (Interpreter, Value, Arguments) throws -> Value

    let name: String
    let function: Function?
    /// Whether the filter's work grows with its value.
    let walksValue: Bool

    /// Whether the filter takes nothing but the value.
    let isPlain: Bool

    private static let plain: Set<String> = [
        "abs", "capitalize", "count", "e", "escape", "first", "forceescape", "items", "last", "length", "list", "lower",
        "random", "reverse", "safe", "string", "striptags", "title", "upper", "urlencode", "wordcount",
    ]
    private static let cheap: Set<String> = ["length", "count", "default", "d", "first", "string", "safe"]

    init(_ name: String) {
        self.name = name
        isPlain = Filter.plain.contains(name)
        walksValue = !Filter.cheap.contains(name)
        function = Filter.functions[name]
    }

    /// What is wrong with a name that no filter has. Jinja's `urlize` makes links for browsers and is not here.
    static func unknown(_ name: String) -> String {
        name == "urlize"
            ? "the filter '\(name)' is not supported in chat templates" : "No filter named '\(name)'."
    }

    /// Jinja's filters, but for `urlize`.
    static let functions: [String: Function] =
        TextFilters.all
        .merging(NumberFilters.all) { first, _ in first }
        .merging(SequenceFilters.all) { first, _ in first }
        .merging(SelectionFilters.all) { first, _ in first }
        .merging(DictFilters.all) { first, _ in first }
}

extension Interpreter {
    /// A value looked up in another by a path of attributes with dots, as filters take it; numbers are indices.
    struct AttributePath {
        fileprivate let keys: [Value]
        /// What takes the place of an undefined value.
        var fallback: Value?
        /// Whether texts are lowercased, for comparing without case.
        var ignoresCase = false

        init(_ attribute: Value?) {
            switch attribute {
            case nil, .null?: keys = []
            case .string(let path)?, .markup(let path)?:
                keys = path.parts(by: ".", limit: .max).map { part in
                    if part.isAll(\.isPythonDigit), let index = Int(part) { .int(index) } else { .string(part) }
                }
            case let key?: keys = [key]
            }
        }
    }

    func look(_ path: AttributePath, in value: Value) throws -> Value {
        var value = value
        for key in path.keys {
            value = try item(of: value, key)
            if value.isUndefined, let fallback = path.fallback { value = fallback }
        }
        if path.ignoresCase, let text = value.text {
            try step(text.utf8.count / 64)
            return .string(text.pythonLowercase)
        }
        return value
    }

    /// Sorts as Python does: stably, with an error where two values have no order.
    func sorted(_ items: [Value], isReversed: Bool, by key: (Value) throws -> Value) throws -> [Value] {
        var keyed: [(key: Value, item: Value)] = []
        for item in items { keyed.append((try key(item), item)) }
        try step(items.count)
        if items.count == 1 { return items }
        // Sorting by the reversed comparison keeps equal elements in order, as Python's reverse does.
        try keyed.sort { left, right in
            try step()
            return isReversed ? try right.key.isLess(than: left.key) : try left.key.isLess(than: right.key)
        }
        return keyed.map(\.item)
    }
}
