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
