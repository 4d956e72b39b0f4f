import HayNN
import HayTensor
import HayWeights

/// SmolLM3: a Llama in which some layers have no positions, and may have a window.
///
/// Source: arXiv:2501.18795 (layers without positions); transformers/models/smollm3/modeling_smollm3.py.
public struct SmolLM3: LanguageModel {
    /// smollm3.
    public static let modelTypes = ["smollm3"]

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
        rope = try RoPE(
            config, dim: c.headSize, contextLength: c.maxPositions, base: 2_000_000, on: weights.backend)
        (embed, head) = try Embedding.withHead(
            weights, embedding: "model.embed_tokens.weight", head: "lm_head.weight", [c.vocabularySize, c.hiddenSize],
            areTied: c.tiesEmbeddings)
        blocks = try c.layers.enumerated().map { try Block(weights["model.layers.\($0)"], c, $1) }
        norm = try RMSNorm(weights["model.norm"], c.hiddenSize, epsilon: c.normEpsilon)
    }

    /// One key-value head for each group of query heads.
    public var cacheShape: CacheShape {
        CacheShape(layerCount: config.layers.count, kvHeadCount: config.kvHeadCount, headSize: config.headSize)
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

    init(_ weights: Weights, _ c: Config, _ layer: Config.Layer) throws {
        attentionNorm = try RMSNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try Attention(weights["self_attn"], c, layer)
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = try GatedMLP(weights["mlp"], c.hiddenSize, c.mlpSize, c.activation, hasBias: c.mlpHasBias)
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        return mlp(mlpNorm(h), adding: h)
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let config: Config
    let layer: Config.Layer

    init(_ weights: Weights, _ c: Config, _ layer: Config.Layer) throws {
        let querySize = c.headCount * c.headSize, kvSize = c.kvHeadCount * c.headSize
        wq = try Linear(weights["q_proj"], c.hiddenSize, querySize, hasBias: c.attentionHasBias)
        wk = try Linear(weights["k_proj"], c.hiddenSize, kvSize, hasBias: c.attentionHasBias)
        wv = try Linear(weights["v_proj"], c.hiddenSize, kvSize, hasBias: c.attentionHasBias)
        wo = try Linear(weights["o_proj"], querySize, c.hiddenSize, hasBias: c.attentionHasBias)
        config = c
        self.layer = layer
    }

    /// residual + attention(x).
    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache, adding residual: Tensor) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        var q = queries.split(heads: config.headCount)  // [B, T, H, D]
        var k = keys.split(heads: config.kvHeadCount)  // [B, T, H_kv, D]
        if layer.hasPositions { (q, k) = (q.rotated(angles), k.rotated(angles)) }
        cache.append(k, values.split(heads: config.kvHeadCount))
        return wo(cache.attention(q, .causal(window: layer.window), scale: config.scale), adding: residual)
    }
}

private struct Config: Sendable {
    /// What differs between the attention of two layers.
    struct Layer: Sendable {
        let hasPositions: Bool
        let window: Int?
    }

    let vocabularySize, hiddenSize, mlpSize: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let layers: [Layer]
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings, attentionHasBias, mlpHasBias: Bool
    let scale: Float

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 128_256)
        hiddenSize = try json.count("hidden_size", default: 2048)
        mlpSize = try json.count("intermediate_size", default: 11_008)
        headCount = try json.count("num_attention_heads", default: 16)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: 4)
        headSize = try json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 32_768)
        layers = try Config.layers(json, json.count("num_hidden_layers", default: 36, atMost: 4096))
        normEpsilon = try json.epsilon("rms_norm_eps")
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: true]
        attentionHasBias = try json["attention_bias", default: false]
        mlpHasBias = try json["mlp_bias", default: false]
        scale = 1 / Float(headSize).squareRoot()
    }

    /// Every `no_rope_layer_interval`-th layer has no positions, unless `no_rope_layers` lists them.
    ///
    /// `layer_types` decides which layers have a window, whatever `use_sliding_window` says. Where it is absent, layers
    /// without positions have one if `use_sliding_window` is true.
    private static func layers(_ json: ModelConfig, _ count: Int) throws -> [Layer] {
        let interval = try json.count("no_rope_layer_interval", default: 4)
        let havePositions =
            try json.layerFlags("no_rope_layers", count: count) ?? (1 ... count).map { !$0.isMultiple(of: interval) }
        let window = try json.window()
        let allowed = ["full_attention"] + (window == nil ? [] : ["sliding_attention"])
        let types = try json.layerTypes(count: count, allowed: allowed)
        let usesWindow = try json["use_sliding_window", default: false]
        return havePositions.enumerated().map { index, hasPositions in
            let hasWindow = types.map { $0[index] == "sliding_attention" } ?? (usesWindow && !hasPositions)
            return Layer(hasPositions: hasPositions, window: hasWindow ? window : nil)
        }
    }
}
