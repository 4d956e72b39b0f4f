import HayComponents
import HayJSON
import Logging

/// Messages from a model through one of Hugging Face's interfaces.
///
/// Parameters, requests, replies and the form in files are those of Haystack 2's component of this name. On purpose it
/// differs in these points:
/// - The hub is asked about a model by `warmUp`, or by the first call, not when the component is made.
/// - Tools and streaming are refused together wherever the callback comes from.
/// - A call of a tool without arguments is kept.
public struct HuggingFaceAPIChatGenerator: RemoteComponent, ChatGenerator {
    /// The component's type, as files name it.
    public static let type =
        "haystack.components.generators.chat.hugging_face_api.HuggingFaceAPIChatGenerator"

    /// The interface.
    public let apiType: HuggingFaceAPIType
    /// `model` or `url`, and options of the client.
    public let apiParams: JSON.Object
    /// What allows requests; nil sends them without.
    public let token: Secret?
    /// What else requests hold: always `stop` and `max_tokens` among it.
    public let generationKwargs: GenerationKwargs
    /// Takes the pieces of a reply as they come; nil asks for whole replies.
    public let streamingCallback: StreamingCallback?
    /// What the model may ask to have called.
    public let tools: (any ToolSource)?

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
    /// Throws `ComponentError` and `ProviderError` where the address or the model is missing, a parameter is not known,
    /// both tools and a callback are given or two tools have the same name.
    public init(
        apiType: HuggingFaceAPIType, apiParams: JSON.Object,
        token: Secret? = .environment("HF_API_TOKEN", "HF_TOKEN", isStrict: false),
        generationKwargs: GenerationKwargs = [:], stopWords: [String]? = nil,
        streamingCallback: StreamingCallback? = nil,
        tools: (any ToolSource)? = nil,
        environment: [String: String] = processEnvironment,
        logger: Logger = Logger(label: "haystack.components.generators.chat.hugging_face_api")
    ) throws {
        connection = try HuggingFaceConnection(
            type: apiType, parameters: apiParams, token: token, environment: environment)
        if streamingCallback != nil, try tools?.tools().isEmpty == false { throw ProviderError.toolsWithStreaming }
        try tools?.tools().checkNames()
        self.apiType = apiType
        self.apiParams = apiParams
        self.token = token
        self.generationKwargs = try generationKwargs.stopping(
            at: stopWords, key: "stop", limit: "max_tokens")
        self.streamingCallback = streamingCallback
        self.tools = tools
        service = try HuggingFaceService(
            connection, parameters: apiParams, environment: environment, logger: logger)
    }

    /// Asks the hub whether the model is there and writes texts; does nothing where the component has a server's address.
    /// The first call does it otherwise.
    ///
    /// Throws `ProviderError` and `RemoteError`.
    public func warmUp() async throws { try await service.warmUp() }

    /// Answers a conversation: see `ChatGenerator`. There is one reply at most.
    ///
    /// Throws `RemoteError`, `MessageError` for messages that cannot be sent, `ComponentError` for options that the
    /// interface does not have and for tools of one name, `ProviderError` for tools with streaming, `CancellationError` and
    /// what the callback throws.
    public func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?,
        tools: (any ToolSource)?
    ) async throws -> ChatReplies {
        let callback = streamingCallback ?? self.streamingCallback
        return ChatReplies(
            replies: try await answer(messages, generationKwargs, tools, callback.map { $0.callAsFunction }))
    }

    /// Answers a conversation chunk by chunk: see `ChatGenerator`. Tools are refused.
    public func stream(
        _ messages: [ChatMessage], generationKwargs: GenerationKwargs?, tools: (any ToolSource)?
    ) -> ChunkStream {
        ChunkStream(of: Self.type) { try await answer(messages, generationKwargs, tools, $0) }
    }

    private func answer(
        _ messages: [ChatMessage], _ kwargs: GenerationKwargs?, _ tools: (any ToolSource)?, _ sink: ChunkSink?
    ) async throws -> [ChatMessage] {
        let chat = HuggingFaceChat(type: Self.type, model: connection.model, service)
        let kwargs = generationKwargs.overlaid(by: kwargs)
        let reply = try await chat.answer(
            messages, kwargs: kwargs,
            tools: {
                let tools = try [Tool].inForce(tools, own: self.tools)
                if sink != nil, !tools.isEmpty { throw ProviderError.toolsWithStreaming }
                return tools
            }, sink: sink)
        return reply.map { [$0] } ?? []
    }

    /// What files hold; the texts to stop at are among the options.
    ///
    /// Throws `ComponentError`.
    public func toDict() throws -> JSON {
        Self.dictionary([
            "api_type": .string(apiType.rawValue), "api_params": .object(apiParams), "token": try JSON(token),
            "generation_kwargs": .object(generationKwargs.dictionary),
            "streaming_callback": try JSON(streamingCallback),
            "tools": try JSON(tools),
        ])
    }

    /// The component that a dictionary describes, with the token that these environment variables hold.
    ///
    /// Throws `ComponentError` and `ProviderError`.
    public static func fromDict(
        _ data: JSON, registry: FunctionRegistry, environment: [String: String]
    ) throws -> HuggingFaceAPIChatGenerator {
        let known = [
            "api_type", "api_params", "token", "generation_kwargs", "stop_words", "streaming_callback", "tools",
        ]
        let parameters = try InitParameters(data, of: type, known: known, registry: registry)
        return try HuggingFaceAPIChatGenerator(
            apiType: HuggingFaceAPIType(parsing: parameters.requiredString("api_type")),
            apiParams: parameters.requiredObject("api_params"),
            token: parameters.secret("token", default: .environment("HF_API_TOKEN", "HF_TOKEN", isStrict: false)),
            generationKwargs: parameters.generationKwargs(),
            stopWords: parameters.strings("stop_words"),
            streamingCallback: parameters.function("streaming_callback"), tools: parameters.tools(),
            environment: environment)
    }
}
