import HayJSON

/// A piece of a reply, as it comes.
public struct StreamingChunk: Sendable, Equatable {
    /// A piece of text; may be empty.
    public var content: String
    /// What the component tells of it.
    public var meta: JSON.Object
    /// Which component made it.
    public var componentInfo: ComponentInfo?
    /// Which block of the reply it belongs to, from 0.
    public var index: Int?
    /// Pieces of tool calls.
    public var toolCalls: [ToolCallDelta]?
    /// The result of a tool that was called.
    public var toolCallResult: ToolCallResult?
    /// Whether a block begins with it.
    public var start: Bool
    /// Why the reply ended: stop, length, tool_calls, content_filter, tool_call_results.
    public var finishReason: String?
    /// A piece of the model's thoughts.
    public var reasoning: ReasoningContent?

    /// A piece of a reply.
    ///
    /// Throws `MessageError` where more than one of text, tool calls, tool result and reasoning is given, or one of the
    /// last three without `index`.
    public init(
        content: String, meta: JSON.Object = [:], componentInfo: ComponentInfo? = nil, index: Int? = nil,
        toolCalls: [ToolCallDelta]? = nil, toolCallResult: ToolCallResult? = nil, start: Bool = false,
        finishReason: String? = nil, reasoning: ReasoningContent? = nil
    ) throws {
        self.init(
            text: content, meta: meta, componentInfo: componentInfo, index: index, start: start,
            finishReason: finishReason)
        self.toolCalls = toolCalls
        self.toolCallResult = toolCallResult
        self.reasoning = reasoning
        try check()
    }

    /// A piece of text.
    public init(
        text: String, meta: JSON.Object = [:], componentInfo: ComponentInfo? = nil, index: Int? = nil,
        start: Bool = false, finishReason: String? = nil
    ) {
        content = text
        self.meta = meta
        self.componentInfo = componentInfo
        self.index = index
        self.start = start
        self.finishReason = finishReason
    }

    private func check() throws {
        var fields: [String] = []
        if !content.isEmpty { fields.append("content") }
        if !(toolCalls ?? []).isEmpty { fields.append("tool_calls") }
        if toolCallResult != nil { fields.append("tool_call_result") }
        if reasoning != nil { fields.append("reasoning") }
        if fields.count > 1 { throw MessageError.mixedChunk(fields: fields) }
        if index == nil, !fields.isEmpty, fields != ["content"] { throw MessageError.missingChunkIndex }
    }
}

/// Which component a chunk comes from.
public struct ComponentInfo: Sendable, Equatable {
    /// The component's type, as files name it.
    public var type: String
    /// Its name within a pipeline.
    public var name: String?

    /// A component.
    public init(type: String, name: String? = nil) {
        self.type = type
        self.name = name
    }
}

/// A piece of a tool call: the pieces of one index together are the call.
public struct ToolCallDelta: Sendable, Equatable {
    /// Which call of the reply, from 0.
    public var index: Int
    /// The tool's name, or a piece of it.
    public var toolName: String?
    /// A piece of the arguments' JSON text.
    public var arguments: String?
    /// What the result refers to.
    public var id: String?

    /// A piece.
    public init(index: Int, toolName: String? = nil, arguments: String? = nil, id: String? = nil) {
        self.index = index
        self.toolName = toolName
        self.arguments = arguments
        self.id = id
    }
}
