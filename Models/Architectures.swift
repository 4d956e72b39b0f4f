import HayNN
import HayWeights

/// The models that there are, by the `model_type` of `config.json`.
public enum Architectures {
    /// One entry a model.
    static let all: [any LanguageModel.Type] = [
        GPT2.self,
        GPTNeoX.self,
        GPTOSS.self,
        Gemma.self,
        Granite.self,
        Llama.self,
        Mistral3.self,
        Mixtral.self,
        OLMo2.self,
        Phi.self,
        Phi3.self,
        Qwen.self,
        QwenMoE.self,
        SmolLM3.self,
        StableLM.self,
        StarCoder2.self,
        T5.self,
    ]

    /// Multimodal checkpoints whose text model is read, and the `model_type` of those whose `text_config` names none.
    private static let textTypes = ["gemma3": "gemma3_text", "mistral3": "mistral"]

    /// Every `model_type` that is read, sorted.
    public static var modelTypes: [String] {
        let types = all.flatMap { $0.modelTypes }
        return (types + textTypes.filter { types.contains($0.value) }.keys).sorted()
    }

    /// Whether it is the configuration of a multimodal checkpoint of which the text model is read.
    public static func readsTextPart(of config: ModelConfig) -> Bool {
        config.hasTextPart && config.value("model_type")?.string.flatMap { textTypes[$0] } != nil
    }

    /// The configuration of a checkpoint's language model: in multimodal ones that of the text part.
    ///
    /// Throws `ConfigError`.
    public static func textConfig(of config: ModelConfig) throws -> ModelConfig {
        let name: String = try config["model_type"]
        guard let type = textTypes[name] else { return config }
        guard config.hasTextPart else { throw ConfigError.missing(key: "text_config", file: config.source) }
        let text = try config.textPart.adding("model_type", .string(type))
        // Gemma 3's multimodal class has no cap on logits, whatever its text part says.
        return try name == "gemma3" ? text.removing("final_logit_softcapping") : text
    }

    /// The model that reads a configuration. Throws `ConfigError` for an architecture that is not known.
    public static func model(for config: ModelConfig) throws -> any LanguageModel.Type {
        let text = try textConfig(of: config), name: String = try text["model_type"]
        guard let model = all.first(where: { $0.modelTypes.contains(name) }) else {
            throw ConfigError.unknownArchitecture(modelType: name, file: text.source, known: modelTypes)
        }
        return model
    }

    /// The model of a checkpoint. Throws `ConfigError` or `CheckpointError`.
    public static func load(_ weights: Weights, _ config: ModelConfig) throws -> any LanguageModel {
        do { return try model(for: config).init(weights, textConfig(of: config)) } catch let error as CheckpointError {
            // Tensors of other methods are absent or look like damage; plain ones may stand beside such a configuration.
            guard let method = try config.object("quantization_config")?.value("quant_method")?.string,
                method != "hayloft"
            else { throw error }
            throw ConfigError.quantized(method: method, file: config.source, reason: error.description)
        }
    }
}
