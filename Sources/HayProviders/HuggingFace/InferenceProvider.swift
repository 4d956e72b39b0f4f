import HayComponents
import HayJSON

/// A company whose servers the Hugging Face hub passes chats on to.
struct InferenceProvider: Sendable {
    /// How it takes a JSON schema that replies are to hold to.
    enum Format {
        /// As OpenAI does.
        case plain
        /// As `value` of a `json_object`, which is text-generation-inference's way.
        case value
        /// As `schema` of a `json_object`.
        case schema
        /// As `guided_json`, besides.
        case guided
        /// As OpenAI does, but never strict.
        case lenient
    }

    /// Where those go who have a key of its own.
    let address: String
    /// The path of its chat interface.
    var path = "v1/chat/completions"
    var format = Format.plain

    /// What is known of providers, by the hub's names for them. Addresses are those of huggingface_hub 0.35.
    static let all: [String: InferenceProvider] = [
        "cerebras": .init(address: "https://api.cerebras.ai"),
        "cohere": .init(
            address: "https://api.cohere.com", path: "compatibility/v1/chat/completions", format: .schema),
        "featherless-ai": .init(address: "https://api.featherless.ai"),
        "fireworks-ai": .init(
            address: "https://api.fireworks.ai", path: "inference/v1/chat/completions", format: .schema),
        "groq": .init(address: "https://api.groq.com", path: "openai/v1/chat/completions"),
        "hyperbolic": .init(address: "https://api.hyperbolic.xyz"),
        "nebius": .init(address: "https://api.studio.nebius.ai", format: .guided),
        "novita": .init(address: "https://api.novita.ai", path: "v3/openai/chat/completions"),
        "nscale": .init(address: "https://inference.api.nscale.com"),
        "openai": .init(address: "https://api.openai.com"),
        "publicai": .init(address: "https://api.publicai.co"),
        "sambanova": .init(address: "https://api.sambanova.ai", format: .lenient),
        "scaleway": .init(address: "https://api.scaleway.ai"),
        "together": .init(address: "https://api.together.xyz", format: .schema),
        "zai-org": .init(address: "https://api.z.ai", path: "api/paas/v4/chat/completions"),
    ]
}

extension InferenceProvider.Format {
    /// Puts a request's `response_format` into this form. The schema keeps members that are null, which say something there.
    ///
    /// - Parameter format: the option as it was given.
    func rewrite(_ body: inout JSON.Object, _ format: JSON?) {
        guard format?["type"] == "json_schema", let schema = format?["json_schema"]?["schema"] else { return }
        switch self {
        case .plain: break
        case .value: body.set("response_format", to: ["type": "json_object", "value": schema])
        case .schema: body.set("response_format", to: ["type": "json_object", "schema": schema])
        case .guided: body.set("guided_json", to: schema)
        case .lenient:
            var named = body["response_format"]?["json_schema"]?.object ?? [:]
            named.set("strict", to: false)
            body.set("response_format", to: ["type": "json_schema", "json_schema": .object(named)])
        }
    }
}
