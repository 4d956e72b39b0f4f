import HayJSON

extension ChatMessage {
    /// The message of a dictionary of OpenAI's chat interface. A `developer` speaks as the system. Of a list of parts each
    /// text is read, and of a user's list the images too, if their addresses hold them; other parts are refused.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public init(openAI data: JSON) throws {
        let reader = try DictionaryReader(data, place: "The message")
        guard let role = reader.members["role"] else { throw MessageError.missingOpenAIRole }
        let calls = reader.filled("tool_calls"), content = reader.filled("content")
        let name = try reader.optionalString("name")
        switch role {
        case "assistant":
            if calls == nil, content == nil { throw MessageError.emptyOpenAIAssistantMessage }
            for call in calls?.array ?? [] where call.object.map({ $0["function"] == nil }) ?? false {
                throw MessageError.missingOpenAIFunction
            }
            let text = content ?? (reader.members["content"] == "" ? "" : nil)
            let parts = try text.map(ChatMessage.texts) ?? []
            self.init(.assistant, parts: try parts + ChatMessage.calls(reader, calls), name: name)
        case "user", "system", "developer", "tool":
            guard let content else { throw MessageError.emptyOpenAIMessage(role: role.string ?? "") }
            switch role {
            case "user": self.init(.user, parts: try ChatMessage.userParts(content), name: name)
            case "tool":
                let text = ChatMessage(.tool, parts: try ChatMessage.texts(content)).texts.joined()
                let id = try reader.optionalString("tool_call_id")
                self = .tool(text, origin: ToolCall(toolName: "", arguments: [:], id: id))
            default: self.init(.system, parts: try ChatMessage.texts(content), name: name)
            }
        default: throw MessageError.unsupportedOpenAIRole(role.string ?? role.text(spaced: true))
        }
    }

    private static func calls(_ reader: DictionaryReader, _ calls: JSON?) throws -> [ContentPart] {
        guard calls != nil else { return [] }
        return try reader.read("tool_calls", "a list", \.array).map { .toolCall(try ToolCall(openAI: $0)) }
    }

    /// The parts of content that holds nothing but text.
    private static func texts(_ content: JSON) throws -> [ContentPart] {
        try parts(content) { part in
            guard let text = part.openAIText else {
                throw MessageError.unsupportedOpenAIPart(part.text(spaced: true), expected: "parts of type 'text'")
            }
            return .text(text)
        }
    }

    /// The parts of content that holds texts and images.
    private static func userParts(_ content: JSON) throws -> [ContentPart] {
        try parts(content) { part in
            if let text = part.openAIText { return .text(text) }
            guard part["type"] == "image_url", let image = try part["image_url"].flatMap(ImageContent.init(openAI:))
            else {
                throw MessageError.unsupportedOpenAIPart(
                    part.text(spaced: true), expected: "parts of type 'text', or 'image_url' with a data URL of base64")
            }
            return .image(image)
        }
    }

    private static func parts(
        _ content: JSON, _ read: (JSON) throws -> ContentPart
    ) throws -> [ContentPart] {
        if let text = content.string { return [.text(text)] }
        guard let parts = content.array else {
            throw ComponentError.wrongValue(
                place: "The message's 'content'", expected: "a string or a list of parts", found: content.kind)
        }
        return try parts.map(read)
    }
}

extension JSON {
    /// The text of a part of this type.
    fileprivate var openAIText: String? { self["type"] == "text" ? self["text"]?.string : nil }
}

extension ImageContent {
    /// The image of an address that holds it; nil for other addresses. Throws `MessageError` where it is no image.
    fileprivate init?(openAI data: JSON) throws {
        guard let url = data["url"]?.string, url.hasPrefix("data:"), let comma = url.firstIndex(of: ",") else {
            return nil
        }
        let description = url[..<comma].dropFirst("data:".count)
        guard description.hasSuffix(";base64") else { return nil }
        let type = String(description.dropLast(";base64".count))
        try self.init(
            base64: String(url[url.index(after: comma)...]), mimeType: type.isEmpty ? nil : type,
            detail: data["detail"]?.string.flatMap(ImageDetail.init))
    }
}

extension ToolCall {
    fileprivate init(openAI data: JSON) throws {
        guard let function = try DictionaryReader(data, place: "The tool call").members["function"] else {
            throw MessageError.missingOpenAIFunction
        }
        let reader = try DictionaryReader(function, place: "The tool call's function")
        let name = try reader.string("name")
        do {
            let arguments = try ToolCall.givenArguments(inText: reader.string("arguments"))
            let id = try DictionaryReader(data, place: "The tool call").optionalString("id")
            self.init(toolName: name, givenArguments: arguments, id: id)
        } catch let error as ArgumentsError {
            throw MessageError.malformedArguments(tool: name, reason: error.description)
        }
    }
}
