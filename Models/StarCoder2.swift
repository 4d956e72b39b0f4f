import HayNN
import HayTensor
import HayWeights

/// StarCoder 2: pre-norm decoder with layer norms, rotary positions, a window, grouped-query attention and biases
/// throughout.
///
/// Source: arXiv:2402.19173; transformers/models/starcoder2/modeling_starcoder2.py.
public struct StarCoder2: LanguageModel {
    /// starcoder2.
    public static let modelTypes = ["starcoder2"]

    private let config: Config
    private let embed: Embedding
    private let blocks: [Block]
    private let rope: RoPE
    private let norm: LayerNorm
    private let head: Linear

    /// The model of a checkpoint. Throws `ConfigError` or `CheckpointError`.
    public init(_ weights: Weights, _ config: ModelConfig) throws {
        let c = try Config(config)
        self.config = c
        rope = try RoPE(config, dim: c.headSize, contextLength: c.maxPositions, on: weights.backend)
        (embed, head) = try Embedding.withHead(
            weights, embedding: "model.embed_tokens.weight", head: "lm_head.weight", [c.vocabularySize, c.hiddenSize],
            areTied: c.tiesEmbeddings)
        blocks = try (0 ..< c.layerCount).map { try Block(weights["model.layers.\($0)"], c) }
        norm = try LayerNorm(weights["model.norm"], c.hiddenSize, epsilon: c.normEpsilon)
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
    let attentionNorm, mlpNorm: LayerNorm
    let attention: RotaryAttention
    let mlp: MLP

    init(_ weights: Weights, _ c: Config) throws {
        attentionNorm = try LayerNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try RotaryAttention(
            weights["self_attn"], c.hiddenSize, c.heads, hasBias: c.hasBiases, window: c.window)
        mlpNorm = try LayerNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = MLP(
            inner: try Linear(weights["mlp.c_fc"], c.hiddenSize, c.mlpSize, hasBias: c.hasBiases),
            outer: try Linear(weights["mlp.c_proj"], c.mlpSize, c.hiddenSize, hasBias: c.hasBiases), c.activation)
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        return mlp(mlpNorm(h), adding: h)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let window: Int?
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings, hasBiases: Bool

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 49_152)
        hiddenSize = try json.count("hidden_size", default: 3072)
        mlpSize = try json.count("intermediate_size", default: 12_288)
        layerCount = try json.count("num_hidden_layers", default: 30, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 24)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: 2)
        headSize = try json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 4096)
        window = try json.window()
        normEpsilon = try json.epsilon("norm_epsilon", default: 1e-5)
        activation = try json.activation(default: "gelu_pytorch_tanh")
        tiesEmbeddings = try json["tie_word_embeddings", default: true]
        hasBiases = try json["use_bias", default: true]
    }

    var heads: RotaryAttention.Heads { .init(headCount, kvCount: kvHeadCount, size: headSize) }
}
