import HayComponents
import HayJSON
import Logging

/// How requests reach a model through one of Hugging Face's interfaces. Nothing is sent twice.
struct HuggingFaceService: Sendable {
    /// Where a request goes.
    struct Target: Sendable {
        var url: String
        /// What the request calls the model.
        var model: String
        /// How a JSON schema is told.
        var format: InferenceProvider.Format
    }

    let logger: Logger
    /// What the server does not take.
    let unused = UnusedOptions()
    private let connection: HuggingFaceConnection
    private let client: ServerClient
    /// Whether the headers that were given allow requests.
    private let hasAuthorization: Bool
    /// Is there where the hub says who serves the model.
    private let hub: HubModel?

    /// - Parameter parameters: `api_params`.
    /// Throws `ComponentError` and `ProviderError`.
    init(
        _ connection: HuggingFaceConnection, parameters: JSON.Object, environment: [String: String], logger: Logger
    ) throws {
        let reader = try DictionaryReader(.object(parameters), place: "api_params")
        let timeout = try reader.optionalDouble("timeout")
        let address = connection.isServerless ? HuggingFaceService.router : connection.model
        var options = try ClientOptions(timeout: timeout, kwargs: nil, address: address, environment: environment)
        try options.addHeaders(reader.optionalObject("headers"), place: "api_params.headers")
        try options.addCookies(reader.optionalObject("cookies"), place: "api_params.cookies")
        if let organization = try reader.optionalString("bill_to") {
            options.headers.replaceOrAdd(name: "x-hf-bill-to", value: organization)
        }
        if let text = try HuggingFaceService.proxy(reader, for: address) {
            options.configuration.proxy = try ProxySettings.proxy(text)
        }
        self.connection = connection
        self.logger = logger
        client = ServerClient(options)
        hasAuthorization = options.headers.contains(name: "authorization")
        hub =
            connection.isServerless
            ? try HubModel(
                connection.model, credential: connection.hubCredential, timeout: timeout, environment: environment)
            : nil
    }

    /// The proxy that `proxies` has for an address: one for all, or one for each scheme.
    private static func proxy(_ reader: DictionaryReader, for address: String) throws -> String? {
        guard let value = reader.optional("proxies"), value.string == nil else {
            return try reader.optionalString("proxies")
        }
        let proxies = try DictionaryReader(value, place: "api_params.proxies", known: ["http", "https", "all"])
        let scheme = String(address.prefix { $0 != ":" }).lowercased()
        return try proxies.optionalString(scheme) ?? proxies.optionalString("all")
    }

    private static let router = "https://router.huggingface.co"

    /// Asks the hub whether the model is there and writes texts, where the hub has a say.
    ///
    /// Throws `ProviderError` and `RemoteError`.
    func warmUp() async throws { try await hub?.check() }

    /// Where prompts go: to hf-inference, as other providers do not take them.
    ///
    /// - Parameter model: an address or a name in place of the connection's own.
    /// Throws `ProviderError` and `RemoteError`.
    func promptTarget(model: String?) async throws -> Target {
        let model = model ?? connection.model
        if ServerAddress.isHTTP(model) { return Target(url: model, model: model, format: .value) }
        guard connection.isServerless else { throw ProviderError.wrongURL(text: ServerAddress.shown(model)) }
        try await warmUp()
        let provider = connection.provider
        guard provider == "auto" || provider == "hf-inference" else {
            throw ProviderError.noProvider(model: model, provider: provider, known: ["hf-inference"])
        }
        return Target(
            url: "\(HuggingFaceService.router)/hf-inference/models/\(model)", model: model, format: .value)
    }

    /// Where conversations go.
    ///
    /// - Parameter model: what the request calls the model, if not as the connection does.
    /// Throws `ProviderError` and `RemoteError`.
    func chatTarget(model: String?) async throws -> Target {
        guard let hub else {
            return Target(url: connection.model.chatAddress, model: model ?? "dummy", format: .value)
        }
        try await warmUp()
        let name = connection.model
        if connection.provider == "hf-inference" {
            let url = "\(HuggingFaceService.router)/hf-inference/models/\(name)"
            return Target(url: url.chatAddress, model: model ?? name, format: .value)
        }
        let mappings = try await hub.mappings().filter { $0.task == "conversational" }
        let isAny = connection.provider == "auto"
        guard let mapping = mappings.first(where: { isAny || $0.provider == connection.provider }) else {
            throw ProviderError.noProvider(
                model: name, provider: connection.provider, known: ["hf-inference"] + mappings.map(\.provider))
        }
        if mapping.provider == "hf-inference" {
            let url = "\(HuggingFaceService.router)/hf-inference/models/\(mapping.model)"
            return Target(url: url.chatAddress, model: model ?? mapping.model, format: .value)
        }
        guard let provider = InferenceProvider.all[mapping.provider] else {
            throw ProviderError.noProvider(
                model: name, provider: mapping.provider, known: InferenceProvider.all.keys.sorted())
        }
        // A key of the provider's own goes straight to it.
        let isRouted = connection.credential?.text.hasPrefix("hf_") ?? true
        let base = isRouted ? "\(HuggingFaceService.router)/\(mapping.provider)" : provider.address
        return Target(url: "\(base)/\(provider.path)", model: model ?? mapping.model, format: provider.format)
    }

    /// The reply to a body. Throws `RemoteError` and `CancellationError`.
    func post(_ url: String, _ body: JSON) async throws -> JSON {
        try await client.reply(.never) { try await request(url, body) }
    }

    /// Posts a body that asks for a stream, and hands on what each event holds. Throws as `post` does, and what `take`
    /// throws.
    func stream(_ url: String, _ body: JSON, take: (JSON) async throws -> Void) async throws {
        do {
            try await client.stream(.never, of: { try await request(url, body) }, take: take)
        } catch RemoteError.inReply(_, let message, let body) {
            throw RemoteError.generation(type: "unknown", message: body.string ?? message, status: nil)
        }
    }

    private func request(_ url: String, _ body: JSON) async throws -> ServerRequest {
        var request = ServerRequest(url: url, body: body)
        if let credential = connection.credential, !hasAuthorization { request.allow(credential.bearer) }
        return request
    }
}

extension String {
    /// The address of a server's chat interface: the server's own, unless it says more.
    fileprivate var chatAddress: String {
        let end = firstIndex { $0 == "?" || $0 == "#" } ?? endIndex
        var address = self[..<end]
        if address.hasSuffix("/chat/completions") { return self }
        while address.hasSuffix("/") { address.removeLast() }
        let isComplete = address.hasSuffix("/chat/completions")
        let path = isComplete ? "" : address.hasSuffix("/v1") ? "/chat/completions" : "/v1/chat/completions"
        return address + path + self[end...]
    }
}

extension JSON.Object {
    /// These members without those that are null, here and below.
    var withoutNulls: JSON.Object { JSON.Object(filter { !$0.1.isNull }.map { ($0, $1.withoutNulls) }) }

    /// These members with others in place of those of the same name; dictionaries are combined likewise.
    func merged(with others: JSON.Object) -> JSON.Object {
        overlaid(
            by: JSON.Object(
                others.map { key, value in
                    guard let own = self[key]?.object, let other = value.object else { return (key, value) }
                    return (key, .object(own.merged(with: other)))
                }))
    }
}

extension JSON {
    /// The value without members that are null.
    var withoutNulls: JSON {
        switch self {
        case .object(let members): .object(members.withoutNulls)
        case .array(let elements): .array(elements.map(\.withoutNulls))
        default: self
        }
    }
}
