import HayComponents
import HayJSON

/// Texts from a model through one of Hugging Face's interfaces, for a prompt each.
///
/// It describes the requests; a client sends them. The token is looked up when it is made; the hub is not asked.
public struct HuggingFaceAPIGenerator: RemoteComponent {
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

    /// A description of requests.
    ///
    /// - Parameter stopWords: texts that a reply ends at, besides those in `generationKwargs`.
    /// Throws `ComponentError` and `ProviderError` where the address or the model is missing, a parameter is not known
    /// or a strict secret has no value.
    public init(
        apiType: HuggingFaceAPIType, apiParams: JSON.Object,
        token: Secret? = .environment("HF_API_TOKEN", "HF_TOKEN", isStrict: false),
        generationKwargs: GenerationKwargs = [:], stopWords: [String]? = nil,
        streamingCallback: StreamingCallback? = nil,
        environment: [String: String] = processEnvironment
    ) throws {
        self.apiType = apiType
        self.apiParams = apiParams
        self.token = token
        self.generationKwargs = try generationKwargs.stopping(
            at: stopWords, key: "stop_sequences", limit: "max_new_tokens")
        self.streamingCallback = streamingCallback
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
