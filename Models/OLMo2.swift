import HayNN
import HayTensor
import HayWeights

/// OLMo 2: a decoder that normalizes the outputs of attention and MLP instead of their inputs, and the queries and keys of all
/// heads together.
///
/// Source: arXiv:2501.00656; transformers/models/olmo2/modeling_olmo2.py.
public struct OLMo2: LanguageModel {
    /// olmo2.
    public static let modelTypes = ["olmo2"]

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
        blocks = try (0 ..< c.layerCount).map { try Block(weights["model.layers.\($0)"], c) }
        norm = try RMSNorm(weights["model.norm"], c.hiddenSize, epsilon: c.normEpsilon)
    }

    /// One key-value head for each group of query heads.
    public var cacheShape: CacheShape {
        CacheShape(layerCount: config.layerCount, kvHeadCount: config.kvHeadCount, headSize: config.headSize)
    }

    /// As the weights of the keys ask.
    public var cacheType: DType { blocks.first?.attention.wk.cacheType ?? .f32 }

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
    let attention: Attention
    let mlp: GatedMLP

    init(_ weights: Weights, _ c: Config) throws {
        attention = try Attention(weights["self_attn"], c)
        attentionNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = try GatedMLP(weights["mlp"], c.hiddenSize, c.mlpSize, c.activation)
        mlpNorm = try RMSNorm(weights["post_feedforward_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = x + attentionNorm(attention(x, angles, cache))
        return h + mlpNorm(mlp(h))
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let queryNorm, keyNorm: RMSNorm
    let config: Config

    init(_ weights: Weights, _ c: Config) throws {
        let querySize = c.headCount * c.headSize, kvSize = c.kvHeadCount * c.headSize
        wq = try Linear(weights["q_proj"], c.hiddenSize, querySize, hasBias: c.attentionHasBias)
        wk = try Linear(weights["k_proj"], c.hiddenSize, kvSize, hasBias: c.attentionHasBias)
        wv = try Linear(weights["v_proj"], c.hiddenSize, kvSize, hasBias: c.attentionHasBias)
        wo = try Linear(weights["o_proj"], querySize, c.hiddenSize, hasBias: c.attentionHasBias)
        queryNorm = try RMSNorm(weights["q_norm"], querySize, epsilon: c.normEpsilon)
        keyNorm = try RMSNorm(weights["k_norm"], kvSize, epsilon: c.normEpsilon)
        config = c
    }

    /// attention(x).
    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        let q = queryNorm(queries).split(heads: config.headCount).rotated(angles)  // [B, T, H, D]
        let k = keyNorm(keys).split(heads: config.kvHeadCount).rotated(angles)  // [B, T, H_kv, D]
        cache.append(k, values.split(heads: config.kvHeadCount))
        return wo(cache.attention(q, .causal(window: nil), scale: config.scale))
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings, attentionHasBias: Bool
    let scale: Float

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 50_304)
        hiddenSize = try json.count("hidden_size", default: 4096)
        mlpSize = try json.count("intermediate_size", default: 11_008)
        layerCount = try json.count("num_hidden_layers", default: 32, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 32)
        kvHeadCount = try json.kvHeadCount(of: headCount)
        headSize = try json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 2048)
        normEpsilon = try json.epsilon("rms_norm_eps", default: 1e-5)
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        attentionHasBias = try json["attention_bias", default: false]
        scale = 1 / Float(headSize).squareRoot()
    }
}
