import HayComponents
import HayJSON
import Logging

/// Texts from a model through one of Hugging Face's interfaces, for a prompt each.
///
/// Parameters, requests, replies and the form in files are those of Haystack 2's component of this name. On purpose it
/// differs in these points:
/// - The hub is asked about a model by `warmUp`, or by the first call, not when the component is made.
/// - What a stream's last token tells is read even if that is a special one; a stream without text is an empty reply.
/// - Of the servers that providers share only those of hf-inference take prompts.
public struct HuggingFaceAPIGenerator: RemoteComponent, TextGenerator {
    /// The component's type, as files name it.
    public static let type =
        "haystack.components.generators.hugging_face_api.HuggingFaceAPIGenerator"

    /// The interface.
    public let apiType: HuggingFaceAPIType
    /// `model` or `url`, and options of the client.
    public let apiParams: JSON.Object
    /// What allows requests; nil sends them without.
    public let token: Secret?
    /// What else requests hold: always `stop_sequences` and `max_new_tokens` among it.
    public let generationKwargs: GenerationKwargs
    /// Takes the pieces of a reply as they come; nil asks for whole replies.
    public let streamingCallback: StreamingCallback?

    /// Which model requests go to and what allows them.
    public let connection: HuggingFaceConnection
    private let service: HuggingFaceService

    /// A generator. Nothing is sent before it is warmed up or asked.
    ///
    /// - Parameters:
    ///   - apiParams: `model` or `url`, and options of the client: `provider`, `timeout`, `headers`, `cookies`, `proxies`,
    ///     `bill_to`.
    ///   - stopWords: texts that a reply ends at, besides those in `generationKwargs`.
    ///   - logger: takes warnings.
    /// Throws `ComponentError` and `ProviderError` where the address or the model is missing, a parameter is not known
    /// or a strict secret has no value.
    public init(
        apiType: HuggingFaceAPIType, apiParams: JSON.Object,
        token: Secret? = .environment("HF_API_TOKEN", "HF_TOKEN", isStrict: false),
        generationKwargs: GenerationKwargs = [:], stopWords: [String]? = nil,
        streamingCallback: StreamingCallback? = nil,
        environment: [String: String] = processEnvironment,
        logger: Logger = Logger(label: "haystack.components.generators.hugging_face_api")
    ) throws {
        if apiType == .serverlessInferenceAPI {
            logger.warning("Providers serve hardly a model for prompts any more; use HuggingFaceAPIChatGenerator.")
        }
        self.apiType = apiType
        self.apiParams = apiParams
        self.token = token
        self.generationKwargs = try generationKwargs.stopping(
            at: stopWords, key: "stop_sequences", limit: "max_new_tokens")
        self.streamingCallback = streamingCallback
        connection = try HuggingFaceConnection(
            type: apiType, parameters: apiParams, token: token, environment: environment)
        service = try HuggingFaceService(
            connection, parameters: apiParams, environment: environment, logger: logger)
    }

    /// Asks the hub whether the model is there and writes texts; does nothing where the component has a server's address.
    /// The first call does it otherwise.
    ///
    /// Throws `ProviderError` and `RemoteError`.
    public func warmUp() async throws { try await service.warmUp() }

    /// Answers a prompt: see `TextGenerator`.
    ///
    /// Throws `RemoteError`, `ComponentError` for options that the interface does not have, `CancellationError` and what
    /// the callback throws.
    public func run(
        prompt: String, streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?
    ) async throws -> TextReplies {
        let callback = streamingCallback ?? self.streamingCallback
        let reply = try await answer(prompt, generationKwargs, callback.map { $0.callAsFunction })
        return TextReplies(replies: [reply.text ?? ""], meta: [reply.meta])
    }

    /// Answers a prompt chunk by chunk: see `TextGenerator`.
    public func stream(_ prompt: String, generationKwargs: GenerationKwargs?) -> ChunkStream {
        ChunkStream(of: Self.type, reason: TextGeneration.mapped) { [try await answer(prompt, generationKwargs, $0)] }
    }

    private func answer(
        _ prompt: String, _ kwargs: GenerationKwargs?, _ sink: ChunkSink?
    ) async throws -> ChatMessage {
        try await TextGeneration(type: Self.type, model: connection.model, service).answer(
            prompt, kwargs: generationKwargs.overlaid(by: kwargs), sink: sink)
    }

    /// What files hold; the texts to stop at are among the options.
    ///
    /// Throws `ComponentError`.
    public func toDict() throws -> JSON {
        Self.dictionary([
            "api_type": .string(apiType.rawValue), "api_params": .object(apiParams), "token": try JSON(token),
            "generation_kwargs": .object(generationKwargs.dictionary),
            "streaming_callback": try JSON(streamingCallback),
        ])
    }

    /// The component that a dictionary describes, with the token that these environment variables hold.
    ///
    /// Throws `ComponentError` and `ProviderError`.
    public static func fromDict(
        _ data: JSON, registry: FunctionRegistry, environment: [String: String]
    ) throws -> HuggingFaceAPIGenerator {
        let known = [
            "api_type", "api_params", "token", "generation_kwargs", "stop_words", "streaming_callback",
        ]
        let parameters = try InitParameters(data, of: type, known: known, registry: registry)
        return try HuggingFaceAPIGenerator(
            apiType: HuggingFaceAPIType(parsing: parameters.requiredString("api_type")),
            apiParams: parameters.requiredObject("api_params"),
            token: parameters.secret("token", default: .environment("HF_API_TOKEN", "HF_TOKEN", isStrict: false)),
            generationKwargs: parameters.generationKwargs(),
            stopWords: parameters.strings("stop_words"),
            streamingCallback: parameters.function("streaming_callback"),
            environment: environment)
    }
}
