import HayComponents

/// Why a component whose work a server does cannot be made, or asked as it was.
public enum ProviderError: ClassifiedError, Equatable {
    /// An environment variable is not the number that it has to be.
    case notANumber(variable: String, text: String, expected: String)
    /// There is no key for OpenAI.
    case noOpenAIKey
    /// There is no Azure endpoint.
    case noAzureEndpoint
    /// Neither a key, a token nor a token provider is given for Azure.
    case noAzureSecret
    /// None of what is given for Azure has a value.
    case noAzureCredentials
    /// There is no version of Azure's interface.
    case noAzureVersion
    /// There is no such interface of Hugging Face's.
    case unknownAPIType(name: String)
    /// The interface of Hugging Face's needs the name of a model.
    case noModel
    /// The interface of Hugging Face's needs an address.
    case noURL
    /// An address is not one of http or https.
    case wrongURL(text: String)
    /// Tools and a streaming callback do not go together here.
    case toolsWithStreaming
    /// Several replies were to be streamed.
    case streamedReplies
    /// A generation option that OpenAI's interface does not have, or that the component sets by itself.
    case unknownGenerationOption(_ name: String)
    /// A server without text-generation-inference was to stream.
    case noStreaming
    /// A tool that is no function was to go with a format of replies.
    case notAFunction(type: String)
    /// A tool that is not strict was to go with a format of replies.
    case notStrict(tool: String)
    /// An option of the client is not what it has to be.
    case wrongOption(_ name: String, expected: String)
    /// The client was to follow redirects.
    case redirects
    /// The address of a proxy is none.
    case wrongProxy
    /// A component was used before `warmUp`.
    case notWarmedUp(component: String)
    /// The Hugging Face hub does not know the model.
    case modelNotFound(model: String)
    /// A model of the hub does something else.
    case wrongTask(model: String)
    /// A provider does not serve the model, or is not known.
    case noProvider(model: String, provider: String, known: [String])
    /// The function that gives tokens gave none.
    case emptyToken

    /// The sort of mistake.
    public var kind: ErrorKind {
        switch self {
        case .notWarmedUp: .runtime
        case .unknownGenerationOption: .type
        default: .value
        }
    }

    /// The error in one sentence.
    public var description: String {
        switch self {
        case .notANumber(let variable, let text, let expected):
            "The environment variable \(variable) must be \(expected), found '\(text)'"
        case .noOpenAIKey: "The API key has no value; give one or set the environment variable OPENAI_API_KEY."
        case .noAzureEndpoint:
            "Please provide an Azure endpoint or set the environment variable AZURE_OPENAI_ENDPOINT."
        case .noAzureSecret: "Please provide an API key or an Azure Active Directory token."
        case .noAzureCredentials:
            "Neither the API key nor the Azure Active Directory token has a value; give one or set the environment "
                + "variable AZURE_OPENAI_API_KEY or AZURE_OPENAI_AD_TOKEN."
        case .noAzureVersion: "Please provide an API version or set the environment variable OPENAI_API_VERSION."
        case .unknownAPIType(let name):
            "Unknown Hugging Face API type '\(name)'. Supported types are: "
                + "[\(HuggingFaceAPIType.allCases.map(\.rawValue).quoted)]"
        case .noModel:
            "To use the Serverless Inference API, you need to specify the `model` parameter in `api_params`."
        case .noURL:
            "To use Text Generation Inference or Inference Endpoints, you need to specify the `url` parameter in "
                + "`api_params`."
        case .wrongURL(let text): "Invalid URL: \(text)"
        case .toolsWithStreaming: "Using tools and streaming at the same time is not supported. Please choose one."
        case .streamedReplies: "Cannot stream multiple responses, please set n=1."
        case .unknownGenerationOption(let name):
            "'\(name)' is not an option of generation_kwargs here; what other servers take goes into 'extra_body'"
        case .noStreaming:
            "API endpoint/model for text-generation is not served via TGI. Cannot return output as a stream. "
                + "Please pass `stream=False` as input."
        case .notAFunction(let type):
            "Currently only `function` tool types support auto-parsing; Received `\(type)`"
        case .notStrict(let tool):
            "`\(tool)` is not strict. Only `strict` function tools can be auto-parsed; set `toolsStrict`."
        case .wrongOption(let name, let expected): "The client's '\(name)' must be \(expected)"
        case .redirects: "Redirects are not followed, as keys would go along; give the component the right address."
        case .wrongProxy: "A proxy must be given as http://host:port or socks5://host:port"
        case .notWarmedUp(let component):
            "The component \(component) wasn't warmed up. Run 'warm_up()' before calling 'run()'."
        case .modelNotFound(let model):
            "Model \(model) not found on HuggingFace Hub. Please provide a valid HuggingFace model_id."
        case .wrongTask(let model):
            "Model \(model) is not a text generation model. Please provide a text generation model."
        case .noProvider(let model, let provider, let known):
            "The provider '\(provider)' does not serve \(model) here; it can be one of [\(known.quoted)]"
        case .emptyToken: "The token provider has given an empty token"
        }
    }
}
