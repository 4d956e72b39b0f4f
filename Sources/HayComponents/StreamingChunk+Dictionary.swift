import HayJSON

extension StreamingChunk {
    /// The dictionary that files hold, always with all nine keys.
    public func toDict() -> JSON {
        let calls = toolCalls ?? []
        return [
            "content": .string(content), "meta": .object(meta), "component_info": componentInfo?.toDict() ?? .null,
            "index": index.map(JSON.int) ?? .null,
            "tool_calls": calls.isEmpty ? .null : .array(calls.map { $0.toDict() }),
            "tool_call_result": toolCallResult?.toDict() ?? .null, "start": .bool(start),
            "finish_reason": JSON(finishReason), "reasoning": reasoning?.toDict() ?? .null,
        ]
    }

    /// The chunk of a dictionary, which needs no key but `content`.
    ///
    /// Throws `MessageError`.
    public static func fromDict(_ data: JSON) throws -> StreamingChunk {
        let members = try Members(data, of: "StreamingChunk")
        guard members.value("content") != nil else { throw MessageError.missingChunkContent }
        return try StreamingChunk(
            content: members.string("content"), meta: members.optionalObject("meta") ?? [:],
            componentInfo: members.value("component_info").map(ComponentInfo.fromDict),
            index: members.optionalInt("index"),
            toolCalls: members.optional("tool_calls", "an array", \.array)?.map(ToolCallDelta.fromDict),
            toolCallResult: members.value("tool_call_result").map(ToolCallResult.fromDict),
            start: members.optionalBool("start") ?? false, finishReason: members.optionalString("finish_reason"),
            reasoning: members.value("reasoning").map(ReasoningContent.fromDict))
    }
}

extension ComponentInfo {
    /// The dictionary that files hold.
    public func toDict() -> JSON { ["type": .string(type), "name": JSON(name)] }

    /// The component of a dictionary.
    ///
    /// Throws `MessageError`.
    public static func fromDict(_ data: JSON) throws -> ComponentInfo {
        let members = try Members(data, of: "ComponentInfo", known: ["type", "name"])
        return try ComponentInfo(type: members.string("type"), name: members.optionalString("name"))
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
    /// Throws `MessageError`.
    public static func fromDict(_ data: JSON) throws -> ToolCallDelta {
        let members = try Members(data, of: "ToolCallDelta", known: ["index", "tool_name", "arguments", "id"])
        return try ToolCallDelta(
            index: members.int("index"), toolName: members.optionalString("tool_name"),
            arguments: members.optionalString("arguments"), id: members.optionalString("id"))
    }
}
