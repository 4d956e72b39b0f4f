import HayComponents
import HayJSON
import HayProviders
import Testing

@Suite("Remote components")
struct ProviderTests {
    let endpoint: [String: String] = ["AZURE_OPENAI_ENDPOINT": "https://a.example/", "AZURE_OPENAI_API_KEY": "key"]

    @Test("what is given goes before the environment, which goes before defaults")
    func settings() throws {
        let environment = [
            "OPENAI_API_KEY": "key", "OPENAI_TIMEOUT": " 2.5 ", "OPENAI_MAX_RETRIES": "1",
            "OPENAI_BASE_URL": "http://e/v1", "OPENAI_ORG_ID": "org", "OPENAI_PROJECT_ID": "project",
        ]
        let open = try OpenAIGenerator(environment: environment)
        #expect(open.settings.timeout == 2.5 && open.settings.maxRetries == 1)
        #expect(open.settings.baseURL == "http://e/v1/")
        #expect(open.settings.organization == "org" && open.settings.project == "project")
        let given = try OpenAIGenerator(
            apiBaseURL: "http://g/", organization: "mine", timeout: 0, maxRetries: 0, environment: environment)
        #expect(given.settings.timeout == 0 && given.settings.maxRetries == 0)
        #expect(given.settings.baseURL == "http://g/" && given.settings.organization == "mine")
    }

