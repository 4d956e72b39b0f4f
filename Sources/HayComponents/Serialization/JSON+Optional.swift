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

    /// What files hold of a secret, or null. Throws `ComponentError` for a secret that is given as it is.
    package init(_ secret: Secret?) throws { self = try secret?.toDict() ?? .null }

    /// What files hold of tools, or null. Throws `ComponentError` where a function has no name.
    package init(_ tools: (any ToolSource)?) throws { self = try tools?.toDict() ?? .null }
}
