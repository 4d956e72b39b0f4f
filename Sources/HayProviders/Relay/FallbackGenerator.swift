import HayComponents
import HayJSON
import Logging

/// Answers prompts with the first of several generators that can: see `FallbackChatGenerator`.
public struct FallbackGenerator: TextGenerator {
    /// The component's type, as files name it.
    public static let type = "hayloft.components.generators.FallbackGenerator"

    /// The generators, in the order in which they are asked.
    public var generators: [any TextGenerator] { relay.members }
    /// When the next is asked.
    public let rule: FallbackRule
    private let relay: Relay<any TextGenerator>

    /// A generator over others.
    ///
    /// - Parameter logger: takes a warning for each that fails.
    /// Throws `RelayError` where there is none, and `ProviderError` for a timeout that is none.
    public init(
        _ generators: [any TextGenerator], rule: FallbackRule = FallbackRule(),
        logger: Logger = Logger(label: "hayloft.components.generators.fallback")
    ) throws {
        self.rule = rule
        relay = try Relay(
            generators, order: GivenOrder(count: generators.count), timeout: rule.timeout, logger: logger,
            movesOn: rule.movesOn, generator: { $0 })
    }

    /// Answers a prompt: see `TextGenerator`. Throws `RelayError`, and what a generator throws that no other is asked after.
    public func run(
        prompt: String, streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?
    ) async throws -> TextReplies {
        let outcome = try await relay.answer(prompt, streamingCallback, generationKwargs)
        let meta = relay.meta(outcome.turn)
        return TextReplies(
            replies: outcome.value.replies, meta: outcome.value.meta.map { $0.overlaid(by: meta) })
    }

    /// Answers a prompt chunk by chunk: see `TextGenerator`.
    public func stream(_ prompt: String, generationKwargs: GenerationKwargs?) -> ChunkStream {
        relay.stream(meta: relay.meta) { $0.stream(prompt, generationKwargs: generationKwargs) }
    }

    /// What files hold; the rule where it is not the usual one. Throws `ComponentError`.
    public func toDict() throws -> JSON {
        let list = JSON.array(try generators.map { try $0.toDict() })
        return [
            "type": .string(Self.type),
            "init_parameters": .object((["generators": list] as JSON.Object).overlaid(by: rule.parameters)),
        ]
    }

    /// The generator that a dictionary describes: see `FallbackChatGenerator`.
    public static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> FallbackGenerator {
        let parameters = try InitParameters(
            data, of: type, known: ["generators", "kinds", "timeout"], registry: registry)
        return try FallbackGenerator(parameters.textGenerators("generators"), rule: FallbackRule(parameters))
    }
}
