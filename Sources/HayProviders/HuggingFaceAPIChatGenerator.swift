import HayComponents
import HayJSON

/// Messages from a model through one of Hugging Face's interfaces.
///
/// It describes the requests; a client sends them. The token is looked up when it is made; the hub is not asked.
public struct HuggingFaceAPIChatGenerator: RemoteComponent {
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

    /// A description of requests.
    ///
    /// - Parameter stopWords: texts that a reply ends at, besides those in `generationKwargs`.
    /// Throws `ComponentError` and `ProviderError` where the address or the model is missing, a parameter is not known,
    /// both tools and a callback are given or two tools have the same name.
    public init(
        apiType: HuggingFaceAPIType, apiParams: JSON.Object,
        token: Secret? = .environment("HF_API_TOKEN", "HF_TOKEN", isStrict: false),
        generationKwargs: GenerationKwargs = [:], stopWords: [String]? = nil,
        streamingCallback: StreamingCallback? = nil,
        tools: (any ToolSource)? = nil,
        environment: [String: String] = processEnvironment
    ) throws {
        if streamingCallback != nil, try tools?.tools().isEmpty == false { throw ProviderError.toolsWithStreaming }
        try tools?.tools().checkNames()
        self.apiType = apiType
        self.apiParams = apiParams
        self.token = token
        self.generationKwargs = try generationKwargs.stopping(
            at: stopWords, key: "stop", limit: "max_tokens")
        self.streamingCallback = streamingCallback
        self.tools = tools
        connection = try HuggingFaceConnection(
            type: apiType, parameters: apiParams, token: token, environment: environment)
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
