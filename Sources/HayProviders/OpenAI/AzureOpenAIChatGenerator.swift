import HayComponents
import HayJSON
import Logging

/// Messages from a chat model of OpenAI's that Azure runs.
///
/// Parameters, requests, replies and the form in files are those of Haystack 2's component of this name; only the key is
/// sent in `api-key` alone, and a token provider is enough by itself. Keys and tokens are looked up when it is made.
public struct AzureOpenAIChatGenerator: OpenAIChatComponent {
    /// The component's type, as files name it.
    public static let type = "haystack.components.generators.chat.azure.AzureOpenAIChatGenerator"

    /// The version of the interface; nil leaves it to the environment.
    public let apiVersion: String?
    /// The name of the deployment; nil means that of the model `gpt-4o-mini`.
    public let azureDeployment: String?
    /// The key.
    public let apiKey: Secret?
    /// The token of Azure's Active Directory; it goes before the key.
    public let azureADToken: Secret?
    /// Gives such a token for each request.
    public let azureADTokenProvider: TokenProvider?
    /// The organization that pays; nil leaves it to the environment.
    public let organization: String?
    /// Takes the pieces of a reply as they come; nil asks for whole replies.
    public let streamingCallback: StreamingCallback?
    /// What else requests hold.
    public let generationKwargs: GenerationKwargs
    /// Headers of every request.
    public let defaultHeaders: JSON.Object
    /// What the model may ask to have called.
    public let tools: (any ToolSource)?
    /// Whether arguments must follow the tools' schemas.
    public let toolsStrict: Bool
    /// Options of the client under httpx's names: `auth`, `cert`, `cookies`, `headers`, `http2`, `limits`, `params`, `proxy`,
    /// `trust_env`, `verify`.
    public let httpClientKwargs: JSON.Object?

    /// Where requests go and what allows them; has what was left to the environment.
    public let connection: AzureConnection
    /// How requests reach the server.
    public let service: OpenAIService

    /// A generator. Nothing is sent before it is asked.
    ///
    /// - Parameter logger: takes warnings.
    /// Throws `ComponentError` and `ProviderError` where the endpoint, the version or all that allows requests is
    /// missing, a variable is no number or two tools have the same name.
    public init(
        azureEndpoint: String? = nil, apiVersion: String? = "2023-05-15", azureDeployment: String? = "gpt-4o-mini",
        apiKey: Secret? = .environment("AZURE_OPENAI_API_KEY", isStrict: false),
        azureADToken: Secret? = .environment("AZURE_OPENAI_AD_TOKEN", isStrict: false),
        azureADTokenProvider: TokenProvider? = nil, organization: String? = nil,
        streamingCallback: StreamingCallback? = nil, timeout: Double? = nil, maxRetries: Int? = nil,
        generationKwargs: GenerationKwargs = [:], defaultHeaders: JSON.Object = [:],
        tools: (any ToolSource)? = nil, toolsStrict: Bool = false,
        httpClientKwargs: JSON.Object? = nil, environment: [String: String] = processEnvironment,
        logger: Logger = Logger(label: "haystack.components.generators.chat.azure")
    ) throws {
        try tools?.tools().checkNames()
        self.apiVersion = apiVersion
        self.azureDeployment = azureDeployment
        self.apiKey = apiKey
        self.azureADToken = azureADToken
        self.azureADTokenProvider = azureADTokenProvider
        self.organization = organization
        self.streamingCallback = streamingCallback
        self.generationKwargs = generationKwargs
        self.defaultHeaders = defaultHeaders
        self.tools = tools
        self.toolsStrict = toolsStrict
        self.httpClientKwargs = httpClientKwargs
        connection = try AzureConnection(
            endpoint: azureEndpoint, deployment: azureDeployment, apiVersion: apiVersion, key: apiKey,
            token: azureADToken, provider: azureADTokenProvider, organization: organization, timeout: timeout,
            maxRetries: maxRetries, environment: environment)
        service = try OpenAIService(
            connection, headers: defaultHeaders, options: httpClientKwargs, environment: environment, logger: logger)
    }

    /// What files hold: the endpoint, the timeout and the number of retries as they were settled.
    ///
    /// Throws `ComponentError`.
    public func toDict() throws -> JSON {
        Self.dictionary([
            "azure_endpoint": .string(connection.endpoint), "azure_deployment": JSON(azureDeployment),
            "organization": JSON(organization), "api_version": JSON(apiVersion),
            "streaming_callback": try JSON(streamingCallback),
            "generation_kwargs": .object(generationKwargs.dictionary),
            "timeout": JSON(connection.settings.timeout), "max_retries": JSON(connection.settings.maxRetries),
            "api_key": try JSON(apiKey), "azure_ad_token": try JSON(azureADToken),
            "default_headers": .object(defaultHeaders),
            "tools": try JSON(tools), "tools_strict": .bool(toolsStrict),
            "azure_ad_token_provider": try JSON(azureADTokenProvider), "http_client_kwargs": JSON(httpClientKwargs),
        ])
    }

    /// The component that a dictionary describes, with the settings that these environment variables hold.
    ///
    /// Throws `ComponentError` and `ProviderError`.
    public static func fromDict(
        _ data: JSON, registry: FunctionRegistry, environment: [String: String]
    ) throws -> AzureOpenAIChatGenerator {
        let parameters = try InitParameters(
            data, of: type, known: InitParameters.azure + ["tools", "tools_strict"], registry: registry)
        return try AzureOpenAIChatGenerator(
            azureEndpoint: parameters.string("azure_endpoint"),
            apiVersion: parameters.nullableString("api_version", default: "2023-05-15"),
            azureDeployment: parameters.nullableString("azure_deployment", default: "gpt-4o-mini"),
            apiKey: parameters.secret("api_key", default: .environment("AZURE_OPENAI_API_KEY", isStrict: false)),
            azureADToken: parameters.secret(
                "azure_ad_token", default: .environment("AZURE_OPENAI_AD_TOKEN", isStrict: false)),
            azureADTokenProvider: parameters.function("azure_ad_token_provider"),
            organization: parameters.string("organization"),
            streamingCallback: parameters.function("streaming_callback"),
            timeout: parameters.double("timeout"), maxRetries: parameters.int("max_retries"),
            generationKwargs: parameters.generationKwargs(),
            defaultHeaders: parameters.object("default_headers") ?? [:],
            tools: parameters.tools(), toolsStrict: parameters.bool("tools_strict", default: false),
            httpClientKwargs: parameters.object("http_client_kwargs"), environment: environment)
    }
}
