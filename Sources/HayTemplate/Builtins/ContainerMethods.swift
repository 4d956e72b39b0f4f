/// The methods of `list` and, but for those that change it and `copy`, of `tuple`.
enum SequenceMethod: String, Sendable {
    case copy, count, index
    case append, clear, extend, insert, pop, remove, reverse, sort

    /// Whether the method would change the list, which no template may do.
    var isMutating: Bool {
        switch self {
        case .copy, .count, .index: false
        default: true
        }
    }
}

/// The methods of `dict`.
enum DictMethod: String, Sendable {
    case copy, fromkeys, get, items, keys, values
    case clear, pop, popitem, setdefault, update

    /// Whether the method would change the dict, which no template may do.
    var isMutating: Bool {
        switch self {
        case .copy, .fromkeys, .get, .items, .keys, .values: false
        default: true
        }
    }
}

extension Interpreter {
    func call(_ method: SequenceMethod, on value: Value, _ arguments: Arguments) throws -> Value {
        try walk(value)
        let items = try elements(value)
        switch method {
        case .count:
            let wanted = try arguments.positional("count", 1 ... 1)[0]
            return .int(items.count { $0.isEqual(to: wanted) })
        case .index:
            let values = try arguments.positional("index", 1 ... 3)
            let bounds = try values.dropFirst().map { try $0.integerArgument() }
            let range = Slicing.positions(
                start: bounds.first, stop: bounds.count > 1 ? bounds[1] : nil, step: 1, count: items.count)
            guard let place = range.first(where: { items[$0].isEqual(to: values[0]) }) else {
                throw TemplateError.value("\(try ReprWriter.text(of: values[0])) is not in \(value.typeName)")
            }
            return .int(place)
        default:
            _ = try arguments.positional("copy", 0 ... 0)
            try charge(items.count * 16)
            return .list(items)
        }
    }

    func call(_ method: DictMethod, on dict: Dict, _ arguments: Arguments) throws -> Value {
        switch method {
        case .get:
            let values = try arguments.positional("get", 1 ... 2)
            return dict[try values[0].hashable()] ?? (values.count > 1 ? values[1] : .null)
        case .fromkeys: return .dict(try dictionary(fromKeys: arguments))
        case .items: return try view(dict, .items, arguments)
        case .keys: return try view(dict, .keys, arguments)
        case .values: return try view(dict, .values, arguments)
        default:
            _ = try arguments.positional("copy", 0 ... 0)
            return .dict(dict)
        }
    }

    /// `dict.fromkeys`: a dict with the same value for each key.
    func dictionary(fromKeys arguments: Arguments) throws -> Dict {
        let values = try arguments.positional("fromkeys", 1 ... 2)
        let dict = Dict()
        for key in try elements(values[0]) { dict.set(try key.hashable(), values.count > 1 ? values[1] : .null) }
        try charge(dict.count, of: 32)
        return dict
    }

    private func view(_ dict: Dict, _ part: DictView.Part, _ arguments: Arguments) throws -> Value {
        _ = try arguments.positional(part.rawValue, 0 ... 0)
        return .object(DictView(dict, part))
    }
}
