import HayComponents
import HayJSON
import Logging

/// Messages from a chat model of OpenAI's, or of a server that speaks as OpenAI does.
///
/// ```swift
/// let generator = try OpenAIChatGenerator(model: "gpt-4o-mini")
/// for try await chunk in generator.stream("Why is the sky blue?") { print(chunk.content, terminator: "") }
/// ```
///
/// Parameters, requests, replies and the form in files are those of Haystack 2's component of this name. The key is looked
/// up when it is made.
public struct OpenAIChatGenerator: OpenAIChatComponent {
    /// The component's type, as files name it.
    public static let type = "haystack.components.generators.chat.openai.OpenAIChatGenerator"

    /// The key.
    public let apiKey: Secret
    /// The model's name.
    public let model: String
    /// Takes the pieces of a reply as they come; nil asks for whole replies.
    public let streamingCallback: StreamingCallback?
    /// The server's address; nil leaves it to the environment, or means OpenAI's.
    public let apiBaseURL: String?
    /// The organization that pays; nil leaves it to the environment.
    public let organization: String?
    /// What else requests hold.
    public let generationKwargs: GenerationKwargs
    /// The longest wait, in seconds; nil leaves it to the environment, or means 30.
    public let timeout: Double?
    /// How often a request is sent again; nil leaves it to the environment, or means 5.
    public let maxRetries: Int?
    /// What the model may ask to have called.
    public let tools: (any ToolSource)?
    /// Whether arguments must follow the tools' schemas.
    public let toolsStrict: Bool
    /// Options of the client under httpx's names: `auth`, `cert`, `cookies`, `headers`, `http2`, `limits`, `params`, `proxy`,
    /// `trust_env`, `verify`.
    public let httpClientKwargs: JSON.Object?

    /// How requests are sent.
    public let settings: ClientSettings
    /// The key's text.
    public let credential: Credential
    /// How requests reach the server.
    public let service: OpenAIService

    /// A generator. Nothing is sent before it is asked.
    ///
    /// - Parameter logger: takes warnings.
    /// Throws `ComponentError` and `ProviderError` where the key has no value, a variable is no number or two tools
    /// have the same name.
    public init(
        apiKey: Secret = .environment("OPENAI_API_KEY"), model: String = "gpt-4o-mini",
        streamingCallback: StreamingCallback? = nil, apiBaseURL: String? = nil, organization: String? = nil,
        generationKwargs: GenerationKwargs = [:], timeout: Double? = nil, maxRetries: Int? = nil,
        tools: (any ToolSource)? = nil, toolsStrict: Bool = false, httpClientKwargs: JSON.Object? = nil,
        environment: [String: String] = processEnvironment,
        logger: Logger = Logger(label: "haystack.components.generators.chat.openai")
    ) throws {
        try tools?.tools().checkNames()
        self.apiKey = apiKey
        self.model = model
        self.streamingCallback = streamingCallback
        self.apiBaseURL = apiBaseURL
        self.organization = organization
        self.generationKwargs = generationKwargs
        self.timeout = timeout
        self.maxRetries = maxRetries
        self.tools = tools
        self.toolsStrict = toolsStrict
        self.httpClientKwargs = httpClientKwargs
        credential = try Credential(openAI: apiKey, environment: environment)
        settings = try ClientSettings(
            openAIBaseURL: apiBaseURL, organization: organization, timeout: timeout, maxRetries: maxRetries,
            environment: environment)
        service = try OpenAIService(
            settings, model: model, options: httpClientKwargs, environment: environment, logger: logger,
            authorization: { [credential] in credential.bearer })
    }

    /// What files hold.
    ///
    /// Throws `ComponentError`.
    public func toDict() throws -> JSON {
        Self.dictionary([
            "model": .string(model), "streaming_callback": try JSON(streamingCallback),
            "api_base_url": JSON(apiBaseURL), "organization": JSON(organization),
            "generation_kwargs": .object(generationKwargs.dictionary), "api_key": try apiKey.toDict(),
            "timeout": JSON(timeout), "max_retries": JSON(maxRetries), "tools": try JSON(tools),
            "tools_strict": .bool(toolsStrict), "http_client_kwargs": JSON(httpClientKwargs),
        ])
    }

    /// The component that a dictionary describes, with the settings that these environment variables hold.
    ///
    /// Throws `ComponentError` and `ProviderError`.
    public static func fromDict(
        _ data: JSON, registry: FunctionRegistry, environment: [String: String]
    ) throws -> OpenAIChatGenerator {
        let parameters = try InitParameters(
            data, of: type, known: InitParameters.openAI + ["tools", "tools_strict"], registry: registry)
        return try OpenAIChatGenerator(
            apiKey: parameters.openAIKey(), model: parameters.string("model", default: "gpt-4o-mini"),
            streamingCallback: parameters.function("streaming_callback"),
            apiBaseURL: parameters.string("api_base_url"), organization: parameters.string("organization"),
            generationKwargs: parameters.generationKwargs(), timeout: parameters.double("timeout"),
            maxRetries: parameters.int("max_retries"), tools: parameters.tools(),
            toolsStrict: parameters.bool("tools_strict", default: false),
            httpClientKwargs: parameters.object("http_client_kwargs"), environment: environment)
    }
}
