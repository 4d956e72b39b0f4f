import HayComponents
import HayJSON

extension InitParameters {
    /// The parameters of every component that asks OpenAI for texts.
    static let openAI = [
        "api_key", "model", "streaming_callback", "api_base_url", "organization", "generation_kwargs", "timeout",
        "max_retries", "http_client_kwargs",
    ]

    /// The key of a component that asks OpenAI.
    func openAIKey() throws -> Secret {
        let secret = try secret("api_key", default: .environment("OPENAI_API_KEY"))
        guard let secret else { throw ProviderError.noOpenAIKey }
        return secret
    }
}

extension Credential {
    /// The value of a key for OpenAI.
    ///
    /// Throws `ComponentError` and `ProviderError` where it has none.
    init(openAI key: Secret, environment: [String: String]) throws {
        guard let text = try key.resolve(in: environment) ?? environment["OPENAI_API_KEY"] else {
            throw ProviderError.noOpenAIKey
        }
        self.init(text)
    }
}

extension JSON.Object {
    /// Adds the limits that are given.
    mutating func appendLimits(timeout: Double?, maxRetries: Int?) {
        if let timeout { append("timeout", .double(timeout)) }
        if let maxRetries { append("max_retries", .int(maxRetries)) }
    }
}
