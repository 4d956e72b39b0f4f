import HayComponents
import HayJSON

/// A component over OpenAI's chat interface.
public protocol OpenAIComponent: RemoteComponent {
    /// How requests reach the server.
    var service: OpenAIService { get }
    /// What else requests hold.
    var generationKwargs: GenerationKwargs { get }
    /// Takes the pieces of a reply as they come; nil asks for whole replies.
    var streamingCallback: StreamingCallback? { get }
}

/// A component that answers prompts over OpenAI's chat interface.
public protocol OpenAITextComponent: OpenAIComponent, TextGenerator {
    /// What is said before each prompt, unless it is empty.
    var systemPrompt: String? { get }
}

/// A component that answers conversations over OpenAI's chat interface.
public protocol OpenAIChatComponent: OpenAIComponent, ChatGenerator {
    /// What the model may ask to have called.
    var tools: (any ToolSource)? { get }
    /// Whether arguments must follow the tools' schemas.
    var toolsStrict: Bool { get }
}

extension OpenAITextComponent {
    /// Answers a prompt: see `TextGenerator`.
    ///
    /// Throws `RemoteError`, `ProviderError` for several replies that were to be streamed, `CancellationError` and what
    /// the callback throws.
    public func run(
        prompt: String, streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?
    ) async throws -> TextReplies {
        try await run(
            prompt: prompt, systemPrompt: nil, streamingCallback: streamingCallback, generationKwargs: generationKwargs)
    }

    /// Answers a prompt: see `TextGenerator`.
    ///
    /// - Parameter systemPrompt: what is said before the prompt, even if it is empty; nil stands for the component's own.
    public func run(
        prompt: String, systemPrompt: String?, streamingCallback: StreamingCallback? = nil,
        generationKwargs: GenerationKwargs? = nil
    ) async throws -> TextReplies {
        let callback = streamingCallback ?? self.streamingCallback
        let replies = try await answer(prompt, systemPrompt, generationKwargs, callback.map { $0.callAsFunction })
        return TextReplies(replies: replies.map { $0.text ?? "" }, meta: replies.map(\.meta))
    }

    /// Answers a prompt chunk by chunk: see `TextGenerator`.
    public func stream(_ prompt: String, generationKwargs: GenerationKwargs?) -> ChunkStream {
        stream(prompt, systemPrompt: nil, generationKwargs: generationKwargs)
    }

    /// Answers a prompt chunk by chunk: see `TextGenerator`.
    ///
    /// - Parameter systemPrompt: what is said before the prompt, even if it is empty; nil stands for the component's own.
    public func stream(
        _ prompt: String, systemPrompt: String?, generationKwargs: GenerationKwargs? = nil
    ) -> ChunkStream {
        ChunkStream(of: Self.type) { sink in
            try await answer(prompt, systemPrompt, generationKwargs, sink)
        }
    }

    private func answer(
        _ prompt: String, _ systemPrompt: String?, _ kwargs: GenerationKwargs?, _ sink: ChunkSink?
    ) async throws -> [ChatMessage] {
        let system = systemPrompt ?? self.systemPrompt.flatMap { $0.isEmpty ? nil : $0 }
        let messages = (system.map { [.system($0)] } ?? []) + [ChatMessage.user(prompt)]
        return try await OpenAIChat(.plain, type: Self.type, service).answer(
            messages, kwargs: generationKwargs.overlaid(by: kwargs), sink: sink)
    }
}

extension OpenAIChatComponent {
    /// Answers a conversation: see `ChatGenerator`. An empty one has no replies, and nothing is sent.
    ///
    /// Throws `RemoteError`, `MessageError` for messages that cannot be sent, `ProviderError` for several replies that
    /// were to be streamed, `ComponentError` for tools of one name, `CancellationError` and what the callback throws.
    public func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?,
        tools: (any ToolSource)?
    ) async throws -> ChatReplies {
        try await run(
            messages: messages, streamingCallback: streamingCallback, generationKwargs: generationKwargs, tools: tools,
            toolsStrict: nil)
    }

    /// Answers a conversation: see `ChatGenerator`.
    ///
    /// - Parameter toolsStrict: whether arguments must follow the tools' schemas; nil stands for the component's choice.
    public func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback? = nil,
        generationKwargs: GenerationKwargs? = nil, tools: (any ToolSource)? = nil, toolsStrict: Bool?
    ) async throws -> ChatReplies {
        let callback = streamingCallback ?? self.streamingCallback
        return ChatReplies(
            replies: try await answer(
                messages, generationKwargs, tools, toolsStrict, callback.map { $0.callAsFunction }))
    }

    /// Answers a conversation chunk by chunk: see `ChatGenerator`.
    public func stream(
        _ messages: [ChatMessage], generationKwargs: GenerationKwargs?, tools: (any ToolSource)?
    ) -> ChunkStream {
        stream(messages, generationKwargs: generationKwargs, tools: tools, toolsStrict: nil)
    }

    /// Answers a conversation chunk by chunk: see `ChatGenerator`.
    ///
    /// - Parameter toolsStrict: whether arguments must follow the tools' schemas; nil stands for the component's choice.
    public func stream(
        _ messages: [ChatMessage], generationKwargs: GenerationKwargs? = nil, tools: (any ToolSource)? = nil,
        toolsStrict: Bool?
    ) -> ChunkStream {
        ChunkStream(of: Self.type) { sink in
            try await answer(messages, generationKwargs, tools, toolsStrict, sink)
        }
    }

    private func answer(
        _ messages: [ChatMessage], _ kwargs: GenerationKwargs?, _ tools: (any ToolSource)?, _ isStrict: Bool?,
        _ sink: ChunkSink?
    ) async throws -> [ChatMessage] {
        if messages.isEmpty { return [] }
        return try await OpenAIChat(.chat, type: Self.type, service).answer(
            messages, kwargs: generationKwargs.overlaid(by: kwargs),
            tools: {
                try [Tool].inForce(tools, own: self.tools).map { $0.openAIDict(isStrict: isStrict ?? toolsStrict) }
            }, sink: sink)
    }
}

extension Tool {
    /// The tool as OpenAI's chat interface takes it. A strict one allows no arguments that its schema does not name.
    func openAIDict(isStrict: Bool = false) -> JSON {
        var function = toolSpec
        if isStrict {
            let parameters = parameters.object ?? [:]
            function = function.overlaid(by: [
                "parameters": .object(parameters.overlaid(by: ["additionalProperties": false])), "strict": true,
            ])
        }
        return ["type": "function", "function": .object(function)]
    }
}
