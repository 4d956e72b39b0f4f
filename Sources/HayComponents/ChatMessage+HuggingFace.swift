import HayJSON

extension ChatMessage {
    /// The message as Hugging Face's chat interface and chat templates take it.
    ///
    /// Unlike in OpenAI's dictionary, arguments are an object, ids are not needed, and each role may have a list of
    /// parts. Names are not written. Throws `MessageError` where it has nothing to send, or a tool's result and
    /// something else.
    public func huggingFaceDict() throws -> JSON {
        try checkSendable(to: "the Hugging Face API")
        var message: JSON.Object = ["role": .string(role.rawValue), "content": huggingFaceContent]
        if let id = toolCallResult?.origin.id, !id.isEmpty { message.append("tool_call_id", .string(id)) }
        if !toolCalls.isEmpty { message.append("tool_calls", .array(toolCalls.map { $0.huggingFaceDict })) }
        return .object(message)
    }

    private var huggingFaceContent: JSON {
        if let toolCallResult { return .string(toolCallResult.result) }
        if texts.count > 1 || !images.isEmpty {
            return .array(parts.compactMap { $0.contentItem(withDetail: false) })
        }
        return .string(text ?? "")
    }
}

extension ToolCall {
    fileprivate var huggingFaceDict: JSON {
        var call: JSON.Object = [
            "type": "function", "function": ["name": .string(toolName), "arguments": givenArguments],
        ]
        if let id { call.append("id", .string(id)) }
        return .object(call)
    }
}
