import HayJSON

/// A function that a model may ask to have called.
public struct Tool: Sendable {
    /// The class that files name.
    public static let type = "haystack.tools.tool.Tool"

    /// The name that the model calls it by.
    public let name: String
    /// What it does, for the model to read.
    public let description: String
    /// The JSON schema of its arguments.
    public let parameters: JSON
    /// What it does.
    public let function: ToolFunction
    /// How the result becomes the text that the model reads.
    public let outputsToString: OutputMapping?
    /// Which values of a program's state are passed as which arguments: names of arguments by names of values.
    public let inputsFromState: [String: String]?
    /// What the result changes in a program's state: mappings by names of values.
    public let outputsToState: [String: OutputMapping]?

    /// A tool.
    ///
    /// Throws `ComponentError` where the parameters are no JSON schema of the draft 2020-12.
    public init(
        name: String, description: String, parameters: JSON, function: ToolFunction,
        outputsToString: OutputMapping? = nil, inputsFromState: [String: String]? = nil,
        outputsToState: [String: OutputMapping]? = nil
    ) throws {
        try MetaSchema.check(parameters)
        self.name = name
        self.description = description
        self.parameters = parameters
        self.function = function
        self.outputsToString = outputsToString
        self.inputsFromState = inputsFromState
        self.outputsToState = outputsToState
    }

    /// What a model is told: `name`, `description`, `parameters`.
    public var toolSpec: JSON.Object {
        ["name": .string(name), "description": .string(description), "parameters": parameters]
    }

    /// Calls the function. The arguments are not compared with the schema.
    ///
    /// Throws `ComponentError.toolInvocation`, whatever the function throws.
    public func invoke(_ arguments: JSON.Object) async throws -> JSON {
        do {
            return try await function(arguments)
        } catch {
            throw ComponentError.toolInvocation(tool: name, arguments: arguments, cause: "\(error)")
        }
    }
}

extension Tool: Equatable {
    /// Tools are equal when all is but the functions, of which the names are compared.
    public static func == (left: Tool, right: Tool) -> Bool {
        left.name == right.name && left.description == right.description && left.parameters == right.parameters
            && left.function.name == right.function.name && left.outputsToString == right.outputsToString
            && left.inputsFromState == right.inputsFromState && left.outputsToState == right.outputsToState
    }
}

extension Tool {
    /// What files hold: `type` and `data`.
    ///
    /// Throws `ComponentError` where the function or a handler has no name.
    public func toDict() throws -> JSON {
        let inputs = inputsFromState?.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        let outputs = try outputsToState?.sorted { $0.key < $1.key }.map { ($0.key, try $0.value.toDict()) }
        return [
            "type": .string(Tool.type),
            "data": [
                "name": .string(name), "description": .string(description), "parameters": parameters,
                "function": .string(try function.serializedName),
                "outputs_to_string": try outputsToString?.toDict() ?? .null,
                "inputs_from_state": inputs.map { .object(JSON.Object($0)) } ?? .null,
                "outputs_to_state": outputs.map { .object(JSON.Object($0)) } ?? .null,
            ],
        ]
    }

    /// The tool that a dictionary describes. Functions are looked up in the registry.
    ///
    /// Throws `ComponentError`.
    public static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> Tool {
        let outer = try DictionaryReader(data, place: "The tool")
        try outer.checkClass(Tool.type, "Tool")
        let reader = try DictionaryReader(
            outer.value("data"), place: "The tool's 'data'",
            known: [
                "name", "description", "parameters", "function", "outputs_to_string", "inputs_from_state",
                "outputs_to_state",
            ])
        let function: ToolFunction = try registry.function(named: reader.string("function"))
        // A schema that is none is told of before what becomes of results.
        try MetaSchema.check(reader.value("parameters"))
        let outputsToState = try outputs(reader, registry)
        return try Tool(
            name: reader.string("name"), description: reader.string("description"),
            parameters: reader.value("parameters"), function: function,
            outputsToString: reader.optional("outputs_to_string").map {
                try OutputMapping($0, name: "outputs_to_string", key: nil, registry: registry)
            },
            inputsFromState: inputs(reader), outputsToState: outputsToState)
    }

    private static func inputs(_ reader: DictionaryReader) throws -> [String: String]? {
        guard let value = reader.optional("inputs_from_state") else { return nil }
        let entries = try DictionaryReader(value, place: "\(reader.place)'s 'inputs_from_state'")
        return try Dictionary(entries.readAll("a string", \.string)) { $1 }
    }

    private static func outputs(
        _ reader: DictionaryReader, _ registry: FunctionRegistry
    ) throws -> [String: OutputMapping]? {
        guard let value = reader.optional("outputs_to_state") else { return nil }
        let entries = try DictionaryReader(value, place: "\(reader.place)'s 'outputs_to_state'")
        return try Dictionary(
            entries.members.map { key, value in
                (key, try OutputMapping(value, name: "outputs_to_state", key: key, registry: registry))
            }
        ) { $1 }
    }
}
