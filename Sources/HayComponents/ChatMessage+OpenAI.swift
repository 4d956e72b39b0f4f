import HayJSON

extension ChatMessage {
    /// The message as OpenAI's chat interface takes it.
    ///
    /// Throws `MessageError` where it has nothing to send, or a tool's result and something else, or a call without id.
    ///
    /// - Parameter requiringToolCallIDs: whether calls, and results' origins, must have an id. Servers that only speak
    ///   OpenAI's language may do without.
    public func openAIDict(requiringToolCallIDs: Bool = true) throws -> JSON {
        try checkSendable(to: "OpenAI")
        var message: JSON.Object = ["role": .string(role.rawValue)]
        if let name { message.append("name", .string(name)) }
        if role == .user {
            message.append("content", userContent)
        } else if let result = toolCallResult {
            message.append("content", .string(result.result))
            if let id = result.origin.id {
                message.append("tool_call_id", .string(id))
            } else if requiringToolCallIDs {
                throw MessageError.missingToolCallID
            }
        } else {
            if let text { message.append("content", .string(text)) }
            if !toolCalls.isEmpty {
                let calls = try toolCalls.map { try $0.openAIDict(requiringID: requiringToolCallIDs) }
                message.append("tool_calls", .array(calls))
            }
        }
        return .object(message)
    }

    /// A single text as it is, other parts as a list.
    private var userContent: JSON {
        if parts.count == 1, let text { return .string(text) }
        return .array(parts.compactMap { $0.contentItem(withDetail: true) })
    }

    /// Throws where a message has nothing to send, or a tool's result together with something else.
    func checkSendable(to provider: String) throws {
        let isEmpty = parts.allSatisfy { if case .reasoning = $0 { true } else { false } }
        if isEmpty { throw MessageError.emptyMessage }
        if toolCallResult != nil, parts.count > 1 { throw MessageError.mixedToolCallResult(provider: provider) }
    }
}

extension ContentPart {
    /// The part as an item of a content list; nil for kinds that are no content there.
    func contentItem(withDetail: Bool) -> JSON? {
        switch self {
        case .text(let text): return ["type": "text", "text": .string(text)]
        case .image(let image):
            var url: JSON.Object = ["url": .string(image.dataURL)]
            if withDetail, let detail = image.detail { url.append("detail", .string(detail.rawValue)) }
            return ["type": "image_url", "image_url": .object(url)]
        default: return nil
        }
    }
}

extension ToolCall {
    fileprivate func openAIDict(requiringID: Bool) throws -> JSON {
        let text = givenArguments.text(spaced: true)
        var call: JSON.Object = [
            "type": "function", "function": ["name": .string(toolName), "arguments": .string(text)],
        ]
        if let id {
            call.append("id", .string(id))
        } else if requiringID {
            throw MessageError.missingToolCallID
        }
        return .object(call)
    }
}
