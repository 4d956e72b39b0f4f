import HayNN
import HayTensor
import HayWeights

/// Granite 3: a Llama with a factor for its embeddings, attention scores, residual branches and logits.
///
/// Source: arXiv:2408.13359 (maximal update parametrization, whose factors these are);
/// transformers/models/granite/modeling_granite.py.
public struct Granite: LanguageModel {
    /// granite.
    public static let modelTypes = ["granite"]

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
            areTied: c.tiesEmbeddings, scale: c.embeddingFactor)
        blocks = try (0 ..< c.layerCount).map { try Block(weights["model.layers.\($0)"], c) }
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

    /// The output layer, divided by `logits_scaling`.
    public func logits(_ hidden: Tensor) -> Tensor { head(hidden, scale: 1 / config.logitDivisor) }
}

private struct Block: Sendable {
    let attentionNorm, mlpNorm: RMSNorm
    let attention: RotaryAttention
    let mlp: GatedMLP

    init(_ weights: Weights, _ c: Config) throws {
        attentionNorm = try RMSNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try RotaryAttention(
            weights["self_attn"], c.hiddenSize, c.heads, hasBias: c.attentionHasBias, outputScale: c.residualFactor,
            window: nil, scale: c.scale)
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        let layers = weights["mlp"]
        mlp = GatedMLP(
            gate: try Linear(layers["gate_proj"], c.hiddenSize, c.mlpSize, hasBias: c.mlpHasBias),
            up: try Linear(layers["up_proj"], c.hiddenSize, c.mlpSize, hasBias: c.mlpHasBias),
            down: try Linear(
                layers["down_proj"], c.mlpSize, c.hiddenSize, hasBias: c.mlpHasBias, scale: c.residualFactor),
            c.activation)
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        return mlp(mlpNorm(h), adding: h)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings, attentionHasBias, mlpHasBias: Bool
    let embeddingFactor, residualFactor, logitDivisor: Float
    /// The factor of attention scores, instead of D^-0.5.
    let scale: Float

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 32_000)
        hiddenSize = try json.count("hidden_size", default: 4096)
        mlpSize = try json.count("intermediate_size", default: 11_008)
        layerCount = try json.count("num_hidden_layers", default: 32, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 32)
        kvHeadCount = try json.kvHeadCount(of: headCount)
        headSize = try json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 2048)
        normEpsilon = try json.epsilon("rms_norm_eps")
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        attentionHasBias = try json["attention_bias", default: false]
        mlpHasBias = try json["mlp_bias", default: false]
        embeddingFactor = try json.number("embedding_multiplier", default: 1)
        residualFactor = try json.number("residual_multiplier", default: 1)
        scale = try json.number("attention_multiplier", default: 1)
        logitDivisor = try json.number("logits_scaling", default: 1)
        try json.check(logitDivisor != 0, "logits_scaling", expected: "a number other than 0", value: logitDivisor)
    }

    var heads: RotaryAttention.Heads { .init(headCount, kvCount: kvHeadCount, size: headSize) }
}
