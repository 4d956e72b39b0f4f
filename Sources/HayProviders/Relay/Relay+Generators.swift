import HayComponents
import HayJSON

extension Relay {
    /// A stream of the chunks that a member gives.
    func stream(_ open: @escaping @Sendable (Member) -> ChunkStream) -> ChunkStream {
        ChunkStream { yield in
            _ = try await self.run({ yield($0) }) { member, sink in
                for try await chunk in open(member) { try await sink?(chunk) }
                try Task.checkCancellation()
            }
        }
    }
}

extension Relay where Member == any ChatGenerator {
    /// What a member answers a conversation with.
    func answer(
        _ messages: [ChatMessage], _ callback: StreamingCallback?, _ kwargs: GenerationKwargs?,
        _ tools: (any ToolSource)?
    ) async throws -> Outcome<ChatReplies> {
        try await run(callback.map { $0.callAsFunction }) { generator, sink in
            try await generator.run(
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
        try await run(callback.map { $0.callAsFunction }) { generator, sink in
            try await generator.run(
                prompt: prompt, streamingCallback: sink.map { StreamingCallback(nil, $0) }, generationKwargs: kwargs)
        }
    }
}

extension Relay.Outcome {
    /// Who did the work, and who failed before, under Haystack's names.
    func meta(of relay: Relay<Member>) -> JSON.Object {
        [
            "successful_chat_generator_index": .int(index),
            "successful_chat_generator_class": .string(relay.name(relay.members[index])),
            "total_attempts": .int(failures.count + 1),
            "failed_chat_generators": .array(failures.map { .string($0.name) }),
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
