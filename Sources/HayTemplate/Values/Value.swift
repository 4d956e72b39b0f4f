import HayJSON

/// A value of the template language, which is Python's data model without mutation.
enum Value {
    /// What a variable holds before it is set; never the value of an expression.
    case unset
    case undefined(Undefined)
    case null
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
    /// A string that counts as escaped: what is joined to it is escaped for HTML first.
    case markup(String)
    case list(Elements)
    case tuple(Elements)
    case dict(Dict)
    case object(Object)
}

/// The elements of a list or tuple.
final class Elements {
    let items: [Value]
    let extent: Extent

    init(_ items: [Value]) {
        self.items = items
        var extent = Extent()
        for item in items { extent.include(item) }
        self.extent = extent
    }
}

/// How much a walk through a value takes. A template may nest one list twice in the next, again and again: few bytes,
/// but more leaves than could ever be visited.
struct Extent {
    /// How deep values are nested within.
    var depth = 1
    /// How many values there are within, counted once for each way to them.
    var weight = 1

    static let leaf = Extent(depth: 0, weight: 1)
    static let maximum = Extent(depth: 400, weight: 1 << 24)

    mutating func include(_ value: Value) {
        let inner = value.extent
        depth = max(depth, inner.depth + 1)
        weight = min(weight + inner.weight, Extent.maximum.weight * 2)
    }

    /// The extent of something that holds one value of this extent.
    var nested: Extent { Extent(depth: depth + 1, weight: weight) }

    var isTooLarge: Bool { depth > Extent.maximum.depth || weight > Extent.maximum.weight }
}

extension Value {
    static func list(_ items: [Value]) -> Value { .list(Elements(items)) }
    static func tuple(_ items: [Value]) -> Value { .tuple(Elements(items)) }
    static func hint(_ text: String) -> Value { .undefined(Undefined(.hint(text))) }

    var extent: Extent {
        switch self {
        case .list(let elements), .tuple(let elements): elements.extent
        case .dict(let dict): dict.extent
        case .object(let object): object.extent
        default: .leaf
        }
    }

    /// A value that the template is rendered with.
    init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .largeInt(let digits): self = .object(LargeInteger(digits))
        case .double(let value): self = .float(value)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .list(elements.map(Value.init))
        case .object(let members):
            let dict = Dict(capacity: members.count)
            for (key, value) in members { dict.set(key, Value(value)) }
            self = .dict(dict)
        }
    }

    /// The name of the type, as Python has it.
    var typeName: String {
        switch self {
        case .unset, .undefined: "Undefined"
        case .null: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .float: "float"
        case .string: "str"
        case .markup: "Markup"
        case .list: "list"
        case .tuple: "tuple"
        case .dict: "dict"
        case .object(let object): object.typeName
        }
    }

    /// The type in the message of an undefined attribute: "dict object".
    var typeDescription: String {
        if case .null = self { return "None" }
        return "\(typeName) object"
    }

    /// The text of a string.
    var text: String? {
        switch self {
        case .string(let text), .markup(let text): text
        default: nil
        }
    }

    /// The integer of an int or a bool.
    var integer: Int? {
        switch self {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// The number of an int, a bool or a float.
    var number: Double? {
        if case .float(let value) = self { return value }
        return integer.map(Double.init)
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }
    var isNull: Bool { if case .null = self { true } else { false } }

    /// Python's truth value.
    var isTrue: Bool {
        switch self {
        case .unset, .undefined, .null: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .float(let value): value != 0
        case .string(let text), .markup(let text): !text.isEmpty
        case .list(let elements), .tuple(let elements): !elements.items.isEmpty
        case .dict(let dict): dict.count > 0
        case .object(let object): object.length.map { $0 > 0 } ?? true
        }
    }

    /// Python's `len`; nil for what has none.
    var length: Int? {
        switch self {
        case .undefined: 0
        case .string(let text), .markup(let text): text.scalarCount
        case .list(let elements), .tuple(let elements): elements.items.count
        case .dict(let dict): dict.count
        case .object(let object): object.length
        default: nil
        }
    }
}
