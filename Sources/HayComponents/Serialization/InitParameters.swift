import HayJSON

/// Reads the init parameters of a serialized component; each error names the component and the parameter.
public struct InitParameters: Sendable {
    /// What functions are looked up in.
    public let registry: FunctionRegistry
    private let reader: DictionaryReader
    private let name: String

    /// The parameters in a component's dictionary.
    ///
    /// - Parameters:
    ///   - type: the component's type, as files name it.
    ///   - known: the names of all of its parameters.
    ///   - mayBeMissing: whether a dictionary without `init_parameters` stands for the defaults.
    /// Throws `ComponentError` where the dictionary describes another type, or has parameters that are not known.
    public init(
        _ data: JSON, of type: String, known: [String], mayBeMissing: Bool = false, registry: FunctionRegistry
    ) throws {
        name = String(type.split(separator: ".").last ?? "")
        let outer = try DictionaryReader(data, place: name)
        guard let found = outer.optional("type") else { throw ComponentError.missingType }
        guard found == .string(type) else {
            throw ComponentError.wrongType(found: found.string ?? found.description, expected: name)
        }
        let parameters = try mayBeMissing && !outer.has("init_parameters") ? [:] : outer.value("init_parameters")
        reader = try DictionaryReader(parameters, place: name, known: known)
        self.registry = registry
    }

    /// Whether a parameter is there, null or not.
    public func has(_ key: String) -> Bool { reader.has(key) }

    /// A parameter as it is; nil where it is absent or null.
    public func value(_ key: String) -> JSON? { reader.optional(key) }

    /// A text; nil where it is absent or null. Throws `ComponentError` for another type.
    public func string(_ key: String) throws -> String? { try reader.optionalString(key) }

    /// A text; where it is absent, the default. Throws `ComponentError` for another type, and for null.
    public func string(_ key: String, default value: String) throws -> String {
        try has(key) ? reader.string(key) : value
    }

    /// A text that may be null; where it is absent, the default. Throws `ComponentError` for another type.
    public func nullableString(_ key: String, default value: String?) throws -> String? {
        try has(key) ? string(key) : value
    }

    /// A text that has to be there. Throws `ComponentError`.
    public func requiredString(_ key: String) throws -> String { try reader.string(key) }

    /// A truth value; where it is absent, the default. Throws `ComponentError` for another type, and for null.
    public func bool(_ key: String, default value: Bool) throws -> Bool { try has(key) ? reader.bool(key) : value }

    /// An integer; nil where it is absent or null. Throws `ComponentError` for another type.
    public func int(_ key: String) throws -> Int? { try reader.optionalInt(key) }

    /// A number; nil where it is absent or null. Throws `ComponentError` for another type.
    public func double(_ key: String) throws -> Double? { try reader.optionalDouble(key) }

    /// A dictionary; nil where it is absent or null. Throws `ComponentError` for another type.
    public func object(_ key: String) throws -> JSON.Object? { try reader.optionalObject(key) }

    /// A list of texts; nil where it is absent or null. Throws `ComponentError` for another type.
    public func strings(_ key: String) throws -> [String]? { try reader.optionalStrings(key) }

    /// A dictionary that has to be there. Throws `ComponentError`.
    public func requiredObject(_ key: String) throws -> JSON.Object { try reader.object(key) }

    /// Generation options; none where they are absent or null. Throws `ComponentError` for another type.
    public func generationKwargs() throws -> GenerationKwargs {
        GenerationKwargs(try object("generation_kwargs") ?? [:])
    }

    /// A secret; nil where it is null; where it is absent, the default. Throws `ComponentError`.
    public func secret(_ key: String, default secret: Secret?) throws -> Secret? {
        try has(key) ? value(key).map(Secret.fromDict) : secret
    }

    /// A device; nil where it is absent or null. Throws `ComponentError`.
    public func device(_ key: String) throws -> ComponentDevice? { try value(key).map(ComponentDevice.fromDict) }

    /// A function, by its name; nil where it is absent or null. Throws `ComponentError`.
    public func function<Input, Output>(
        _ key: String, as type: NamedFunction<Input, Output>.Type = NamedFunction<Input, Output>.self
    ) throws -> NamedFunction<Input, Output>? {
        try string(key).map { try registry.function(named: $0) }
    }

    /// Tools; nil where they are absent or null. Throws `ComponentError`.
    public func tools(_ key: String = "tools") throws -> (any ToolSource)? { try value(key).flatMap(registry.tools) }
}
