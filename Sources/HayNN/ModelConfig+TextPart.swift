import HayJSON

extension ModelConfig {
    /// Whether it is the configuration of a multimodal checkpoint, whose text model has one of its own in it.
    public var hasTextPart: Bool { value("text_config") != nil }

    /// The configuration of the text model: `text_config` of a multimodal checkpoint, else this one.
    ///
    /// Whether tables are tied is said by the outer object alone, and they are tied where it does not say, as in the classes
    /// of transformers (`Gemma3Config`, `Mistral3Config`).
    ///
    /// Throws `ConfigError` when `text_config` is not an object.
    public var textPart: ModelConfig {
        get throws {
            guard let text = try object("text_config") else { return self }
            let tied = value("tie_word_embeddings") ?? true
            var members = JSON.Object(text.members.filter { key, _ in key != "tie_word_embeddings" })
            members.append("tie_word_embeddings", tied)
            return try ModelConfig(.object(members), source: text.source)
        }
    }

    /// The members of this configuration, and those that only its text part has: where options of generation are looked for.
    ///
    /// Source: `GenerationConfig.from_model_config` of transformers. Throws `ConfigError` as `textPart` does.
    public var includingText: ModelConfig {
        get throws {
            guard let text = try object("text_config") else { return self }
            let own = members.filter { _, value in !value.isNull }
            let more = text.members.filter { key, _ in value(key) == nil }
            return try ModelConfig(.object(JSON.Object(own + more)), source: source)
        }
    }

    /// This configuration with a value for a key that is absent or null.
    public func adding(_ key: String, _ value: JSON) throws -> ModelConfig {
        guard self.value(key) == nil else { return self }
        var members = JSON.Object(members.filter { name, _ in name != key })
        members.append(key, value)
        return try ModelConfig(.object(members), source: source)
    }

    /// This configuration without a key.
    public func removing(_ key: String) throws -> ModelConfig {
        try ModelConfig(.object(JSON.Object(members.filter { name, _ in name != key })), source: source)
    }
}
