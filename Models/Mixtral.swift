import HayNN
import HayTensor
import HayWeights

/// Mixtral: as Mistral, with a mixture of experts in place of the MLP.
///
/// Source: arXiv:2401.04088.
public struct Mixtral: LanguageModel {
    /// mixtral.
    public static let modelTypes = ["mixtral"]

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
            config, dim: c.headSize, contextLength: c.maxPositions, base: 1_000_000, on: weights.backend)
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

    /// `max_position_embeddings`; none where the positions stretch with the text.
    public var contextLength: Int? { rope.stretchesWithText ? nil : config.maxPositions }

    /// Not where a key depends on how long its text was.
    public var sharesPrefixes: Bool { !rope.dependsOnTextLength }

    /// `num_experts_per_tok` of `num_local_experts`.
    public var expertShare: Double { Double(config.chosenCount) / Double(config.expertCount) }

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
    let experts: Experts

    init(_ weights: Weights, _ c: Config) throws {
        attentionNorm = try RMSNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try RotaryAttention(
            weights["self_attn"], c.hiddenSize, c.heads, hasBias: false, window: c.window)
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        experts = try Block.experts(weights, c)
    }

    /// One tensor a matrix as `block_sparse_moe`, or stacked as `mlp`, as transformers 5 names them.
    private static func experts(_ weights: Weights, _ c: Config) throws -> Experts {
        let shape: Shape = [c.expertCount, c.mlpSize, c.hiddenSize], fused = 2 * c.mlpSize
        let gate = weights.has("mlp.gate.weight") ? "mlp.gate" : "block_sparse_moe.gate"
        return Experts(
            try Router(
                weights[gate], c.hiddenSize, expertCount: c.expertCount, chosenCount: c.chosenCount, normalizes: true),
            gate: .init(
                try weights.matrices(
                    shape, .each("block_sparse_moe.experts.*.w1.weight"),
                    .stacked("mlp.experts.gate_up_proj", part: .rows(0 ..< c.mlpSize, of: fused)))),
            up: .init(
                try weights.matrices(
                    shape, .each("block_sparse_moe.experts.*.w3.weight"),
                    .stacked("mlp.experts.gate_up_proj", part: .rows(c.mlpSize ..< fused, of: fused)))),
            down: .init(
                try weights.matrices(
                    [c.expertCount, c.hiddenSize, c.mlpSize], .each("block_sparse_moe.experts.*.w2.weight"),
                    .stacked("mlp.experts.down_proj"))),
            function: .gated(c.activation))
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        return experts(mlpNorm(h), adding: h)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let expertCount, chosenCount: Int
    let window: Int?
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings: Bool

    init(_ json: ModelConfig) throws {
        vocabularySize = try json.count("vocab_size", default: 32_000)
        hiddenSize = try json.count("hidden_size", default: 4096)
        mlpSize = try json.count("intermediate_size", default: 14_336)
        layerCount = try json.count("num_hidden_layers", default: 32, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 32)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: 8)
        headSize = try json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 131_072)
        expertCount = try json.count(
            json.spelling("num_local_experts", "num_experts"), default: 8, atMost: 1 << 16)
        chosenCount = try json.count("num_experts_per_tok", default: 2)
        try json.check(
            chosenCount <= expertCount, "num_experts_per_tok", expected: "1 to \(expertCount)", value: chosenCount)
        window = try json.window()
        normEpsilon = try json.epsilon("rms_norm_eps", default: 1e-5)
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
    }

    var heads: RotaryAttention.Heads { .init(headCount, kvCount: kvHeadCount, size: headSize) }
}
