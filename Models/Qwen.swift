import HayNN
import HayTensor
import HayWeights

/// Qwen 2, 2.5 and 3: pre-norm decoder with rotary positions, grouped-query attention and a gated MLP.
///
/// Qwen 2 has biases on queries, keys and values; Qwen 3 has norms over each head's queries and keys instead.
/// Source: arXiv:2407.10671 (Qwen 2), arXiv:2505.09388 (Qwen 3).
public struct Qwen: LanguageModel {
    /// qwen2 and qwen3.
    public static let modelTypes = ["qwen2", "qwen3"]

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
            weights["self_attn"], c.hiddenSize, c.heads, hasBias: c.queriesHaveBias, outputHasBias: c.outputHasBias,
            norms: c.headNorms(weights["self_attn"]), window: window)
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = try GatedMLP(weights["mlp"], c.hiddenSize, c.mlpSize, c.activation)
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
    let tiesEmbeddings, queriesHaveBias, outputHasBias, hasHeadNorms: Bool

    init(_ json: ModelConfig) throws {
        let isQwen2 = try json["model_type", default: "qwen2"] == "qwen2"
        vocabularySize = try json.count("vocab_size", default: 151_936)
        hiddenSize = try json.count("hidden_size", default: 4096)
        mlpSize = try json.count("intermediate_size", default: 22_016)
        layerCount = try json.count("num_hidden_layers", default: 32, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 32)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: 32)
        headSize = try json.count("head_dim", default: isQwen2 ? max(1, hiddenSize / headCount) : 128)
        maxPositions = try json.count("max_position_embeddings", default: 32_768)
        windows = try Config.windows(json, layerCount)
        normEpsilon = try json.epsilon("rms_norm_eps")
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        outputHasBias = try !isQwen2 && json["attention_bias", default: false]
        queriesHaveBias = isQwen2 || outputHasBias
        hasHeadNorms = !isQwen2
    }

    var heads: RotaryAttention.Heads { .init(headCount, kvCount: kvHeadCount, size: headSize) }

    /// Norms of each head's queries and keys, in Qwen 3.
    func headNorms(_ weights: Weights) throws -> (queries: RMSNorm, keys: RMSNorm)? {
        guard hasHeadNorms else { return nil }
        return (
            try RMSNorm(weights["q_norm"], headSize, epsilon: normEpsilon),
            try RMSNorm(weights["k_norm"], headSize, epsilon: normEpsilon)
        )
    }

    /// A window counts only where `use_sliding_window` says so: in the layers that `layer_types` names, or in those from
    /// `max_window_layers` on.
    private static func windows(_ json: ModelConfig, _ layerCount: Int) throws -> [Int?] {
        let isUsed = try json["use_sliding_window", default: false]
        let window = try isUsed ? json.window(default: 4096) : nil
        let first = try json["max_window_layers", default: 28]
        let kinds = try json.layerTypes(
            count: layerCount, allowed: window == nil ? ["full_attention"] : ["full_attention", "sliding_attention"])
        return (0 ..< layerCount).map { layer in
            let slides = kinds.map { $0[layer] == "sliding_attention" } ?? (layer >= first)
            return slides ? window : nil
        }
    }
}
