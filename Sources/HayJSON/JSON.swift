/// A JSON value as it stands in the text: objects keep the order of their keys, integers stay apart from floats.
///
/// Both matter here: a chat template prints dictionaries in the order they came in and 1 differently from 1.0, and
/// a checkpoint header that names a tensor twice must be told from one that does not.
public enum JSON: Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case int(Int)
    /// A number written without fraction and exponent that does not fit 64 bits: its digits, after `-` where it has one.
    case largeInt(String)
    /// Any other number; also `NaN`, `Infinity` and `-Infinity`, which Python writes.
    case double(Double)
    /// A string; a lone surrogate escape became U+FFFD.
    case string(String)
    /// An array.
    case array([JSON])
    /// An object.
    case object(Object)

    /// Members of an object in the order of the text, repeated keys included.
    public struct Object: Sendable, Equatable {
        /// The keys, in order.
        public private(set) var keys: [String] = []
        /// The values; `values[i]` belongs to `keys[i]`.
        public private(set) var values: [JSON] = []

        /// An object without members.
        public init() {}

        /// An object with these members, in this order.
        public init(_ members: [(String, JSON)]) {
            keys = members.map(\.0)
            values = members.map(\.1)
        }

        /// How many members there are.
        public var count: Int { keys.count }

        /// Adds a member at the end, without looking for one of the same name.
        public mutating func append(_ key: String, _ value: JSON) {
            keys.append(key)
            values.append(value)
        }

        /// The value of a key, the last one where it stands more than once. A search from the end: objects that are
        /// asked for names are small; large ones (a vocabulary, a checkpoint header) are walked once.
        public subscript(_ key: String) -> JSON? { keys.lastIndex(of: key).map { values[$0] } }
    }
}

extension JSON.Object: Sequence {
    /// Walks the members in order.
    public func makeIterator() -> Zip2Sequence<[String], [JSON]>.Iterator { zip(keys, values).makeIterator() }
}

extension JSON {
    /// The value of a key when this is an object that has it.
    public subscript(_ key: String) -> JSON? { object?[key] }

    /// The members when this is an object.
    public var object: Object? { if case .object(let value) = self { value } else { nil } }

    /// The elements when this is an array.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }

    /// The text when this is a string.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The truth value when this is a boolean.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The integer when this is one, also when it is written as a float without a fraction (`2.0`).
    public var int: Int? {
        switch self {
        case .int(let value): value
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number when this is one.
    public var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .largeInt(let digits): Double(digits)
        case .double(let value): value
        default: nil
        }
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// What kind of value this is, for error messages: "a string", "an object", …
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int, .largeInt: "an integer"
        case .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// A float.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object, in the order of the literal.
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Object(elements)) }
}

extension JSON.Object: ExpressibleByDictionaryLiteral {
    /// An object, in the order of the literal.
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
