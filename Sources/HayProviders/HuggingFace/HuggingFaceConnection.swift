import HayComponents
import HayJSON

/// Which model of Hugging Face's requests go to and what allows them.
public struct HuggingFaceConnection: Sendable {
    /// The server's address, or the model's name where providers share their servers.
    public let model: String
    /// What allows requests; nil sends them without.
    public let credential: Credential?
    /// The name of who serves the model, of those that share their servers; `auto` leaves it to the user's settings.
    public let provider: String
    /// Whether providers share the servers.
    public let isServerless: Bool

    /// What the hub may know: a key of a provider's own is none of its business.
    var hubCredential: Credential? {
        let isProviders = isServerless && provider != "auto" && provider != "hf-inference"
        return credential.flatMap { isProviders && !$0.text.hasPrefix("hf_") ? nil : $0 }
    }

    /// A connection.
    ///
    /// Throws `ComponentError` and `ProviderError` where the address or the model is missing, the address is not one
    /// of http or https, a strict secret has no value or a parameter is not known.
    init(
        type: HuggingFaceAPIType, parameters: JSON.Object, token: Secret?, environment: [String: String]
    ) throws {
        let reader = try DictionaryReader(
            .object(parameters), place: "api_params",
            known: ["model", "url", "provider", "timeout", "headers", "cookies", "proxies", "bill_to"])
        isServerless = type == .serverlessInferenceAPI
        provider = try reader.optionalString("provider") ?? "auto"
        if isServerless {
            guard reader.optional("model") != nil else { throw ProviderError.noModel }
            model = try reader.string("model")
        } else {
            guard reader.optional("url") != nil else { throw ProviderError.noURL }
            model = try reader.string("url")
            guard ServerAddress.isHTTP(model) else { throw ProviderError.wrongURL(text: ServerAddress.shown(model)) }
        }
        credential = try token?.resolve(in: environment).map(Credential.init)
    }
}

extension GenerationKwargs {
    /// These options with texts to stop at added to those under a key, and a limit where there is none.
    ///
    /// Throws `ComponentError` where what is under the key is no list.
    func stopping(at words: [String]?, key: String, limit: String) throws -> GenerationKwargs {
        let reader = try DictionaryReader(.object(dictionary), place: "generation_kwargs")
        let given = try reader.has(key) ? reader.read(key, "a list", \.array) : []
        var options = self
        options[key] = .array(given + (words ?? []).map(JSON.string))
        if options[limit] == nil { options[limit] = 512 }
        return options
    }
}
