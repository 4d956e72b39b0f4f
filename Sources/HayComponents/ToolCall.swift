import HayJSON

/// A model's wish to have a tool called.
public struct ToolCall: Sendable, Equatable {
    /// The tool's name.
    public var toolName: String
    /// The arguments as the model gave them. A tool can only be called with an object, but a conversation keeps whatever
    /// was said.
    public var givenArguments: JSON
    /// What the result refers to; models that run locally give none.
    public var id: String?

    /// A call.
    public init(toolName: String, arguments: JSON.Object, id: String? = nil) {
        self.init(toolName: toolName, givenArguments: .object(arguments), id: id)
    }

    /// A call with whatever a model gave as its arguments.
    public init(toolName: String, givenArguments: JSON, id: String? = nil) {
        self.toolName = toolName
        self.givenArguments = givenArguments
        self.id = id
    }

    /// The arguments by name; none where the model gave something else.
    public var arguments: JSON.Object {
        get { givenArguments.object ?? [:] }
        set { givenArguments = .object(newValue) }
    }
}

/// What came of a tool call.
public struct ToolCallResult: Sendable, Equatable {
    /// The result as text, or what went wrong.
    public var result: String
    /// The call that it answers.
    public var origin: ToolCall
    /// Whether the call failed.
    public var isError: Bool

    /// A result.
    public init(_ result: String, origin: ToolCall, isError: Bool = false) {
        self.result = result
        self.origin = origin
        self.isError = isError
    }
}

extension ToolCall {
    /// The dictionary that files hold.
    public func toDict() -> JSON {
        ["tool_name": .string(toolName), "arguments": givenArguments, "id": JSON(id)]
    }

    /// The call of a dictionary.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ToolCall {
        let reader = try DictionaryReader(data, place: "ToolCall", known: ["tool_name", "arguments", "id"])
        return try ToolCall(
            toolName: reader.string("tool_name"), givenArguments: reader.value("arguments"),
            id: reader.optionalString("id"))
    }
}

extension ToolCallResult {
    /// The dictionary that files hold.
    public func toDict() -> JSON {
        ["result": .string(result), "origin": origin.toDict(), "error": .bool(isError)]
    }

    /// The result of a dictionary, which must have all three fields.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ToolCallResult {
        let reader = try DictionaryReader(data, place: "ToolCallResult")
        guard ["result", "origin", "error"].allSatisfy(reader.has) else {
            throw MessageError.incompleteToolCallResult(keys: reader.members.keys)
        }
        return try ToolCallResult(
            reader.string("result"), origin: .fromDict(reader.value("origin")), isError: reader.bool("error"))
    }
}
