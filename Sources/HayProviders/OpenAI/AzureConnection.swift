import HayComponents
import HayJSON
import Logging

/// What allows a request to Azure, by precedence: a token, else a provider of tokens, else a key.
public enum AzureCredential: Sendable {
    /// A token of Azure's Active Directory.
    case token(Credential)
    /// A function that gives such a token, anew for each request.
    case provider(TokenProvider)
    /// A key.
    case key(Credential)
}

/// Where requests to Azure go and what allows them, with all that was left open settled.
public struct AzureConnection: Sendable {
    /// The address of the resource.
    public let endpoint: String
    /// The name that requests have for the model: the deployment's.
    public let model: String
    /// The version of the interface.
    public let apiVersion: String
    /// What allows requests.
    public let credential: AzureCredential
    /// How requests are sent.
    public let settings: ClientSettings
    /// Whether no deployment is named, so that requests go to the one that their model names.
    let followsModel: Bool

    /// A connection. What is nil is taken from the environment, or has its default.
    ///
    /// Throws `ComponentError` and `ProviderError` where something is missing or a variable is no number.
    init(
        endpoint: String?, deployment: String?, apiVersion: String?, key: Secret?, token: Secret?,
        provider: TokenProvider?, organization: String?, timeout: Double?, maxRetries: Int?,
        environment: [String: String]
    ) throws {
        let given = endpoint.flatMap { $0.isEmpty ? nil : $0 } ?? environment["AZURE_OPENAI_ENDPOINT"]
        guard let address = given, !address.isEmpty else { throw ProviderError.noAzureEndpoint }
        self.endpoint = address
        let named = deployment.flatMap { $0.isEmpty ? nil : $0 }
        followsModel = named == nil
        model = named ?? "gpt-4o-mini"
        settings = try ClientSettings(
            azureEndpoint: address, deployment: named, organization: organization, timeout: timeout,
            maxRetries: maxRetries, environment: environment)
        credential = try AzureConnection.credential(key, token, provider, environment)
        guard let version = apiVersion ?? environment["OPENAI_API_VERSION"] else {
            throw ProviderError.noAzureVersion
        }
        self.apiVersion = version
    }

    private static func credential(
        _ key: Secret?, _ token: Secret?, _ provider: TokenProvider?, _ environment: [String: String]
    ) throws -> AzureCredential {
        guard key != nil || token != nil || provider != nil else { throw ProviderError.noAzureSecret }
        let key = try key?.resolve(in: environment) ?? environment["AZURE_OPENAI_API_KEY"]
        let token = try token?.resolve(in: environment) ?? environment["AZURE_OPENAI_AD_TOKEN"]
        if let token { return .token(Credential(token)) }
        if let provider { return .provider(provider) }
        guard let key else { throw ProviderError.noAzureCredentials }
        return .key(Credential(key))
    }
}

extension AzureCredential {
    /// What requests are allowed by. A provider is asked for each, and must give a token.
    var authorization: Authorization.Source {
        switch self {
        case .token(let credential): { credential.bearer }
        case .key(let credential):
            { Authorization(header: "api-key", value: credential.text, secret: credential.text) }
        case .provider(let provider):
            {
                let token = try await provider(())
                guard !token.isEmpty else { throw ProviderError.emptyToken }
                return Credential(token).bearer
            }
        }
    }
}

extension OpenAIService {
    /// How requests reach a deployment. Throws `ComponentError` and `ProviderError`.
    init(
        _ connection: AzureConnection, headers: JSON.Object, options: JSON.Object?, environment: [String: String],
        logger: Logger
    ) throws {
        try self.init(
            connection.settings, model: connection.model, followsModel: connection.followsModel,
            query: "?api-version=\(connection.apiVersion.percentEncoded)", headers: headers, options: options,
            environment: environment, logger: logger, authorization: connection.credential.authorization)
    }
}

extension InitParameters {
    /// The parameters of every component that asks Azure for texts.
    static let azure = [
        "azure_endpoint", "api_version", "azure_deployment", "api_key", "azure_ad_token", "organization",
        "streaming_callback", "timeout", "max_retries", "generation_kwargs", "default_headers",
        "azure_ad_token_provider", "http_client_kwargs",
    ]
}
