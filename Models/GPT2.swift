import HayNN
import HayTensor
import HayWeights

/// GPT-2: pre-norm decoder with learned positions, layer norms and biases; weights are stored [in, out].
///
/// Source: "Language Models are Unsupervised Multitask Learners" (Radford et al., 2019); modeling_gpt2.py of transformers.
public struct GPT2: LanguageModel {
    /// gpt2.
    public static let modelTypes = ["gpt2"]

    private let config: Config
    private let embed, positions: Embedding
    private let blocks: [Block]
    private let norm: LayerNorm
    private let head: Linear

    /// The model of a checkpoint. Throws `ConfigError` or `CheckpointError`.
    public init(_ weights: Weights, _ config: ModelConfig) throws {
        let c = try Config(config), decoder = weights["transformer"]
        self.config = c
        (embed, head) = try Embedding.withHead(
            weights, embedding: "transformer.wte.weight", head: "lm_head.weight", [c.vocabularySize, c.hiddenSize],
            areTied: c.tiesEmbeddings)
        // In f32: the table is small, and its numbers are sums' terms, not factors.
        positions = Embedding(table: try decoder.vector("wpe.weight", [c.maxPositions, c.hiddenSize]))
        blocks = try (0 ..< c.layerCount).map { try Block(decoder["h.\($0)"], c, layer: $0) }
        norm = try LayerNorm(decoder["ln_f"], c.hiddenSize, epsilon: c.normEpsilon)
    }

    /// A key-value head for each head.
    public var cacheShape: CacheShape {
        CacheShape(layerCount: config.layerCount, kvHeadCount: config.headCount, headSize: config.headSize)
    }

    /// As the weights of the keys ask.
    public var cacheType: DType { blocks.first?.attention.wk.cacheType ?? .f32 }

    /// `vocab_size`.
    public var vocabularySize: Int { config.vocabularySize }

    /// `n_positions`: there are no vectors for later positions.
    public var contextLength: Int? { config.maxPositions }

    /// The hidden states after the last norm.
    public func hidden(_ tokens: Tensor, _ step: CacheStep) -> Tensor {
        let vectors = embed(tokens)  // [B, T, C]
        var x = vectors + positions(step.positions).reshaped(vectors.shape)
        for (index, block) in blocks.enumerated() {
            step.observer?(x)
            x = block(x, step[layer: index])
        }
        return norm(x)
    }

    /// The output layer.
    public func logits(_ hidden: Tensor) -> Tensor { head(hidden) }
}

private struct Block: Sendable {
    let attentionNorm, mlpNorm: LayerNorm
    let attention: Attention
    let mlp: MLP

    init(_ weights: Weights, _ c: Config, layer: Int) throws {
        attentionNorm = try LayerNorm(weights["ln_1"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try Attention(weights["attn"], c, layer: layer)
        mlpNorm = try LayerNorm(weights["ln_2"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = MLP(
            inner: try Linear(weights["mlp.c_fc"], c.hiddenSize, c.mlpSize, part: .transposed),
            outer: try Linear(weights["mlp.c_proj"], c.mlpSize, c.hiddenSize, part: .transposed), c.activation)
    }

    func callAsFunction(_ x: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), cache, adding: x)
        return mlp(mlpNorm(h), adding: h)
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let headCount: Int
    let scale: Float

    init(_ weights: Weights, _ c: Config, layer: Int) throws {
        let size = c.hiddenSize
        func projection(_ index: Int) throws -> Linear {
            let columns = index * size ..< (index + 1) * size
            return try Linear(weights["c_attn"], size, size, part: .columns(columns, of: 3 * size))
        }
        (wq, wk, wv) = (try projection(0), try projection(1), try projection(2))
        wo = try Linear(weights["c_proj"], size, size, part: .transposed)
        headCount = c.headCount
        scale = c.scale(layer: layer)
    }

    /// residual + attention(x).
    func callAsFunction(_ x: Tensor, _ cache: LayerCache, adding residual: Tensor) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        cache.append(keys.split(heads: headCount), values.split(heads: headCount))  // [B, T, H, D]
        let q = queries.split(heads: headCount)
        return wo(cache.attention(q, .causal(window: nil), scale: scale), adding: residual)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount, headCount, headSize, maxPositions: Int
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings, scalesByHeadSize, scalesByLayer: Bool

    init(_ json: ModelConfig) throws {
        // Where a configuration has the common name of a setting too, transformers takes that.
        func key(_ own: String, or common: String) -> String { json.value(common) == nil ? own : common }
        let hiddenKey = key("n_embd", or: "hidden_size")
        vocabularySize = try json.count("vocab_size", default: 50_257)
        hiddenSize = try json.count(hiddenKey, default: 768)
        layerCount = try json.count(key("n_layer", or: "num_hidden_layers"), default: 12, atMost: 4096)
        headCount = try json.count(key("n_head", or: "num_attention_heads"), default: 12)
        headSize = try json.headSize(nil, of: hiddenSize, hiddenKey, heads: headCount)
        maxPositions = try json.count(key("n_positions", or: "max_position_embeddings"), default: 1024)
        mlpSize = try json.count("n_inner", default: 4 * hiddenSize)
        normEpsilon = try json.epsilon("layer_norm_epsilon", default: 1e-5)
        activation = try json.activation("activation_function", default: "gelu_new")
        tiesEmbeddings = try json["tie_word_embeddings", default: true]
        scalesByHeadSize = try json["scale_attn_weights", default: true]
        scalesByLayer = try json["scale_attn_by_inverse_layer_idx", default: false]
    }

    /// The factor of the scores of a layer.
    func scale(layer: Int) -> Float {
        (scalesByHeadSize ? 1 / Float(headSize).squareRoot() : 1) / (scalesByLayer ? Float(layer + 1) : 1)
    }
}
