import HayComponents
import HayJSON
import Synchronization

/// What the Hugging Face hub knows of a model. What it has answered is not asked again.
final class HubModel: Sendable {
    /// Which of a provider's models a model of the hub is.
    struct Mapping: Sendable {
        let provider: String
        let model: String
        let task: String
    }

    private let name: String
    private let address: String
    private let client: ServerClient
    private let credential: Credential?
    private let answers = Mutex<[String: JSON]>([:])

    /// Throws `ProviderError`.
    init(_ name: String, credential: Credential?, timeout: Double?, environment: [String: String]) throws {
        self.name = name
        self.credential = credential
        var endpoint = (environment["HF_ENDPOINT"] ?? "https://huggingface.co")[...]
        while endpoint.last == "/" { endpoint.removeLast() }
        let path = name.split(separator: "/").map { String($0).percentEncoded }.joined(separator: "/")
        address = "\(endpoint)/api/models/\(path)"
        client = ServerClient(
            try ClientOptions(timeout: timeout, kwargs: nil, address: address, environment: environment))
    }

    /// Makes sure that the model is there and writes texts.
    ///
    /// Throws `ProviderError` where it does not, and `RemoteError`.
    func check() async throws {
        let tasks: [JSON] = ["text-generation", "text2text-generation", "image-text-to-text"]
        guard let task = try await answer()["pipeline_tag"], tasks.contains(task) else {
            throw ProviderError.wrongTask(model: name)
        }
    }

    /// The providers that serve the model, in the order of the user's settings.
    ///
    /// Throws `ProviderError` and `RemoteError`.
    func mappings() async throws -> [Mapping] {
        func mapping(_ provider: String?, _ data: JSON) -> Mapping? {
            guard let provider, let model = data["providerId"]?.string else { return nil }
            return Mapping(provider: provider, model: model, task: data["task"]?.string ?? "")
        }
        let answer = try await answer("?expand=inferenceProviderMapping")["inferenceProviderMapping"]
        return answer?.array?.compactMap { mapping($0["provider"]?.string, $0) }
            ?? (answer?.object ?? [:]).compactMap { mapping($0, $1) }
    }

    private func answer(_ query: String = "") async throws -> JSON {
        if let known = answers.withLock({ $0[query] }) { return known }
        let answer = try await ask(query)
        answers.withLock { $0[query] = answer }
        return answer
    }

    private func ask(_ query: String) async throws -> JSON {
        do {
            return try await client.reply(.never) { [address, credential] in
                // A model that was renamed is found where its old name leads.
                var request = ServerRequest(method: .GET, url: address + query, redirectLimit: 3)
                if let credential { request.allow(credential.bearer) }
                return request
            }
        } catch RemoteError.status(let status) where status.status == 404 || status.status == 401 && credential == nil {
            throw ProviderError.modelNotFound(model: name)
        }
    }
}
