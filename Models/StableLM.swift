import HayNN
import HayTensor
import HayWeights

/// StableLM 3B, Zephyr and StableLM 2: a pre-norm decoder with layer norms, partial rotary positions and a gated MLP, which
/// may run in parallel with attention.
///
/// Source: arXiv:2402.17834; transformers/models/stablelm/modeling_stablelm.py.
public struct StableLM: LanguageModel {
    /// stablelm.
    public static let modelTypes = ["stablelm"]

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
        let positions = try RoPESettings(config, contextLength: c.maxPositions, partialFactor: 0.25)
        rope = try RoPE(positions, headSize: c.headSize, on: weights.backend)
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
    let norm: LayerNorm
    /// Nil where attention and MLP run in parallel, on the same input.
    let mlpNorm: LayerNorm?
    let attention: Attention
    let mlp: GatedMLP

    init(_ weights: Weights, _ c: Config) throws {
        norm = try LayerNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try Attention(weights["self_attn"], c)
        mlpNorm =
            try c.isParallel
            ? nil : LayerNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = try GatedMLP(weights["mlp"], c.hiddenSize, c.mlpSize, c.activation)
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let normed = norm(x)
        let h = attention(normed, angles, cache, adding: x)
        return mlp(mlpNorm?(h) ?? normed, adding: h)
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let queryNorm, keyNorm: LayerNorm?
    let config: Config

    init(_ weights: Weights, _ c: Config) throws {
        let kvSize = c.kvHeadCount * c.headSize
        wq = try Linear(weights["q_proj"], c.hiddenSize, c.hiddenSize, hasBias: c.queriesHaveBias)
        wk = try Linear(weights["k_proj"], c.hiddenSize, kvSize, hasBias: c.queriesHaveBias)
        wv = try Linear(weights["v_proj"], c.hiddenSize, kvSize, hasBias: c.queriesHaveBias)
        wo = try Linear(weights["o_proj"], c.hiddenSize, c.hiddenSize, hasBias: false)
        /// Each head has a norm of its own.
        func headNorms(_ name: String, _ count: Int) throws -> LayerNorm? {
            guard c.hasHeadNorms else { return nil }
            let heads = (0 ..< count).map { weights[name]["norms.\($0)"] }
            return try LayerNorm(heads: heads, c.headSize, epsilon: c.normEpsilon)
        }
        queryNorm = try headNorms("q_layernorm", c.headCount)
        keyNorm = try headNorms("k_layernorm", c.kvHeadCount)
        config = c
    }

    /// residual + attention(x).
    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache, adding residual: Tensor) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        var q = queries.split(heads: config.headCount)  // [B, T, H, D]
        var k = keys.split(heads: config.kvHeadCount)  // [B, T, H_kv, D]
        if let queryNorm, let keyNorm { (q, k) = (queryNorm(q), keyNorm(k)) }
        cache.append(k.rotated(angles), values.split(heads: config.kvHeadCount))
        let mixed = cache.attention(q.rotated(angles), .causal(window: nil), scale: config.scale)
        return wo(mixed, adding: residual)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings, queriesHaveBias, hasHeadNorms, isParallel: Bool
    let scale: Float

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 50_304)
        hiddenSize = try json.count("hidden_size", default: 2560)
        mlpSize = try json.count("intermediate_size", default: 6912)
        layerCount = try json.count("num_hidden_layers", default: 32, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 32)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: 32)
        headSize = try json.headSize(nil, of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 4096)
        normEpsilon = try json.epsilon("layer_norm_eps", default: 1e-5)
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        queriesHaveBias = try json["use_qkv_bias", default: false]
        hasHeadNorms = try json["qk_layernorm", default: false]
        isParallel = try json["use_parallel_residual", default: false]
        scale = 1 / Float(headSize).squareRoot()
    }
}