    @Test("settings that the environment holds wrongly are refused")
    func wrongSettings() throws {
        var environment = ["OPENAI_API_KEY": "key", "OPENAI_MAX_RETRIES": "2.5"]
        let error = ProviderError.notANumber(variable: "OPENAI_MAX_RETRIES", text: "2.5", expected: "an integer")
        #expect(throws: error) { try OpenAIChatGenerator(environment: environment) }
        #expect("\(error)" == "The environment variable OPENAI_MAX_RETRIES must be an integer, found '2.5'")
        environment = ["OPENAI_API_KEY": "key", "OPENAI_TIMEOUT": ""]
        #expect(throws: ProviderError.notANumber(variable: "OPENAI_TIMEOUT", text: "", expected: "a number")) {
            try DALLEImageGenerator(environment: environment)
        }
    }

    @Test("a key is looked up when a component is made; of the image generator later")
    func keys() throws {
        let key = Secret.environment("MISSING", isStrict: false)
        #expect(throws: ProviderError.noOpenAIKey) { try OpenAIGenerator(apiKey: key, environment: [:]) }
        #expect(throws: ComponentError.unsetVariables(names: ["OPENAI_API_KEY"])) {
            try OpenAIChatGenerator(environment: [:])
        }
        let image = try DALLEImageGenerator(environment: [:])
        #expect(throws: ComponentError.self) { try image.credential(in: [:]) }
        #expect(try image.credential(in: ["OPENAI_API_KEY": "key"]).text == "key")
    }

    @Test("Azure's token goes before its provider, and that before its key")
    func azureCredentials() throws {
        func credential(_ environment: [String: String], _ provider: TokenProvider? = nil) throws -> AzureCredential {
            try AzureOpenAIGenerator(
                azureEndpoint: "http://a", azureADTokenProvider: provider, environment: environment
            ).connection.credential
        }
        let provider = TokenProvider { "given" }
        let all = ["AZURE_OPENAI_API_KEY": "key", "AZURE_OPENAI_AD_TOKEN": "token"]
        guard case .token(let token) = try credential(all, provider) else { throw Wrong() }
        #expect(token.text == "token")
        guard case .provider = try credential(["AZURE_OPENAI_API_KEY": "key"], provider) else { throw Wrong() }
        guard case .key(let key) = try credential(["AZURE_OPENAI_API_KEY": "key"]) else { throw Wrong() }
        #expect(key.text == "key")
        #expect(throws: ProviderError.noAzureCredentials) { try credential([:]) }
        #expect(throws: ProviderError.noAzureSecret) {
            try AzureOpenAIGenerator(azureEndpoint: "http://a", apiKey: nil, azureADToken: nil, environment: all)
        }
        guard
            case .provider = try AzureOpenAIGenerator(
                azureEndpoint: "http://a", apiKey: nil, azureADToken: nil, azureADTokenProvider: provider,
                environment: [:]
            ).connection.credential
        else { throw Wrong() }
    }

    private struct Wrong: Error {}

    @Test("Azure's deployment and version may be left open")
    func azureDefaults() throws {
        let component = try AzureOpenAIChatGenerator(
            apiVersion: nil, azureDeployment: nil, environment: endpoint.merging(["OPENAI_API_VERSION": "v"]) { $1 })
        #expect(component.connection.model == "gpt-4o-mini" && component.connection.apiVersion == "v")
        #expect(component.connection.settings.baseURL == "https://a.example/openai/")
        #expect(throws: ProviderError.noAzureVersion) {
            try AzureOpenAIChatGenerator(apiVersion: nil, environment: endpoint)
        }
        #expect(throws: ProviderError.noAzureEndpoint) {
            try AzureOpenAIChatGenerator(azureEndpoint: "", environment: ["AZURE_OPENAI_API_KEY": "key"])
        }
    }

    @Test("what no request can come of is refused when a component of Hugging Face's is made")
    func huggingFaceErrors() throws {
        func make(_ parameters: JSON.Object, options: GenerationKwargs = [:]) throws -> HuggingFaceAPIGenerator {
            try HuggingFaceAPIGenerator(
                apiType: .inferenceEndpoints, apiParams: parameters, generationKwargs: options, environment: [:])
        }
        #expect(throws: ProviderError.noURL) { try make([:]) }
        #expect(throws: ProviderError.wrongURL(text: "ftp://x")) { try make(["url": "ftp://x"]) }
        #expect(throws: ComponentError.self) { try make(["url": "http://x", "colour": "red"]) }
        #expect(throws: ComponentError.self) { try make(["url": 1]) }
        #expect(throws: ComponentError.self) { try make(["url": "http://x"], options: ["stop_sequences": "END"]) }
        #expect(try make(["url": "HTTPS://x"]).generationKwargs == ["stop_sequences": [], "max_new_tokens": 512])
    }

    @Test("addresses are those of http and https with a host")
    func addresses() {
        for text in ["http://a", "HTTPS://a:1/b?c", "http://[::1]/", "http://a#b"] {
            #expect(ServerAddress.isHTTP(text), "\(text)")
        }
        for text in ["", "http", "http:", "http:/a", "http:///a", "http://?a", "a.b", "file:///a", "//a", " http://a"] {
            #expect(!ServerAddress.isHTTP(text), "\(text)")
        }
    }

    @Test("keys are not shown when a component is printed")
    func redaction() throws {
        let component = try OpenAIGenerator(apiKey: .token("sesame"), environment: [:])
        var dumped = ""
        dump(component, to: &dumped)
        #expect(!dumped.contains("sesame") && !"\(component)".contains("sesame"))
        #expect(!String(reflecting: component).contains("sesame"))
        #expect(component.credential.text == "sesame")
    }

    static let errors: [(ProviderError, String)] = [
        (.noOpenAIKey, "The API key has no value; give one or set the environment variable OPENAI_API_KEY."),
        (
            .noAzureEndpoint,
            "Please provide an Azure endpoint or set the environment variable AZURE_OPENAI_ENDPOINT."
        ),
        (.noAzureSecret, "Please provide an API key or an Azure Active Directory token."),
        (
            .noAzureCredentials,
            "Neither the API key nor the Azure Active Directory token has a value; give one or set the environment "
                + "variable AZURE_OPENAI_API_KEY or AZURE_OPENAI_AD_TOKEN."
        ),
        (.noAzureVersion, "Please provide an API version or set the environment variable OPENAI_API_VERSION."),
        (
            .unknownAPIType(name: "x"),
            "Unknown Hugging Face API type 'x'. Supported types are: ['text_generation_inference', "
                + "'inference_endpoints', 'serverless_inference_api']"
        ),
        (
            .noModel,
            "To use the Serverless Inference API, you need to specify the `model` parameter in `api_params`."
        ),
        (
            .noURL,
            "To use Text Generation Inference or Inference Endpoints, you need to specify the `url` parameter in "
                + "`api_params`."
        ),
        (.wrongURL(text: "x"), "Invalid URL: x"),
        (.toolsWithStreaming, "Using tools and streaming at the same time is not supported. Please choose one."),
    ]

    @Test("each error says in a sentence what is wrong", arguments: errors)
    func descriptions(error: ProviderError, message: String) {
        #expect(error.description == message)
        #expect(error.kind == .value)
    }
}
