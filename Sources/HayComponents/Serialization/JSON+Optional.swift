import HayJSON

/// Values that may be absent, as files hold them.
extension JSON {
    /// A text, or null.
    package init(_ text: String?) { self = text.map(JSON.string) ?? .null }

    /// A number, or null.
    package init(_ number: Double?) { self = number.map(JSON.double) ?? .null }

    /// An integer, or null.
    package init(_ number: Int?) { self = number.map(JSON.int) ?? .null }

    /// A dictionary, or null.
    package init(_ members: JSON.Object?) { self = members.map(JSON.object) ?? .null }

    /// A function's name, or null. Throws `ComponentError` for a function without a name.
    package init<Input, Output>(_ function: NamedFunction<Input, Output>?) throws {
        self = try function.map { .string(try $0.serializedName) } ?? .null
    }

    /// Whether this is anything but null, false, 0 and what is empty: what Python takes for true.
    package var isFilled: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .string(let text): !text.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let members): members.count > 0
        default: double != 0
        }
    }

    /// What files hold of a secret, or null. Throws `ComponentError` for a secret that is given as it is.
    package init(_ secret: Secret?) throws { self = try secret?.toDict() ?? .null }

    /// What files hold of tools, or null. Throws `ComponentError` where a function has no name.
    package init(_ tools: (any ToolSource)?) throws { self = try tools?.toDict() ?? .null }
}
