import HayComponents
import HayJSON
import Logging

/// Shares conversations among equal generators: replicas of one model behind several addresses.
///
/// ```swift
/// let pool = try ChatGeneratorPool(["http://10.0.0.1:8000/v1", "http://10.0.0.2:8000/v1"]) { address in
///     try OpenAIChatGenerator(apiKey: key, model: "zephyr", apiBaseURL: address, maxRetries: 0)
/// }
/// ```
///
/// Each goes to the generator that answers the fewest at the time. Where that cannot be reached, takes too long or is
/// overloaded, another is asked, and it rests: a second after its first failure, then twice as long each time. Errors that
/// every replica would answer with, a wrong option or key, end the call. Of a stream that breaks off the rest is not asked
/// of another.
public struct ChatGeneratorPool: ChatGenerator {
    /// The component's type, as files name it.
    public static let type = "hayloft.components.generators.ChatGeneratorPool"

    /// The generators.
    public var generators: [any ChatGenerator] { relay.members }
    /// The longest wait for a reply, or for the first chunk of one that is streamed, in seconds; nil sets no limit.
    public let timeout: Double?
    /// How long one rests at most that fails again and again, in seconds.
    public let longestRest: Double
    private let relay: Relay<any ChatGenerator>

    /// A pool of generators.
    ///
    /// - Parameters:
    ///   - longestRest: how long one rests at most that fails again and again, in seconds.
    ///   - logger: takes a warning for each call that another has to take over.
    /// Throws `RelayError` where there is none, and `ProviderError` for times that are none.
    public init(
        _ generators: [any ChatGenerator], timeout: Double? = nil, longestRest: Double = 30,
        logger: Logger = Logger(label: "hayloft.components.generators.pool")
    ) throws {
        self.timeout = timeout
        self.longestRest = longestRest
        relay = try Relay(
            generators, order: try LeastLoaded(count: generators.count, longestRest: longestRest), timeout: timeout,
            logger: logger, movesOn: LeastLoaded.isMembersFault, generator: { $0 })
    }

    /// A pool of the generators that are made of these addresses. Throws as the other does, and what making one throws.
    public init(
        _ addresses: [String], timeout: Double? = nil, longestRest: Double = 30,
        make: (String) throws -> any ChatGenerator
    ) throws {
        try self.init(addresses.map(make), timeout: timeout, longestRest: longestRest)
    }

    /// Answers a conversation: see `ChatGenerator`. Throws `RelayError`, and what a generator throws that no other is asked
    /// after.
    public func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?,
        tools: (any ToolSource)?
    ) async throws -> ChatReplies {
        try await relay.answer(messages, streamingCallback, generationKwargs, tools).value
    }

    /// Answers a conversation chunk by chunk: see `ChatGenerator`.
    public func stream(
        _ messages: [ChatMessage], generationKwargs: GenerationKwargs?, tools: (any ToolSource)?
    ) -> ChunkStream {
        relay.stream { $0.stream(messages, generationKwargs: generationKwargs, tools: tools) }
    }

    /// What files hold. Throws `ComponentError`.
    public func toDict() throws -> JSON {
        [
            "type": .string(Self.type),
            "init_parameters": [
                "generators": .array(try generators.map { try $0.toDict() }), "timeout": JSON(timeout),
                "longest_rest": .double(longestRest),
            ],
        ]
    }

    /// The pool that a dictionary describes; its generators are looked up in the registry, unless they are of this module.
    /// Throws `ComponentError` and what they throw.
    public static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> ChatGeneratorPool {
        let parameters = try InitParameters(
            data, of: type, known: ["generators", "timeout", "longest_rest"], registry: registry)
        return try ChatGeneratorPool(
            parameters.chatGenerators("generators"), timeout: parameters.double("timeout"),
            longestRest: parameters.double("longest_rest") ?? 30)
    }
}
