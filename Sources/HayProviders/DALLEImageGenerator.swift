import HayComponents
import HayJSON

/// Images from a model of OpenAI's for a prompt each.
///
/// It describes the requests; a client sends them. The key is looked up when that is made, not before.
public struct DALLEImageGenerator: RemoteComponent {
    /// The component's type, as files name it.
    public static let type = "haystack.components.generators.openai_dalle.DALLEImageGenerator"

    /// The model's name.
    public let model: String
    /// How fine images are: `standard` or `hd`.
    public let quality: String
    /// Width and height: `1024x1024`.
    public let size: String
    /// Whether images come as addresses (`url`) or as their bytes (`b64_json`).
    public let responseFormat: String
    /// The key.
    public let apiKey: Secret
    /// The server's address; nil leaves it to the environment, or means OpenAI's.
    public let apiBaseURL: String?
    /// The organization that pays; nil leaves it to the environment.
    public let organization: String?
    /// The longest wait, in seconds; nil leaves it to the environment, or means 30.
    public let timeout: Double?
    /// How often a request is sent again; nil leaves it to the environment, or means 5.
    public let maxRetries: Int?
    /// Options of the client.
    public let httpClientKwargs: JSON.Object?

    /// How requests are sent.
    public let settings: ClientSettings

    /// A description of requests.
    ///
    /// Throws `ProviderError` where a variable is no number.
    public init(
        model: String = "dall-e-3", quality: String = "standard", size: String = "1024x1024",
        responseFormat: String = "url", apiKey: Secret = .environment("OPENAI_API_KEY"), apiBaseURL: String? = nil,
        organization: String? = nil, timeout: Double? = nil, maxRetries: Int? = nil,
        httpClientKwargs: JSON.Object? = nil, environment: [String: String] = processEnvironment
    ) throws {
        self.model = model
        self.quality = quality
        self.size = size
        self.responseFormat = responseFormat
        self.apiKey = apiKey
        self.apiBaseURL = apiBaseURL
        self.organization = organization
        self.timeout = timeout
        self.maxRetries = maxRetries
        self.httpClientKwargs = httpClientKwargs
        settings = try ClientSettings(
            openAIBaseURL: apiBaseURL, organization: organization, timeout: timeout, maxRetries: maxRetries,
            environment: environment)
    }

    /// The key's text.
    ///
    /// Throws `ComponentError` and `ProviderError` where it has none.
    public func credential(in environment: [String: String] = processEnvironment) throws -> Credential {
        try Credential(openAI: apiKey, environment: environment)
    }

    /// What files hold. The timeout and the number of retries are among it where they are given.
    ///
    /// Throws `ComponentError`.
    public func toDict() throws -> JSON {
        var parameters: JSON.Object = [
            "model": .string(model), "quality": .string(quality), "size": .string(size),
            "response_format": .string(responseFormat), "api_key": try apiKey.toDict(),
            "api_base_url": JSON(apiBaseURL), "organization": JSON(organization),
            "http_client_kwargs": JSON(httpClientKwargs),
        ]
        parameters.appendLimits(timeout: timeout, maxRetries: maxRetries)
        return Self.dictionary(parameters)
    }

    /// The component that a dictionary describes, with the settings that these environment variables hold.
    ///
    /// Throws `ComponentError` and `ProviderError`.
    public static func fromDict(
        _ data: JSON, registry: FunctionRegistry, environment: [String: String]
    ) throws -> DALLEImageGenerator {
        let known = [
            "model", "quality", "size", "response_format", "api_key", "api_base_url", "organization", "timeout",
            "max_retries", "http_client_kwargs",
        ]
        let parameters = try InitParameters(data, of: type, known: known, registry: registry)
        return try DALLEImageGenerator(
            model: parameters.string("model", default: "dall-e-3"),
            quality: parameters.string("quality", default: "standard"),
            size: parameters.string("size", default: "1024x1024"),
            responseFormat: parameters.string("response_format", default: "url"), apiKey: parameters.openAIKey(),
            apiBaseURL: parameters.string("api_base_url"), organization: parameters.string("organization"),
            timeout: parameters.double("timeout"), maxRetries: parameters.int("max_retries"),
            httpClientKwargs: parameters.object("http_client_kwargs"), environment: environment)
    }
}
