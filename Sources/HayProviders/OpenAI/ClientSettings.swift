/// How requests of OpenAI's kind are sent, with all that was left open settled.
public struct ClientSettings: Sendable, Equatable {
    /// The address that paths are added to; ends with a slash.
    public let baseURL: String
    /// The longest wait for a connection, for sending and for each piece of a reply, in seconds.
    public let timeout: Double
    /// How often a request is sent again.
    public let maxRetries: Int
    /// The organization that pays.
    public let organization: String?
    /// The project that pays.
    public let project: String?

    /// Settings of OpenAI's interface. What is nil is taken from the environment, or has its default.
    ///
    /// Throws `ProviderError` where a variable is no number.
    init(
        openAIBaseURL: String?, organization: String?, timeout: Double?, maxRetries: Int?,
        environment: [String: String]
    ) throws {
        try self.init(
            baseURL: openAIBaseURL ?? environment["OPENAI_BASE_URL"] ?? "https://api.openai.com/v1",
            organization: organization, timeout: timeout, maxRetries: maxRetries, environment: environment)
    }

    /// Settings of Azure's interface to a deployment; nil leaves it to each request.
    ///
    /// Throws `ProviderError` where a variable is no number.
    init(
        azureEndpoint: String, deployment: String?, organization: String?, timeout: Double?, maxRetries: Int?,
        environment: [String: String]
    ) throws {
        var endpoint = azureEndpoint[...]
        while endpoint.last == "/" { endpoint.removeLast() }
        try self.init(
            baseURL: "\(endpoint)/openai" + (deployment.map { "/deployments/\($0)" } ?? ""), organization: organization,
            timeout: timeout,
            maxRetries: maxRetries, environment: environment)
    }

    private init(
        baseURL: String, organization: String?, timeout: Double?, maxRetries: Int?, environment: [String: String]
    ) throws {
        self.baseURL = baseURL.hasSuffix("/") ? baseURL : baseURL + "/"
        self.timeout = try timeout ?? environment.number("OPENAI_TIMEOUT", "a number") { Double($0) } ?? 30
        self.maxRetries = try maxRetries ?? environment.number("OPENAI_MAX_RETRIES", "an integer") { Int($0) } ?? 5
        self.organization = organization ?? environment["OPENAI_ORG_ID"]
        project = environment["OPENAI_PROJECT_ID"]
    }
}

extension [String: String] {
    fileprivate func number<Number>(
        _ variable: String, _ expected: String, _ convert: (Substring) -> Number?
    ) throws -> Number? {
        guard let text = self[variable] else { return nil }
        var trimmed = text[...]
        while trimmed.first?.isWhitespace == true { trimmed.removeFirst() }
        while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
        guard let number = convert(trimmed) else {
            throw ProviderError.notANumber(variable: variable, text: text, expected: expected)
        }
        return number
    }
}
