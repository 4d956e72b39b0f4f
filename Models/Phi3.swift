import HayNN
import HayTensor
import HayWeights

/// Phi 3, 3.5 and 4: Llama's decoder with fused projections and LongRoPE.
///
/// Source: arXiv:2404.14219; LongRoPE arXiv:2402.13753; modeling_phi3.py of transformers.
public struct Phi3: LanguageModel {
    /// phi3.
    public static let modelTypes = ["phi3"]

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
        rope = try RoPE(c.rotary, headSize: c.headSize, roundsUp: true, on: weights.backend)
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
    public var cacheType: DType { blocks.first?.attention.cacheType ?? .f32 }

    /// `vocab_size`.
    public var vocabularySize: Int { config.vocabularySize }

    /// `max_position_embeddings`.
    public var contextLength: Int? { config.maxPositions }

    /// Not with LongRoPE, whose keys depend on how long their text was.
    public var sharesPrefixes: Bool { !rope.dependsOnTextLength }

    /// With LongRoPE `original_max_position_embeddings`, as in `prepare_inputs_for_generation` of the reference.
    public var rereadLength: Int? { rope.switchLength }

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
    let attention: RotaryAttention
    let mlp: GatedMLP

    init(_ weights: Weights, _ c: Config) throws {
        attentionNorm = try RMSNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try Block.attention(weights["self_attn"], c)
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        let fused = weights["mlp.gate_up_proj"], size = c.mlpSize
        mlp = GatedMLP(
            gate: try Linear(fused, c.hiddenSize, size, hasBias: false, part: .rows(0 ..< size, of: 2 * size)),
            up: try Linear(fused, c.hiddenSize, size, hasBias: false, part: .rows(size ..< 2 * size, of: 2 * size)),
            down: try Linear(weights["mlp.down_proj"], size, c.hiddenSize, hasBias: false), c.activation)
    }

    /// The rows of one matrix are queries, then keys, then values.
    private static func attention(_ weights: Weights, _ c: Config) throws -> RotaryAttention {
        let heads = c.heads
        func projection(from start: Int, _ size: Int) throws -> Linear {
            let part = StoredPart.rows(start ..< start + size, of: heads.querySize + 2 * heads.kvSize)
            return try Linear(weights["qkv_proj"], c.hiddenSize, size, hasBias: false, part: part)
        }
        return RotaryAttention(
            try projection(from: 0, heads.querySize), try projection(from: heads.querySize, heads.kvSize),
            try projection(from: heads.querySize + heads.kvSize, heads.kvSize),
            try Linear(weights["o_proj"], heads.querySize, c.hiddenSize, hasBias: false), heads, window: c.window)
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
    let tiesEmbeddings: Bool
    let rotary: RoPESettings

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 32_064)
        hiddenSize = try json.count("hidden_size", default: 3072)
        mlpSize = try json.count("intermediate_size", default: 8192)
        layerCount = try json.count("num_hidden_layers", default: 32, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 32)
        kvHeadCount = try json.kvHeadCount(of: headCount)
        headSize = try json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 4096)
        window = try json.window()
        normEpsilon = try json.epsilon("rms_norm_eps", default: 1e-5)
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        // LongRoPE has had other names here. The length of the training stands beside the settings.
        rotary = try RoPESettings(
            json, contextLength: maxPositions, trainedLength: 4096, renaming: ["su": "longrope", "yarn": "longrope"])
        try json.check(
            ["default", "longrope"].contains(rotary.type), "rope_type", expected: "default or longrope",
            value: "'\(rotary.type)'")
    }

    var heads: RotaryAttention.Heads { .init(headCount, kvCount: kvHeadCount, size: headSize) }
}
