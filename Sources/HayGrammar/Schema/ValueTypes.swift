import HayJSON

/// The types of JSON Schema; numbers that are no integers are one of their own, so that types never overlap.
struct ValueTypes: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let null = ValueTypes(rawValue: 1)
    static let boolean = ValueTypes(rawValue: 2)
    static let integer = ValueTypes(rawValue: 4)
    static let fraction = ValueTypes(rawValue: 8)
    static let string = ValueTypes(rawValue: 16)
    static let array = ValueTypes(rawValue: 32)
    static let object = ValueTypes(rawValue: 64)
    static let number: ValueTypes = [.integer, .fraction]
    static let all = ValueTypes(rawValue: 127)

    /// The types of a value of `type`. Throws `GrammarError`.
    init(_ place: Location) throws {
        let names = place.json.array ?? [place.json]
        self = []
        for name in names {
            switch name.string {
            case "null": insert(.null)
            case "boolean": insert(.boolean)
            case "integer": insert(.integer)
            case "number": formUnion(.number)
            case "string": insert(.string)
            case "array": insert(.array)
            case "object": insert(.object)
            default:
                throw GrammarError.wrongValue(
                    path: place.path,
                    expected: "null, boolean, integer, number, string, array, object or a list of them",
                    found: name.string.map { "'\($0)'" } ?? name.kind)
            }
        }
        guard !names.isEmpty else {
            throw GrammarError.wrongValue(path: place.path, expected: "a type", found: "an empty list")
        }
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The type of a value; nil for numbers that JSON does not have.
    init?(of value: JSON) {
        switch value {
        case .null: self = .null
        case .bool: self = .boolean
        case .int, .largeInt: self = .integer
        case .double(let number):
            guard number.isFinite else { return nil }
            self = Decimal(value)?.isInteger == true ? .integer : .fraction
        case .string: self = .string
        case .array: self = .array
        case .object: self = .object
        }
    }
}
