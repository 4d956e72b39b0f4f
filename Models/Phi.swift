import HayNN
import HayTensor
import HayWeights

/// Phi 1, 1.5 and 2: decoder whose attention and MLP read the same normed text, with rotary positions on a part of each head.
///
/// Source: arXiv:2306.11644 (phi-1), arXiv:2309.05463 (phi-1.5); modeling_phi.py of transformers.
public struct Phi: LanguageModel {
    /// phi.
    public static let modelTypes = ["phi"]

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
        rope = try RoPE(c.rotary, headSize: c.headSize, on: weights.backend)
        let (embed, head) = try Embedding.withHead(
            weights, embedding: "model.embed_tokens.weight", head: "lm_head.weight", [c.vocabularySize, c.hiddenSize],
            areTied: c.tiesEmbeddings)
        self.embed = embed
        self.head = Linear(weight: head.weight, bias: try weights.vectorIfPresent("lm_head.bias", [c.vocabularySize]))
        blocks = try (0 ..< c.layerCount).map { try Block(weights["model.layers.\($0)"], c) }
        norm = try LayerNorm(weights["model.final_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
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

    /// The output layer, which has a bias.
    public func logits(_ hidden: Tensor) -> Tensor { head(hidden) }
}

private struct Block: Sendable {
    let norm: LayerNorm
    let attention: Attention
    let mlp: MLP

    init(_ weights: Weights, _ c: Config) throws {
        norm = try LayerNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try Attention(weights["self_attn"], c)
        mlp = MLP(
            inner: try Linear(weights["mlp.fc1"], c.hiddenSize, c.mlpSize),
            outer: try Linear(weights["mlp.fc2"], c.mlpSize, c.hiddenSize), c.activation)
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let normed = norm(x)
        return mlp(normed, adding: attention(normed, angles, cache, adding: x))
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let queryNorm, keyNorm: LayerNorm?
    let config: Config

    init(_ weights: Weights, _ c: Config) throws {
        let querySize = c.headCount * c.headSize, kvSize = c.kvHeadCount * c.headSize
        wq = try Linear(weights["q_proj"], c.hiddenSize, querySize)
        wk = try Linear(weights["k_proj"], c.hiddenSize, kvSize)
        wv = try Linear(weights["v_proj"], c.hiddenSize, kvSize)
        wo = try Linear(weights["dense"], querySize, c.hiddenSize)
        queryNorm = try c.hasHeadNorms ? LayerNorm(weights["q_layernorm"], c.headSize, epsilon: c.normEpsilon) : nil
        keyNorm = try c.hasHeadNorms ? LayerNorm(weights["k_layernorm"], c.headSize, epsilon: c.normEpsilon) : nil
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
    let tiesEmbeddings, hasHeadNorms: Bool
    let scale: Float
    let rotary: RoPESettings

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 51_200)
        hiddenSize = try json.count("hidden_size", default: 2048)
        mlpSize = try json.count("intermediate_size", default: 8192)
        layerCount = try json.count("num_hidden_layers", default: 24, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 32)
        kvHeadCount = try json.kvHeadCount(of: headCount)
        headSize = try json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 2048)
        normEpsilon = try json.epsilon("layer_norm_eps", default: 1e-5)
        activation = try json.activation(default: "gelu_new")
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        hasHeadNorms = try json["qk_layernorm", default: false]
        scale = 1 / Float(headSize).squareRoot()
        rotary = try RoPESettings(json, contextLength: maxPositions, partialFactor: 0.5)
    }
}
