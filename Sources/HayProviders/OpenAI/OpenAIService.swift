import HayComponents
import HayJSON
import Logging
import NIOHTTP1

/// How a component's requests reach a server that speaks as OpenAI does.
public struct OpenAIService: Sendable {
    /// What requests call the model.
    let model: String
    let logger: Logger
    private let settings: ClientSettings
    private let client: ServerClient
    private let headers: HTTPHeaders
    private let query: String
    private let followsModel: Bool
    private let authorization: Authorization.Source

    /// - Parameters:
    ///   - followsModel: whether requests go to the deployment that their model names.
    ///   - query: follows each path: `?api-version=…`, or nothing.
    ///   - headers: go with every request.
    ///   - options: `http_client_kwargs`.
    /// Throws `ComponentError` and `ProviderError` for options that are not what they have to be.
    init(
        _ settings: ClientSettings, model: String, followsModel: Bool = false, query: String = "",
        headers: JSON.Object = [:],
        options: JSON.Object?, environment: [String: String], logger: Logger,
        authorization: @escaping Authorization.Source
    ) throws {
        guard settings.maxRetries >= 0 else {
            throw ProviderError.wrongOption("max_retries", expected: "0 or more, found \(settings.maxRetries)")
        }
        var client = try ClientOptions(
            timeout: settings.timeout, kwargs: options, address: settings.baseURL, environment: environment)
        try client.addHeaders(headers, place: "default_headers")
        self.client = ServerClient(client)
        self.model = model
        self.settings = settings
        self.query = query
        self.followsModel = followsModel
        self.logger = logger
        self.authorization = authorization
        var headers: HTTPHeaders = ["accept": "application/json"]
        if let organization = settings.organization { headers.add(name: "openai-organization", value: organization) }
        if let project = settings.project { headers.add(name: "openai-project", value: project) }
        self.headers = headers
    }

    /// The reply to a body that is posted to a path.
    ///
    /// Throws `RemoteError`, `CancellationError` and what gives authorization throws.
    func post(_ path: String, _ body: JSON, _ sending: OpenAIOptions.Sending = .init()) async throws -> JSON {
        try await client.reply(RetryPolicy(limit: settings.maxRetries)) { try await request(path, body, sending) }
    }

    /// Posts a body that asks for a stream, and hands on what each event holds.
    ///
    /// Throws as `post` does, and what `take` throws.
    func stream(
        _ path: String, _ body: JSON, _ sending: OpenAIOptions.Sending, take: (JSON) async throws -> Void
    ) async throws {
        let policy = RetryPolicy(limit: settings.maxRetries)
        try await client.stream(policy, of: { try await request(path, body, sending) }, take: take)
    }

    /// That a reply is not what the interface promises.
    func invalidReply(_ path: String, _ reason: String) -> RemoteError {
        ServerRequest(url: settings.baseURL + path).invalidReply(reason)
    }

    private func request(
        _ path: String, _ body: JSON, _ sending: OpenAIOptions.Sending
    ) async throws -> ServerRequest {
        let members = body.object ?? [:]
        let deployment = followsModel ? members["model"]?.string.map { "deployments/\($0)/" } : nil
        let base = settings.baseURL + (deployment ?? "")
        var request = ServerRequest(
            url: base + path + query, headers: headers, body: .object(members.overlaid(by: sending.body)))
        request.allow(try await authorization())
        for (name, value) in sending.query {
            request.url += request.url.contains("?") ? "&" : "?"
            request.url += "\(name.percentEncoded)=\((value.string ?? value.text()).percentEncoded)"
        }
        for (name, value) in sending.headers where !value.isNull {
            let text = value.string ?? value.text()
            request.headers.replaceOrAdd(name: name, value: text)
            request.secrets.append(text)
        }
        request.timeout = sending.timeout
        return request
    }
}
