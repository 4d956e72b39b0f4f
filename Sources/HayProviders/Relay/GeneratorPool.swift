import HayComponents
import HayJSON
import Logging

/// Shares prompts among equal generators: see `ChatGeneratorPool`.
public struct GeneratorPool: TextGenerator {
    /// The component's type, as files name it.
    public static let type = "hayloft.components.generators.GeneratorPool"

    /// The generators.
    public var generators: [any TextGenerator] { relay.members }
    /// The longest wait for a reply, or for the first chunk of one that is streamed, in seconds; nil sets no limit.
    public let timeout: Double?
    /// How long one rests at most that fails again and again, in seconds.
    public let longestRest: Double
    private let relay: Relay<any TextGenerator>

    /// A pool of generators.
    ///
    /// - Parameters:
    ///   - longestRest: how long one rests at most that fails again and again, in seconds.
    ///   - logger: takes a warning for each call that another has to take over.
    /// Throws `RelayError` where there is none, and `ProviderError` for times that are none.
    public init(
        _ generators: [any TextGenerator], timeout: Double? = nil, longestRest: Double = 30,
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
        make: (String) throws -> any TextGenerator
    ) throws {
        try self.init(addresses.map(make), timeout: timeout, longestRest: longestRest)
    }

    /// Answers a prompt: see `TextGenerator`. Throws `RelayError`, and what a generator throws that no other is asked after.
    public func run(
        prompt: String, streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?
    ) async throws -> TextReplies {
        try await relay.answer(prompt, streamingCallback, generationKwargs).value
    }

    /// Answers a prompt chunk by chunk: see `TextGenerator`.
    public func stream(_ prompt: String, generationKwargs: GenerationKwargs?) -> ChunkStream {
        relay.stream { $0.stream(prompt, generationKwargs: generationKwargs) }
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

    /// The pool that a dictionary describes: see `ChatGeneratorPool`.
    public static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> GeneratorPool {
        let parameters = try InitParameters(
            data, of: type, known: ["generators", "timeout", "longest_rest"], registry: registry)
        return try GeneratorPool(
            parameters.textGenerators("generators"), timeout: parameters.double("timeout"),
            longestRest: parameters.double("longest_rest") ?? 30)
    }
}
