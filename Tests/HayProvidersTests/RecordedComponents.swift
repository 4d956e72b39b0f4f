import HayComponents
import HayJSON
import HayProviders
import HaystackRecordings
import Logging

/// The components of this module by the class that recordings name.
enum RecordedComponents {
    static let types: [String: any RemoteComponent.Type] = [
        "OpenAIGenerator": OpenAIGenerator.self, "OpenAIChatGenerator": OpenAIChatGenerator.self,
        "AzureOpenAIGenerator": AzureOpenAIGenerator.self,
        "AzureOpenAIChatGenerator": AzureOpenAIChatGenerator.self,
        "HuggingFaceAPIGenerator": HuggingFaceAPIGenerator.self,
        "HuggingFaceAPIChatGenerator": HuggingFaceAPIChatGenerator.self,
        "DALLEImageGenerator": DALLEImageGenerator.self,
    ]

    /// The component that a case begins with.
    static func make(
        _ recorded: RecordedCase, _ notation: Notation = Notation(), logger: Logger = Logger(label: "test")
    ) throws -> any RemoteComponent {
        let arguments = RecordedArguments(recorded["init"], notation)
        let environment = notation.environment(of: recorded)
        switch recorded.component {
        case "OpenAIGenerator": return try openAI(arguments, environment, logger)
        case "OpenAIChatGenerator": return try openAIChat(arguments, environment, logger)
        case "AzureOpenAIGenerator": return try azure(arguments, environment, logger)
        case "AzureOpenAIChatGenerator": return try azureChat(arguments, environment, logger)
        case "HuggingFaceAPIGenerator": return try huggingFace(arguments, environment, logger)
        case "HuggingFaceAPIChatGenerator": return try huggingFaceChat(arguments, environment, logger)
        case "DALLEImageGenerator": return try image(arguments, environment, logger)
        case let other: throw UnknownComponent(name: other)
        }
    }

    struct UnknownComponent: Error { let name: String }

    private static let openAIKey = Secret.environment("OPENAI_API_KEY")
    private static let azureKey = Secret.environment("AZURE_OPENAI_API_KEY", isStrict: false)
    private static let azureToken = Secret.environment("AZURE_OPENAI_AD_TOKEN", isStrict: false)
    private static let huggingFaceToken = Secret.environment("HF_API_TOKEN", "HF_TOKEN", isStrict: false)

    private static func openAI(
        _ a: RecordedArguments, _ environment: [String: String], _ logger: Logger
    ) throws -> OpenAIGenerator {
        try OpenAIGenerator(
            apiKey: a.secret("api_key", default: openAIKey) ?? openAIKey,
            model: a.string("model", default: "gpt-4o-mini") ?? "", streamingCallback: a.callback(),
            apiBaseURL: a.string("api_base_url"), organization: a.string("organization"),
            systemPrompt: a.string("system_prompt"), generationKwargs: a.generationKwargs,
            timeout: a.double("timeout"), maxRetries: a.int("max_retries"),
            httpClientKwargs: a.value("http_client_kwargs")?.object, environment: environment, logger: logger)
    }

    private static func openAIChat(
        _ a: RecordedArguments, _ environment: [String: String], _ logger: Logger
    ) throws -> OpenAIChatGenerator {
        try OpenAIChatGenerator(
            apiKey: a.secret("api_key", default: openAIKey) ?? openAIKey,
            model: a.string("model", default: "gpt-4o-mini") ?? "", streamingCallback: a.callback(),
            apiBaseURL: a.string("api_base_url"), organization: a.string("organization"),
            generationKwargs: a.generationKwargs, timeout: a.double("timeout"),
            maxRetries: a.int("max_retries"), tools: a.tools(), toolsStrict: a.bool("tools_strict"),
            httpClientKwargs: a.value("http_client_kwargs")?.object, environment: environment, logger: logger)
    }

