import HayComponents
import HayJSON
import Logging

/// Answers conversations with the first of several generators that can: this machine's and else a provider's, or the
/// reverse.
///
/// ```swift
/// let generator = try FallbackChatGenerator([local, openAI], rule: FallbackRule(timeout: 20))
/// ```
///
/// Generators are to be warmed up before; one that is not counts as one that fails. A reply's `meta` tells under Haystack's
/// names which generator gave it, and which had failed. Of a stream that breaks off the rest is not asked of another.
public struct FallbackChatGenerator: ChatGenerator {
    /// The component's type, as files name it.
    public static let type = "haystack.components.generators.chat.fallback.FallbackChatGenerator"

    /// The generators, in the order in which they are asked.
    public var generators: [any ChatGenerator] { relay.members }
    /// When the next is asked.
    public let rule: FallbackRule
    private let relay: Relay<any ChatGenerator>

    /// A generator over others.
    ///
    /// - Parameter logger: takes a warning for each that fails.
    /// Throws `RelayError` where there is none, and `ProviderError` for a timeout that is none.
    public init(
        _ generators: [any ChatGenerator], rule: FallbackRule = FallbackRule(),
        logger: Logger = Logger(label: "haystack.components.generators.chat.fallback")
    ) throws {
        self.rule = rule
        relay = try Relay(
            generators, order: GivenOrder(count: generators.count), timeout: rule.timeout, logger: logger,
            movesOn: rule.movesOn, generator: { $0 })
    }

    /// Answers a conversation: see `ChatGenerator`. Throws `RelayError`, and what a generator throws that no other is asked
    /// after.
    public func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?,
        tools: (any ToolSource)?
    ) async throws -> ChatReplies {
        let outcome = try await relay.answer(messages, streamingCallback, generationKwargs, tools)
        let meta = relay.meta(outcome.turn)
        let replies = outcome.value.replies.map { reply in
            var reply = reply
            reply.meta = reply.meta.overlaid(by: meta)
            return reply
        }
        return ChatReplies(replies: replies)
    }

    /// Answers a conversation chunk by chunk: see `ChatGenerator`.
    public func stream(
        _ messages: [ChatMessage], generationKwargs: GenerationKwargs?, tools: (any ToolSource)?
    ) -> ChunkStream {
        relay.stream(meta: relay.meta) { $0.stream(messages, generationKwargs: generationKwargs, tools: tools) }
    }

    /// What files hold; the rule where it is not the usual one. Throws `ComponentError`.
    public func toDict() throws -> JSON {
        let list = JSON.array(try generators.map { try $0.toDict() })
        return [
            "type": .string(Self.type),
            "init_parameters": .object((["chat_generators": list] as JSON.Object).overlaid(by: rule.parameters)),
        ]
    }

    /// The generator that a dictionary describes; those that it is over are looked up in the registry, unless they are of
    /// this module. Throws `ComponentError` and what they throw.
    public static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> FallbackChatGenerator {
        let parameters = try InitParameters(
            data, of: type, known: ["chat_generators", "kinds", "timeout"], registry: registry)
        return try FallbackChatGenerator(
            parameters.chatGenerators("chat_generators"), rule: FallbackRule(parameters))
    }
}
