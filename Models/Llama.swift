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
        embed = try Embedding(weights["model.embed_tokens"], c.vocabularySize, c.hiddenSize)
        blocks = try (0 ..< c.layerCount).map { try Block(weights["model.layers.\($0)"], c) }
        rope = try RoPE(config, dim: c.headSize, contextLength: c.maxPositions, on: weights.backend)
        norm = try RMSNorm(weights["model.norm"], c.hiddenSize, epsilon: c.normEpsilon)
        head = try c.tiesEmbeddings ? embed.asLinear : Linear(head: weights["lm_head"], c.hiddenSize, c.vocabularySize)
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

    /// Not where positions stretch with the text: a key then depends on how long its text was.
    public var sharesPrefixes: Bool { !rope.stretchesWithText }

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
    let mlp: MLP

    init(_ weights: Weights, _ c: Config) throws {
        attentionNorm = try RMSNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try Attention(weights["self_attn"], c)
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = try MLP(weights["mlp"], c)
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        return mlp(mlpNorm(h), adding: h)
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let config: Config

    init(_ weights: Weights, _ c: Config) throws {
        let querySize = c.headCount * c.headSize, kvSize = c.kvHeadCount * c.headSize
        wq = try Linear(weights["q_proj"], c.hiddenSize, querySize)
        wk = try Linear(weights["k_proj"], c.hiddenSize, kvSize)
        wv = try Linear(weights["v_proj"], c.hiddenSize, kvSize)
        wo = try Linear(weights["o_proj"], querySize, c.hiddenSize)
        config = c
    }

    /// residual + attention(x).
    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache, adding residual: Tensor) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        let q = queries.split(heads: config.headCount).rotated(angles)  // [B, T, H, D]
        let k = keys.split(heads: config.kvHeadCount).rotated(angles)  // [B, T, H_kv, D]
        cache.append(k, values.split(heads: config.kvHeadCount))
        return wo(cache.attention(q, .causal(window: config.window), scale: config.scale), adding: residual)
    }
}

private struct MLP: Sendable {
    let gate, up, down: Linear
    let activation: Activation

    init(_ weights: Weights, _ c: Config) throws {
        gate = try Linear(weights["gate_proj"], c.hiddenSize, c.mlpSize)
        up = try Linear(weights["up_proj"], c.hiddenSize, c.mlpSize)
        down = try Linear(weights["down_proj"], c.mlpSize, c.hiddenSize)
        activation = c.activation
    }

    /// residual + MLP(x).
    func callAsFunction(_ x: Tensor, adding residual: Tensor) -> Tensor {
        let (gate, up) = Linear.both(gate, up, of: x)
        return down(gate.gated(activation, up), adding: residual)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let window: Int?
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings: Bool
    let scale: Float

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size")
        hiddenSize = try json.count("hidden_size")
        mlpSize = try json.count("intermediate_size")
        layerCount = try json.count("num_hidden_layers", atMost: 4096)
        headCount = try json.count("num_attention_heads")
        let isMistral = try json["model_type", default: "llama"] == "mistral"
        kvHeadCount = try json.count("num_key_value_heads", default: isMistral ? 8 : headCount)
        headSize = try json.count("head_dim", default: max(1, hiddenSize / headCount))
        maxPositions = try json.count("max_position_embeddings", default: isMistral ? 131_072 : 2048)
        window = try isMistral ? Config.window(json) : nil
        normEpsilon = try json.epsilon("rms_norm_eps")
        activation = try Activation(named: json["hidden_act", default: "silu"], key: "hidden_act", in: json)
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        scale = 1 / Float(headSize).squareRoot()
        guard headCount.isMultiple(of: kvHeadCount) else {
            throw ConfigError.outOfRange(
                key: "num_key_value_heads", file: json.source, expected: "a divisor of \(headCount)",
                found: "\(kvHeadCount)")
        }
    }

    /// Null means that there is no window; a configuration that does not say has one of 4096.
    private static func window(_ json: ModelConfig) throws -> Int? {
        let isNull = json.members["sliding_window"]?.isNull ?? false
        return try isNull ? nil : json.count("sliding_window", default: 4096)
    }
}
