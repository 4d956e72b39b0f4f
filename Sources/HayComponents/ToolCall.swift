import HayJSON

/// A model's wish to have a tool called.
public struct ToolCall: Sendable, Equatable {
    /// The tool's name.
    public var toolName: String
    /// The arguments by name.
    public var arguments: JSON.Object
    /// What the result refers to; models that run locally give none.
    public var id: String?

    /// A call.
    public init(toolName: String, arguments: JSON.Object, id: String? = nil) {
        self.toolName = toolName
        self.arguments = arguments
        self.id = id
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
        ["tool_name": .string(toolName), "arguments": .object(arguments), "id": JSON(id)]
    }

    /// The call of a dictionary.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ToolCall {
        let reader = try DictionaryReader(data, place: "ToolCall", known: ["tool_name", "arguments", "id"])
        return try ToolCall(
            toolName: reader.string("tool_name"), arguments: reader.object("arguments"),
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
        let known = ["result", "origin", "error"]
        if let keys = data.object?.keys, !known.allSatisfy(keys.contains) {
            throw MessageError.incompleteToolCallResult(keys: keys)
        }
        let reader = try DictionaryReader(data, place: "ToolCallResult", known: known)
        return try ToolCallResult(
            reader.string("result"), origin: .fromDict(.object(reader.object("origin"))),
            isError: reader.bool("error"))
    }
}