    private static func azure(
        _ a: RecordedArguments, _ environment: [String: String], _ logger: Logger
    ) throws -> AzureOpenAIGenerator {
        try AzureOpenAIGenerator(
            azureEndpoint: a.string("azure_endpoint"), apiVersion: a.string("api_version", default: "2023-05-15"),
            azureDeployment: a.string("azure_deployment", default: "gpt-4o-mini"),
            apiKey: a.secret("api_key", default: azureKey),
            azureADToken: a.secret("azure_ad_token", default: azureToken),
            azureADTokenProvider: a.tokenProvider(), organization: a.string("organization"),
            streamingCallback: a.callback(), systemPrompt: a.string("system_prompt"), timeout: a.double("timeout"),
            maxRetries: a.int("max_retries"), generationKwargs: a.generationKwargs,
            defaultHeaders: a.object("default_headers"), httpClientKwargs: a.value("http_client_kwargs")?.object,
            environment: environment, logger: logger)
    }

    private static func azureChat(
        _ a: RecordedArguments, _ environment: [String: String], _ logger: Logger
    ) throws -> AzureOpenAIChatGenerator {
        try AzureOpenAIChatGenerator(
            azureEndpoint: a.string("azure_endpoint"), apiVersion: a.string("api_version", default: "2023-05-15"),
            azureDeployment: a.string("azure_deployment", default: "gpt-4o-mini"),
            apiKey: a.secret("api_key", default: azureKey),
            azureADToken: a.secret("azure_ad_token", default: azureToken),
            azureADTokenProvider: a.tokenProvider(), organization: a.string("organization"),
            streamingCallback: a.callback(), timeout: a.double("timeout"), maxRetries: a.int("max_retries"),
            generationKwargs: a.generationKwargs, defaultHeaders: a.object("default_headers"),
            tools: a.tools(), toolsStrict: a.bool("tools_strict"),
            httpClientKwargs: a.value("http_client_kwargs")?.object, environment: environment, logger: logger)
    }

    private static func huggingFace(
        _ a: RecordedArguments, _ environment: [String: String], _ logger: Logger
    ) throws -> HuggingFaceAPIGenerator {
        try HuggingFaceAPIGenerator(
            apiType: HuggingFaceAPIType(parsing: a.string("api_type") ?? ""), apiParams: a.object("api_params"),
            token: a.secret("token", default: huggingFaceToken), generationKwargs: a.generationKwargs,
            stopWords: a.strings("stop_words"), streamingCallback: a.callback(), environment: environment,
            logger: logger)
    }

    private static func huggingFaceChat(
        _ a: RecordedArguments, _ environment: [String: String], _ logger: Logger
    ) throws -> HuggingFaceAPIChatGenerator {
        try HuggingFaceAPIChatGenerator(
            apiType: HuggingFaceAPIType(parsing: a.string("api_type") ?? ""), apiParams: a.object("api_params"),
            token: a.secret("token", default: huggingFaceToken), generationKwargs: a.generationKwargs,
            stopWords: a.strings("stop_words"), streamingCallback: a.callback(), tools: a.tools(),
            environment: environment, logger: logger)
    }

    private static func image(
        _ a: RecordedArguments, _ environment: [String: String], _ logger: Logger
    ) throws -> DALLEImageGenerator {
        try DALLEImageGenerator(
            model: a.string("model", default: "dall-e-3") ?? "",
            quality: a.string("quality", default: "standard") ?? "",
            size: a.string("size", default: "1024x1024") ?? "",
            responseFormat: a.string("response_format", default: "url") ?? "",
            apiKey: a.secret("api_key", default: openAIKey) ?? openAIKey, apiBaseURL: a.string("api_base_url"),
            organization: a.string("organization"), timeout: a.double("timeout"), maxRetries: a.int("max_retries"),
            httpClientKwargs: a.value("http_client_kwargs")?.object, environment: environment, logger: logger)
    }
}
