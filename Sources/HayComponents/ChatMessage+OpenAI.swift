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
        if let result = toolCallResult {
            message.append("content", .string(result.result))
            if let id = result.origin.id {
                message.append("tool_call_id", .string(id))
            } else if requiringToolCallIDs {
                throw MessageError.missingToolCallID
            }
        } else if role == .user {
            message.append("content", userContent)
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
        let text = JSON.object(arguments).text(spaced: true)
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

extension ChatMessage {
    /// The message of a dictionary of OpenAI's chat interface. A `developer` speaks as the system; lists of text parts
    /// are read, parts of other kinds refused.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public init(openAI data: JSON) throws {
        let reader = try DictionaryReader(data, place: "The message")
        guard let role = try reader.optionalString("role") else { throw MessageError.missingOpenAIRole }
        let name = try reader.optionalString("name")
        let texts = try ChatMessage.texts(of: reader)
        switch role {
        case "assistant":
            let calls = try reader.optionalArray("tool_calls") ?? []
            if calls.isEmpty, texts.isEmpty { throw MessageError.emptyOpenAIAssistantMessage }
            let parts = try texts.map(ContentPart.text) + calls.map { .toolCall(try ToolCall(openAI: $0)) }
            self.init(.assistant, parts: parts, name: name)
        case "user", "system", "developer":
            if texts.isEmpty { throw MessageError.emptyOpenAIMessage(role: role) }
            self.init(role == "user" ? .user : .system, parts: texts.map(ContentPart.text), name: name)
        case "tool":
            if texts.isEmpty { throw MessageError.emptyOpenAIMessage(role: role) }
            let origin = try ToolCall(toolName: "", arguments: [:], id: reader.optionalString("tool_call_id"))
            self = .tool(texts.joined(), origin: origin)
        default: throw MessageError.unsupportedOpenAIRole(role)
        }
    }

    /// The texts that the content holds; none where it is absent or empty.
    private static func texts(of reader: DictionaryReader) throws -> [String] {
        guard let content = reader.optional("content"), content != "" else { return [] }
        if let text = content.string { return [text] }
        return try reader.read("content", "a string or a list of parts", \.array).map { part in
            guard part["type"]?.string == "text", let text = part["text"]?.string else {
                throw MessageError.unsupportedOpenAIPart(part.text(spaced: true))
            }
            return text
        }
    }
}

extension ToolCall {
    fileprivate init(openAI data: JSON) throws {
        let call = try DictionaryReader(data, place: "The tool call")
        let function = try DictionaryReader(.object(call.object("function")), place: "The tool call's function")
        let name = try function.string("name")
        do {
            let arguments = try ToolCall.arguments(inText: function.string("arguments"))
            self.init(toolName: name, arguments: arguments, id: try call.optionalString("id"))
        } catch let error as ArgumentsError {
            throw MessageError.malformedArguments(tool: name, reason: error.description)
        }
    }
}
