import HayJSON

extension StreamingChunk {
    /// The dictionary that files hold, always with all nine keys.
    public func toDict() -> JSON {
        let calls = toolCalls ?? []
        return [
            "content": .string(content), "meta": .object(meta), "component_info": componentInfo?.toDict() ?? .null,
            "index": JSON(index),
            "tool_calls": calls.isEmpty ? .null : .array(calls.map { $0.toDict() }),
            "tool_call_result": toolCallResult?.toDict() ?? .null, "start": .bool(start),
            "finish_reason": JSON(finishReason), "reasoning": reasoning?.toDict() ?? .null,
        ]
    }

    /// The chunk of a dictionary, which needs no key but `content`.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> StreamingChunk {
        let reader = try DictionaryReader(data, place: "StreamingChunk")
        guard reader.has("content") else { throw MessageError.missingChunkContent }
        return try StreamingChunk(
            content: reader.string("content"), meta: reader.optionalObject("meta") ?? [:],
            componentInfo: reader.filled("component_info").map(ComponentInfo.fromDict),
            index: reader.optionalInt("index"),
            toolCalls: reader.filled("tool_calls").flatMap { _ in try reader.optionalArray("tool_calls") }?.map(
                ToolCallDelta.fromDict),
            toolCallResult: reader.filled("tool_call_result").map(ToolCallResult.fromDict),
            start: reader.optionalBool("start") ?? false, finishReason: reader.optionalString("finish_reason"),
            reasoning: reader.filled("reasoning").map(ReasoningContent.fromDict))
    }
}

extension ComponentInfo {
    /// The dictionary that files hold.
    public func toDict() -> JSON { ["type": .string(type), "name": JSON(name)] }

    /// The component of a dictionary.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ComponentInfo {
        let reader = try DictionaryReader(data, place: "ComponentInfo", known: ["type", "name"])
        return try ComponentInfo(type: reader.string("type"), name: reader.optionalString("name"))
    }
}

extension ToolCallDelta {
    /// The dictionary that files hold.
    public func toDict() -> JSON {
        [
            "index": .int(index), "tool_name": JSON(toolName), "arguments": JSON(arguments), "id": JSON(id),
        ]
    }

    /// The piece of a dictionary.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ToolCallDelta {
        let reader = try DictionaryReader(
            data, place: "ToolCallDelta", known: ["index", "tool_name", "arguments", "id"])
        return try ToolCallDelta(
            index: reader.int("index"), toolName: reader.optionalString("tool_name"),
            arguments: reader.optionalString("arguments"), id: reader.optionalString("id"))
    }
}
