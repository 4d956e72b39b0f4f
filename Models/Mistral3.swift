import HayNN
import HayTensor
import HayWeights

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Ministral 3, the text part of Mistral 3: pre-norm decoder with rotary positions, grouped-query attention and a gated
/// MLP, whose queries grow with their position.
///
/// Source: transformers/models/ministral3/modeling_ministral3.py.
public struct Mistral3: LanguageModel {
    /// ministral3.
    public static let modelTypes = ["ministral3"]

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
        rope = try RoPE(c.rope, dim: c.headSize, on: weights.backend)
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
        let keyAngles = rope.table(for: step)
        let queryAngles = queryAngles(keyAngles, step)
        var x = embed(tokens)
        for (index, block) in blocks.enumerated() {
            step.observer?(x)
            x = block(x, (queryAngles, keyAngles), step[layer: index])
        }
        return norm(x)
    }

    /// The sines and cosines for queries, which are scaled by 1 + β · log(1 + ⌊position / trained length⌋): as heads turn
    /// whole, that scales the queries. Within the trained length the factor is 1.
    private func queryAngles(_ angles: Tensor, _ step: CacheStep) -> Tensor {
        let length = config.trainedLength, growth = config.queryGrowth
        guard Float(step.lastPosition) >= length else { return angles }
        return angles.scalingRows(by: step.values { 1 + growth * logf(1 + (Float($0) / length).rounded(.down)) })
    }

    /// The output layer.
    public func logits(_ hidden: Tensor) -> Tensor { head(hidden) }
}

private struct Block: Sendable {
    let attentionNorm, mlpNorm: RMSNorm
    let attention: Attention
    let mlp: GatedMLP

    init(_ weights: Weights, _ c: Config) throws {
        attentionNorm = try RMSNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try Attention(weights["self_attn"], c)
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = try GatedMLP(weights["mlp"], c.hiddenSize, c.mlpSize, c.activation)
    }

    func callAsFunction(_ x: Tensor, _ angles: (queries: Tensor, keys: Tensor), _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        return mlp(mlpNorm(h), adding: h)
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let config: Config

    init(_ weights: Weights, _ c: Config) throws {
        let querySize = c.headCount * c.headSize, kvSize = c.kvHeadCount * c.headSize
        wq = try Linear(weights["q_proj"], c.hiddenSize, querySize, hasBias: false)
        wk = try Linear(weights["k_proj"], c.hiddenSize, kvSize, hasBias: false)
        wv = try Linear(weights["v_proj"], c.hiddenSize, kvSize, hasBias: false)
        wo = try Linear(weights["o_proj"], querySize, c.hiddenSize, hasBias: false)
        config = c
    }

    /// residual + attention(x).
    func callAsFunction(
        _ x: Tensor, _ angles: (queries: Tensor, keys: Tensor), _ cache: LayerCache, adding residual: Tensor
    ) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        let q = queries.split(heads: config.headCount).rotated(angles.queries)  // [B, T, H, D]
        let k = keys.split(heads: config.kvHeadCount).rotated(angles.keys)  // [B, T, H_kv, D]
        cache.append(k, values.split(heads: config.kvHeadCount))
        return wo(cache.attention(q, .causal(window: config.window), scale: config.scale), adding: residual)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let window: Int?
    let normEpsilon, scale: Float
    /// How much queries grow with each trained length before them, logarithmically.
    let queryGrowth, trainedLength: Float
    let activation: Activation
    let tiesEmbeddings: Bool
    let rope: RoPESettings

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 131_072)
        hiddenSize = try json.count("hidden_size", default: 4096)
        mlpSize = try json.count("intermediate_size", default: 14_336)
        layerCount = try json.count("num_hidden_layers", default: 34, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 32)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: 8)
        headSize = try json.members["head_dim"] == nil ? 128 : json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 262_144)
        window = try json.window()
        normEpsilon = try json.epsilon("rms_norm_eps", default: 1e-5)
        scale = 1 / Float(headSize).squareRoot()
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        rope = try RoPESettings(
            json, contextLength: maxPositions,
            standard: [
                "type": "yarn", "rope_theta": 1_000_000.0, "factor": 16.0, "original_max_position_embeddings": 16_384,
                "beta_fast": 32.0, "beta_slow": 1.0, "mscale_all_dim": 1.0, "mscale": 1.0, "llama_4_scaling_beta": 0.1,
            ])
        queryGrowth = try rope.members.number("llama_4_scaling_beta")
        trainedLength = try Float(rope.trainedLength)
    }
}
