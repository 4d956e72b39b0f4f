import HayNN
import HayTensor
import HayWeights

/// Llama 1 to 3, Mistral: pre-norm decoder with rotary positions, grouped-query attention and a gated MLP.
///
/// Source: arXiv:2302.13971 (Llama), arXiv:2310.06825 (Mistral's sliding window).
public struct Llama: LanguageModel {
    /// llama and mistral.
    public static let modelTypes = ["llama", "mistral"]

    private let config: Config
    private let embed: Embedding
    private let blocks: [Block]
    private let rope: RoPE
    private let norm: RMSNorm
    private let head: Linear

    /// The model of a checkpoint. Throws `ConfigError` or `CheckpointError`.
    public init(_ weights: Weights, _ config: ModelConfig) throws {
        let c = try Config(config)
        self.config = c
        rope = try RoPE(config, dim: c.headSize, contextLength: c.maxPositions, on: weights.backend)
        (embed, head) = try Embedding.withHead(
            weights, embedding: "model.embed_tokens.weight", head: "lm_head.weight", [c.vocabularySize, c.hiddenSize],
            areTied: c.tiesEmbeddings)
        blocks = try c.windows.enumerated().map { try Block(weights["model.layers.\($0)"], c, window: $1) }
        norm = try RMSNorm(weights["model.norm"], c.hiddenSize, epsilon: c.normEpsilon)
    }

    /// One key-value head for each group of query heads.
    public var cacheShape: CacheShape {
        CacheShape(layerCount: config.layerCount, kvHeadCount: config.kvHeadCount, headSize: config.headSize)
    }

    /// As the weights of the keys ask.
    public var cacheType: DType { blocks.first?.attention.cacheType ?? .f32 }

    /// `vocab_size`.
    public var vocabularySize: Int { config.vocabularySize }

    /// `max_position_embeddings`; none where the positions stretch with the text.
    public var contextLength: Int? { rope.stretchesWithText ? nil : config.maxPositions }

    /// Not where a key depends on how long its text was.
    public var sharesPrefixes: Bool { !rope.dependsOnTextLength }

    /// The hidden states after the last norm.
    public func hidden(_ tokens: Tensor, _ step: CacheStep) -> Tensor {
        let angles = rope.table(for: step)
        var x = embed(tokens)
        for (index, block) in blocks.enumerated() {
            step.observer?(x)
            x = block(x, angles, step[layer: index])
        }
        return norm(x)
    }

    /// The output layer.
    public func logits(_ hidden: Tensor) -> Tensor { head(hidden) }
}

private struct Block: Sendable {
    let attentionNorm, mlpNorm: RMSNorm
    let attention: RotaryAttention
    let mlp: GatedMLP

    init(_ weights: Weights, _ c: Config, window: Int?) throws {
        attentionNorm = try RMSNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try RotaryAttention(
            weights["self_attn"], c.hiddenSize, c.heads, hasBias: c.attentionHasBias, window: window)
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = try GatedMLP(weights["mlp"], c.hiddenSize, c.mlpSize, c.activation, hasBias: c.mlpHasBias)
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        return mlp(mlpNorm(h), adding: h)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    /// The window of each layer's attention; nil where it has none.
    let windows: [Int?]
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings, attentionHasBias, mlpHasBias: Bool

    init(_ json: ModelConfig) throws {
        let isMistral = try json["model_type", default: "llama"] != "llama"
        vocabularySize = try json.count("vocab_size", default: 32_000)
        hiddenSize = try json.count("hidden_size", default: 4096)
        mlpSize = try json.count("intermediate_size", default: isMistral ? 14_336 : 11_008)
        layerCount = try json.count("num_hidden_layers", default: 32, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 32)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: isMistral ? 8 : nil)
        headSize = try json.count("head_dim", default: max(1, hiddenSize / headCount))
        maxPositions = try json.count("max_position_embeddings", default: isMistral ? 131_072 : 2048)
        windows = try isMistral ? Config.windows(json, layerCount) : Array(repeating: nil, count: layerCount)
        normEpsilon = try json.epsilon("rms_norm_eps")
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        attentionHasBias = try !isMistral && json["attention_bias", default: false]
        mlpHasBias = try !isMistral && json["mlp_bias", default: false]
    }

    var heads: RotaryAttention.Heads { .init(headCount, kvCount: kvHeadCount, size: headSize) }

    /// Null means that there is no window; a configuration that does not say has one of 4096.
    ///
    /// `layer_types` makes a Mistral a Ministral, in which some layers see the whole text.
    private static func windows(_ json: ModelConfig, _ layerCount: Int) throws -> [Int?] {
        let window = try json.window(default: 4096)
        let types = try json.layerTypes(count: layerCount, allowed: ["sliding_attention", "full_attention"])
        return (0 ..< layerCount).map { types == nil || types?[$0] == "sliding_attention" ? window : nil }
    }
}
