import HayComponents
import HayJSON
import NIOHTTP1

/// What the Hugging Face hub knows of a model. Each question is asked once.
actor HubModel {
    /// Which of a provider's models a model of the hub is.
    struct Mapping: Sendable {
        let provider: String
        let model: String
        let task: String
    }

    private let name: String
    private let endpoint: String
    private let client: ServerClient
    private let credential: Credential?
    private var isChecked = false
    private var known: [Mapping]?

    init(_ name: String, client: ServerClient, credential: Credential?, environment: [String: String]) {
        self.name = name
        self.client = client
        self.credential = credential
        endpoint = environment["HF_ENDPOINT"] ?? "https://huggingface.co"
    }

    /// Makes sure that the model is there and writes texts.
    ///
    /// Throws `ProviderError` where it does not, and `RemoteError`.
    func check() async throws {
        if isChecked { return }
        let tasks: [JSON] = ["text-generation", "text2text-generation", "image-text-to-text"]
        guard let task = try await answer()["pipeline_tag"], tasks.contains(task) else {
            throw ProviderError.wrongTask(model: name)
        }
        isChecked = true
    }

    /// The providers that serve the model, in the order of the user's settings.
    ///
    /// Throws `ProviderError` and `RemoteError`.
    func mappings() async throws -> [Mapping] {
        if let known { return known }
        func mapping(_ provider: String?, _ data: JSON) -> Mapping? {
            guard let provider, let model = data["providerId"]?.string else { return nil }
            return Mapping(provider: provider, model: model, task: data["task"]?.string ?? "")
        }
        let answer = try await answer(query: "?expand=inferenceProviderMapping")["inferenceProviderMapping"]
        let list =
            answer?.array?.compactMap { mapping($0["provider"]?.string, $0) }
            ?? (answer?.object ?? [:]).compactMap { mapping($0, $1) }
        known = list
        return list
    }

    private func answer(query: String = "") async throws -> JSON {
        let path = name.split(separator: "/").map { String($0).percentEncoded }.joined(separator: "/")
        do {
            return try await client.reply(.never) {
                var request = ServerRequest(method: .GET, url: "\(endpoint)/api/models/\(path)\(query)")
                try await request.allow(credential)
                return request
            }
        } catch RemoteError.status(let status) where status.status == 404 {
            throw ProviderError.modelNotFound(model: name)
        }
    }
}

extension ServerRequest {
    /// Adds what allows the request.
    mutating func allow(_ credential: Credential?) async throws {
        guard let (header, value, secret) = try await credential?.bearer() else { return }
        headers.replaceOrAdd(name: header, value: value)
        secrets.append(secret)
    }
}
