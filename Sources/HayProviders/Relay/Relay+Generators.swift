import HayComponents
import HayJSON

extension Relay where Member == any ChatGenerator {
    /// What a member answers a conversation with.
    func answer(
        _ messages: [ChatMessage], _ callback: StreamingCallback?, _ kwargs: GenerationKwargs?,
        _ tools: (any ToolSource)?
    ) async throws -> Outcome<ChatReplies> {
        try await run(callback.map { $0.callAsFunction }) { turn, sink in
            try await turn.member.run(
                messages: messages, streamingCallback: sink.map { StreamingCallback(nil, $0) },
                generationKwargs: kwargs, tools: tools)
        }
    }
}

extension Relay where Member == any TextGenerator {
    /// What a member answers a prompt with.
    func answer(
        _ prompt: String, _ callback: StreamingCallback?, _ kwargs: GenerationKwargs?
    ) async throws -> Outcome<TextReplies> {
        try await run(callback.map { $0.callAsFunction }) { turn, sink in
            try await turn.member.run(
                prompt: prompt, streamingCallback: sink.map { StreamingCallback(nil, $0) }, generationKwargs: kwargs)
        }
    }
}

extension Relay {
    /// A stream of the chunks that a member gives.
    ///
    /// - Parameter meta: is added to that of the chunk that ends a reply.
    func stream(
        meta: @escaping @Sendable (Turn) -> JSON.Object = { _ in [:] },
        _ open: @escaping @Sendable (Member) -> ChunkStream
    ) -> ChunkStream {
        let channel = ChunkChannel { send in
            _ = try await self.run(send) { turn, sink in
                for try await chunk in open(turn.member) {
                    var chunk = chunk
                    if chunk.finishReason != nil { chunk.meta = chunk.meta.overlaid(by: meta(turn)) }
                    try await sink?(chunk)
                }
                try Task.checkCancellation()
            }
        }
        return ChunkStream(unfolding: channel.next)
    }

    /// Whose turn it was, and who failed before, under Haystack's names.
    func meta(_ turn: Turn) -> JSON.Object {
        [
            "successful_chat_generator_index": .int(turn.index),
            "successful_chat_generator_class": .string(name(turn.member)),
            "total_attempts": .int(turn.failures.count + 1),
            "failed_chat_generators": .array(turn.failures.map { .string($0.name) }),
        ]
    }
}

extension InitParameters {
    /// The components of this module that answer.
    private static let known: [any Component.Type] = [
        OpenAIGenerator.self, OpenAIChatGenerator.self, AzureOpenAIGenerator.self, AzureOpenAIChatGenerator.self,
        HuggingFaceAPIGenerator.self, HuggingFaceAPIChatGenerator.self, FallbackGenerator.self,
        FallbackChatGenerator.self, GeneratorPool.self, ChatGeneratorPool.self,
    ]

    /// Generators that answer conversations. Throws `ComponentError`.
    func chatGenerators(_ key: String) throws -> [any ChatGenerator] {
        try components(key) { $0 as? any ChatGenerator }
    }

    /// Generators that answer prompts. Throws `ComponentError`.
    func textGenerators(_ key: String) throws -> [any TextGenerator] {
        try components(key) { $0 as? any TextGenerator }
    }

    private func components<Part>(_ key: String, _ convert: (any Component) -> Part?) throws -> [Part] {
        guard let list = value(key)?.array else {
            throw ComponentError.wrongValue(place: "'\(key)'", expected: "a list", found: value(key)?.kind ?? "nothing")
        }
        return try list.map { data in
            let name = data["type"]?.string ?? ""
            guard let type = registry.component(name) ?? InitParameters.known.first(where: { $0.type == name }),
                let part = convert(try type.fromDict(data, registry: registry))
            else { throw ComponentError.unknownComponent(name: name, place: key) }
            return part
        }
    }
}
