import HayJSON

/// A checkpoint's chat template, rendered as `apply_chat_template` of transformers renders it.
public struct ChatTemplate: Sendable {
    /// The template's text.
    public let source: String
    private let template: Template

    /// Reads a template. Throws `TemplateError`.
    public init(_ source: String) throws {
        self.source = source
        template = try Template(source)
    }

    /// The text of a conversation.
    ///
    /// Keys of messages that are null are dropped, and a message's reasoning is found under each of the names that
    /// templates know. Throws `TemplateError`.
    ///
    /// - Parameters:
    ///   - messages: an array of objects.
    ///   - tools: an array of JSON schemas that the template may show.
    ///   - documents: an array of objects that the template may show.
    ///   - addGenerationPrompt: whether the text ends with what begins the assistant's next message.
    ///   - continueFinalMessage: whether the text ends within the last message, for the model to go on with it.
    ///   - continuedField: the key of the text that it goes on with.
    ///   - specialTokens: texts by name: `bos_token`, `eos_token`, …
    ///   - variables: what else the template may name; they win over special tokens.
    public func render(
        messages: JSON, tools: JSON? = nil, documents: JSON? = nil, addGenerationPrompt: Bool = false,
        continueFinalMessage: Bool = false, continuedField: String = "content", specialTokens: [String: String] = [:],
        variables: JSON.Object = JSON.Object(), limits: RenderLimits = RenderLimits(), now: ClockTime? = nil
    ) throws -> String {
        var messages = try normalized(messages)
        if continueFinalMessage, addGenerationPrompt {
            throw TemplateError.value("continue_final_message and add_generation_prompt are not compatible")
        }
        var continued = ""
        if continueFinalMessage {
            continued = try markEnd(of: &messages[messages.count - 1], field: continuedField)
        }
        let context = try context(messages, tools, documents, addGenerationPrompt, specialTokens, variables)
        let text = try template.render(context, limits: limits, now: now)
        return continueFinalMessage ? try cut(text, after: continued) : text
    }

    /// The text of a conversation with where it holds what the assistant wrote: what the template has put between
    /// `{% generation %}` and `{% endgeneration %}`. The parameters are those of `render`. Throws `TemplateError`.
    public func renderGenerations(
        messages: JSON, tools: JSON? = nil, documents: JSON? = nil, addGenerationPrompt: Bool = false,
        specialTokens: [String: String] = [:], variables: JSON.Object = JSON.Object(),
        limits: RenderLimits = RenderLimits(), now: ClockTime? = nil
    ) throws -> (text: String, generations: [Range<String.Index>]) {
        let messages = try normalized(messages)
        let context = try context(messages, tools, documents, addGenerationPrompt, specialTokens, variables)
        return try template.renderGenerations(context, limits: limits, now: now)
    }

    private func context(
        _ messages: [JSON.Object], _ tools: JSON?, _ documents: JSON?, _ addGenerationPrompt: Bool,
        _ specialTokens: [String: String], _ variables: JSON.Object
    ) throws -> JSON.Object {
        try check(documents)
        var context = JSON.Object(specialTokens.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
        for (name, value) in variables { context.append(name, value) }
        context.append("messages", .array(messages.map(JSON.object)))
        context.append("tools", tools ?? .null)
        context.append("documents", documents ?? .null)
        context.append("add_generation_prompt", .bool(addGenerationPrompt))
        return context
    }

    /// The messages without null keys and with their reasoning under each name.
    private func normalized(_ messages: JSON) throws -> [JSON.Object] {
        guard let array = messages.array else {
            throw TemplateError.type("messages must be an array, not \(messages.kind)")
        }
        guard !array.isEmpty else {
            throw TemplateError.value(
                "Cannot apply chat template to an empty conversation. Provide at least one message.")
        }
        return try array.map { message in
            guard let members = message.object else {
                throw TemplateError.type("a chat message must be an object, not \(message.kind)")
            }
            return aliasingReasoning(JSON.Object(members.filter { !$0.1.isNull }))
        }
    }

    private static let reasoningFields = ["reasoning_content", "thinking", "reasoning"]

    private func aliasingReasoning(_ message: JSON.Object) -> JSON.Object {
        guard let reasoning = ChatTemplate.reasoningFields.lazy.compactMap({ message[$0] }).first else {
            return message
        }
        var aliased = JSON.Object([("thinking", message["thinking"] ?? reasoning)])
        for (key, value) in message where key != "thinking" && key != "reasoning_content" {
            aliased.append(key, value)
        }
        aliased.append("reasoning_content", reasoning)
        return aliased
    }

    private func check(_ documents: JSON?) throws {
        guard let documents, !documents.isNull else { return }
        guard let array = documents.array, array.allSatisfy({ $0.object != nil }) else {
            throw TemplateError.type("Documents should be a list of dicts with 'title' and 'text' keys!")
        }
    }

    // MARK: Continuing the final message

    /// Stands at the end of the final message while the template is rendered, and shows where the text is to be cut.
    private static let mark = "CONTINUE_FINAL_MESSAGE_TAG "

    /// Puts the mark at the end of a message's text and gives the text.
    private func markEnd(of message: inout JSON.Object, field: String) throws -> String {
        guard let content = message[field] else {
            throw TemplateError.value(
                "continue_final_message is set but the final message has no \"\(field)\" to continue!")
        }
        // Reasoning stands under several names, and the template reads one of them.
        let isReasoning = ChatTemplate.reasoningFields.contains(field)
        let fields = isReasoning ? ChatTemplate.reasoningFields.filter { message[$0] == content } : [field]
        guard fields.contains(where: { source.contains(bytesOf: $0) }) else {
            throw TemplateError.value(
                "continue_final_message is set to \"\(field)\" but this is not an accepted field in the chat_template")
        }
        if let text = content.string {
            for field in fields { message = message.setting(field, .string(text + ChatTemplate.mark)) }
            return text
        }
        guard var blocks = content.array else {
            throw TemplateError.type("\"\(field)\" of the final message must be text to be continued")
        }
        for index in blocks.indices.reversed() {
            guard let block = blocks[index].object, let text = block["text"]?.string else { continue }
            blocks[index] = .object(block.setting("text", .string(text + ChatTemplate.mark)))
            message = message.setting(field, .array(blocks))
            return text
        }
        throw TemplateError.value(
            "continue_final_message is set but we could not find any text to continue in the final message!")
    }

    /// The text up to the mark, without the space before it when the template trimmed the space in it.
    private func cut(_ text: String, after message: String) throws -> String {
        let bare = ChatTemplate.mark.stripped()
        let final = message.stripped()
        guard text.contains(bytesOf: final), let place = text.places(of: bare).last else {
            throw TemplateError.value(
                "continue_final_message is set but the final message does not appear in the chat after applying the "
                    + "chat template! This can happen if the chat template deletes portions of the final message. "
                    + "Please verify the chat template and final message in your chat to ensure they are compatible."
                    + "Final message to continue: \(final)\nRendered chat:\n\(text)")
        }
        let before = text.bytes(0 ..< place)
        let isSpaced = text.bytes(place ..< text.utf8.count).starts(withBytesOf: ChatTemplate.mark)
        return isSpaced ? before : before.stripped(.right)
    }
}

extension JSON.Object {
    /// The object with the value of a key replaced.
    fileprivate func setting(_ key: String, _ value: JSON) -> JSON.Object {
        JSON.Object(map { ($0.0, $0.0 == key ? value : $0.1) })
    }
}
