import HayComponents
import HayJSON
import Logging
import Synchronization

/// Images from a model of OpenAI's for a prompt each.
///
/// Parameters, requests, replies and the form in files are those of Haystack 2's component of this name. The key is looked
/// up by `warmUp`, not before.
public final class DALLEImageGenerator: RemoteComponent {
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
    /// Options of the client under httpx's names: `auth`, `cert`, `cookies`, `headers`, `http2`, `limits`, `params`, `proxy`,
    /// `trust_env`, `verify`.
    public let httpClientKwargs: JSON.Object?

    /// How requests are sent.
    public let settings: ClientSettings
    private let logger: Logger
    private let service = Mutex<OpenAIService?>(nil)

    /// A generator that is yet to be warmed up.
    ///
    /// - Parameter logger: takes warnings.
    /// Throws `ProviderError` where a variable is no number.
    public init(
        model: String = "dall-e-3", quality: String = "standard", size: String = "1024x1024",
        responseFormat: String = "url", apiKey: Secret = .environment("OPENAI_API_KEY"), apiBaseURL: String? = nil,
        organization: String? = nil, timeout: Double? = nil, maxRetries: Int? = nil,
        httpClientKwargs: JSON.Object? = nil, environment: [String: String] = processEnvironment,
        logger: Logger = Logger(label: "haystack.components.generators.openai_dalle")
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
        self.logger = logger
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

    /// Looks up the key and makes the client ready; does nothing where that has been done.
    ///
    /// Throws `ComponentError` and `ProviderError` where the key has no value, or an option of the client is wrong.
    public func warmUp(environment: [String: String] = processEnvironment) throws {
        try service.withLock { service in
            guard service == nil else { return }
            let credential = try credential(in: environment)
            service = try OpenAIService(
                settings, model: model, options: httpClientKwargs, environment: environment, logger: logger,
                authorization: { credential.bearer })
        }
    }

    /// Draws an image.
    ///
    /// - Parameters:
    ///   - size, quality, responseFormat: in place of the component's own; nil and nothing stand for those.
    /// Throws `ProviderError` before `warmUp`, `RemoteError` and `CancellationError`.
    public func run(
        prompt: String, size: String? = nil, quality: String? = nil, responseFormat: String? = nil
    ) async throws -> ImageReply {
        guard let service = service.withLock({ $0 }) else {
            throw ProviderError.notWarmedUp(component: "DALLEImageGenerator")
        }
        func chosen(_ text: String?, _ own: String) -> JSON { .string(text.flatMap { $0.isEmpty ? nil : $0 } ?? own) }
        let path = "images/generations"
        let reply = try await service.post(
            path,
            [
                "prompt": .string(prompt), "model": .string(model), "n": 1, "quality": chosen(quality, self.quality),
                "response_format": chosen(responseFormat, self.responseFormat), "size": chosen(size, self.size),
            ])
        guard let images = reply["data"]?.array else { return ImageReply(images: [""], revisedPrompt: "") }
        guard let image = images.first else { throw service.invalidReply(path, "its list 'data' is empty") }
        return ImageReply(
            images: [["url", "b64_json"].lazy.compactMap { image[$0]?.string }.first { !$0.isEmpty } ?? ""],
            revisedPrompt: image["revised_prompt"]?.string ?? "")
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
        let parameters = try InitParameters(data, of: type, known: known, mayBeMissing: true, registry: registry)
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

/// What an image generator replies.
public struct ImageReply: Sendable, Equatable {
    /// One text: the image's address, or its bytes as base64; empty where the server sends neither.
    public var images: [String]
    /// The prompt as the model rewrote it; empty where it did not.
    public var revisedPrompt: String
}
