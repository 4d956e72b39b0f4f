import HayNN
import HayTensor
import HayWeights

/// GPT-NeoX, Pythia, Dolly 2: decoder with layer norms and rotary positions on a part of each head, whose MLP reads the same
/// text as the attention beside it.
///
/// Source: arXiv:2204.06745 (GPT-NeoX), arXiv:2304.01373 (Pythia); modeling_gpt_neox.py of transformers.
public struct GPTNeoX: LanguageModel {
    /// gpt_neox.
    public static let modelTypes = ["gpt_neox"]

    private let config: Config
    private let embed: Embedding
    private let blocks: [Block]
    private let rope: RoPE
    private let norm: LayerNorm
    private let head: Linear

    /// The model of a checkpoint. Throws `ConfigError` or `CheckpointError`.
    public init(_ weights: Weights, _ config: ModelConfig) throws {
        let c = try Config(config), decoder = weights["gpt_neox"]
        self.config = c
        rope = try RoPE(c.rotary, headSize: c.headSize, roundsUp: true, on: weights.backend)
        // Checkpoints call the output layer `embed_out`, transformers 5 calls it `lm_head` in memory.
        let head = weights.has("lm_head.weight") ? "lm_head.weight" : "embed_out.weight"
        (embed, self.head) = try Embedding.withHead(
            weights, embedding: "gpt_neox.embed_in.weight", head: head, [c.vocabularySize, c.hiddenSize],
            areTied: c.tiesEmbeddings)
        blocks = try (0 ..< c.layerCount).map { try Block(decoder["layers.\($0)"], c) }
        norm = try LayerNorm(decoder["final_layer_norm"], c.hiddenSize, epsilon: c.normEpsilon)
    }

    /// A key-value head for each head.
    public var cacheShape: CacheShape {
        CacheShape(layerCount: config.layerCount, kvHeadCount: config.headCount, headSize: config.headSize)
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
    let attentionNorm, mlpNorm: LayerNorm
    let attention: Attention
    let mlp: MLP
    let isParallel: Bool

    init(_ weights: Weights, _ c: Config) throws {
        attentionNorm = try LayerNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try Attention(weights["attention"], c)
        mlpNorm = try LayerNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp = MLP(
            inner: try Linear(weights["mlp.dense_h_to_4h"], c.hiddenSize, c.mlpSize),
            outer: try Linear(weights["mlp.dense_4h_to_h"], c.mlpSize, c.hiddenSize), c.activation)
        isParallel = c.isParallel
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        return mlp(mlpNorm(isParallel ? x : h), adding: h)
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let headCount: Int
    let scale: Float

    init(_ weights: Weights, _ c: Config) throws {
        /// Each head's queries, keys and values lie side by side.
        func projection(_ index: Int) throws -> Linear {
            let part = StoredPart.perHead(index, of: 3, headSize: c.headSize)
            return try Linear(
                weights["query_key_value"], c.hiddenSize, c.hiddenSize, hasBias: c.attentionHasBias, part: part)
        }
        (wq, wk, wv) = (try projection(0), try projection(1), try projection(2))
        wo = try Linear(weights["dense"], c.hiddenSize, c.hiddenSize, hasBias: c.attentionHasBias)
        headCount = c.headCount
        scale = 1 / Float(c.headSize).squareRoot()
    }

    /// residual + attention(x).
    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache, adding residual: Tensor) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        let q = queries.split(heads: headCount).rotated(angles)  // [B, T, H, D]
        cache.append(keys.split(heads: headCount).rotated(angles), values.split(heads: headCount))
        return wo(cache.attention(q, .causal(window: nil), scale: scale), adding: residual)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount, headCount, headSize, maxPositions: Int
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings, attentionHasBias, isParallel: Bool
    let rotary: RoPESettings

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 50_432)
        hiddenSize = try json.count("hidden_size", default: 6144)
        mlpSize = try json.count("intermediate_size", default: 24_576)
        layerCount = try json.count("num_hidden_layers", default: 44, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 64)
        headSize = try json.headSize(nil, of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 2048)
        normEpsilon = try json.epsilon("layer_norm_eps", default: 1e-5)
        activation = try json.activation(default: "gelu")
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        attentionHasBias = try json["attention_bias", default: true]
        isParallel = try json["use_parallel_residual", default: true]
        rotary = try RoPESettings(
            json, contextLength: maxPositions, partialFactor: 0.25, baseKey: "rotary_emb_base", partialKey: "rotary_pct"
        )
    }
}
