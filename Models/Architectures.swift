import HayNN
import HayWeights

/// The models that there are, by the `model_type` of `config.json`.
public enum Architectures {
    /// One entry a model.
    static let all: [any LanguageModel.Type] = [Llama.self, Qwen.self, T5.self]

    /// Every `model_type` that is read, sorted.
    public static var modelTypes: [String] { all.flatMap { $0.modelTypes }.sorted() }

    /// The model that reads a configuration. Throws `ConfigError` for an architecture that is not known.
    public static func model(for config: ModelConfig) throws -> any LanguageModel.Type {
        let name: String = try config["model_type"]
        guard let model = all.first(where: { $0.modelTypes.contains(name) }) else {
            throw ConfigError.unknownArchitecture(modelType: name, file: config.source, known: modelTypes)
        }
        return model
    }

    /// The model of a checkpoint. Throws `ConfigError` or `CheckpointError`.
    public static func load(_ weights: Weights, _ config: ModelConfig) throws -> any LanguageModel {
        try model(for: config).init(weights, config)
    }
}
