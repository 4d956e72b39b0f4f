import HayNN
import HayTensor
import HayWeights

/// Qwen 1.5 and 2 MoE, Qwen 3 MoE: as Qwen, with a mixture of experts in place of the MLP in some layers.
///
/// Qwen 2 MoE has a shared expert beside those that its router chooses, with a gate of its own.
/// Source: `Qwen2MoeSparseMoeBlock` of transformers; arXiv:2505.09388 (Qwen 3).
public struct QwenMoE: LanguageModel {
    /// qwen2_moe and qwen3_moe.
    public static let modelTypes = ["qwen2_moe", "qwen3_moe"]

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
        blocks = try (0 ..< c.layerCount).map { try Block(weights["model.layers.\($0)"], c, layer: $0) }
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

    /// `num_experts_per_tok` of `num_experts`.
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
    let mlp: MLP

    init(_ weights: Weights, _ c: Config, layer: Int) throws {
        attentionNorm = try RMSNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try RotaryAttention(
            weights["self_attn"], c.hiddenSize, c.heads, hasBias: c.queriesHaveBias, outputHasBias: c.outputHasBias,
            norms: c.headNorms(weights["self_attn"]), window: c.windows[layer])
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        mlp =
            try c.isSparse(layer)
            ? .sparse(SparseMLP(weights["mlp"], c)) : .dense(c.gatedMLP(weights["mlp"], c.mlpSize))
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        switch mlp {
        case .dense(let mlp): return mlp(mlpNorm(h), adding: h)
        case .sparse(let mlp): return mlp(mlpNorm(h), adding: h)
        }
    }
}

private enum MLP: Sendable {
    case dense(GatedMLP)
    case sparse(SparseMLP)
}

/// The chosen experts, and the shared one where there is one.
private struct SparseMLP: Sendable {
    let experts: Experts
    /// A mixture of one expert, whose weight is the sigmoid of its gate.
    let shared: Experts?

    init(_ weights: Weights, _ c: Config) throws {
        let shape: Shape = [c.expertCount, c.expertSize, c.hiddenSize], fused = 2 * c.expertSize
        experts = Experts(
            try Router(
                weights["gate"], c.hiddenSize, expertCount: c.expertCount, chosenCount: c.chosenCount,
                normalizes: c.normalizesScores),
            gate: .init(
                try weights.matrices(
                    shape, .each("experts.*.gate_proj.weight"),
                    .stacked("experts.gate_up_proj", part: .rows(0 ..< c.expertSize, of: fused)))),
            up: .init(
                try weights.matrices(
                    shape, .each("experts.*.up_proj.weight"),
                    .stacked("experts.gate_up_proj", part: .rows(c.expertSize ..< fused, of: fused)))),
            down: .init(
                try weights.matrices(
                    [c.expertCount, c.hiddenSize, c.expertSize], .each("experts.*.down_proj.weight"),
                    .stacked("experts.down_proj"))),
            function: .gated(c.activation))
        shared = try c.sharedSize.map { try SparseMLP.shared(weights, c, size: $0) }
    }

    private static func shared(_ weights: Weights, _ c: Config, size: Int) throws -> Experts {
        func projection(_ name: String, _ inputSize: Int, _ outputSize: Int) throws -> Experts.Projection {
            let weight = try weights["shared_expert"][name].matrix("weight", [outputSize, inputSize])
            return .init(weight.reshaped([1, outputSize, inputSize]))
        }
        return Experts(
            try Router(
                weights["shared_expert_gate"], c.hiddenSize, expertCount: 1, chosenCount: 1, scoring: .sigmoid,
                normalizes: false),
            gate: try projection("gate_proj", c.hiddenSize, size), up: try projection("up_proj", c.hiddenSize, size),
            down: try projection("down_proj", size, c.hiddenSize), function: .gated(c.activation))
    }

    /// residual + MLP(x).
    func callAsFunction(_ x: Tensor, adding residual: Tensor) -> Tensor {
        experts(x, adding: shared.map { $0(x, adding: residual) } ?? residual)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let expertCount, chosenCount, expertSize: Int
    /// The size of the shared expert; nil where there is none.
    let sharedSize: Int?
    let sparseStep: Int
    let denseLayers: Set<Int>
    let normalizesScores: Bool
    /// The window of each layer's attention; nil where it has none.
    let windows: [Int?]
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings, queriesHaveBias, outputHasBias, hasHeadNorms: Bool

    init(_ json: ModelConfig) throws {
        let isQwen2 = try json["model_type", default: "qwen2_moe"] == "qwen2_moe"
        vocabularySize = try json.count("vocab_size", default: 151_936)
        hiddenSize = try json.count("hidden_size", default: 2048)
        mlpSize = try json.count("intermediate_size", default: isQwen2 ? 5632 : 6144)
        layerCount = try json.count("num_hidden_layers", default: 24, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: isQwen2 ? 16 : 32)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: isQwen2 ? 16 : 4)
        headSize = try json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 32_768)
        // transformers 5 saves Qwen 3's under the second name.
        let expertKey = isQwen2 ? "num_experts" : json.spelling("num_local_experts", "num_experts")
        expertCount = try json.count(expertKey, default: isQwen2 ? 60 : 128, atMost: 1 << 16)
        chosenCount = try json.count("num_experts_per_tok", default: isQwen2 ? 4 : 8)
        try json.check(
            chosenCount <= expertCount, "num_experts_per_tok", expected: "1 to \(expertCount)", value: chosenCount)
        expertSize = try json.count("moe_intermediate_size", default: isQwen2 ? 1408 : 768)
        sharedSize = try isQwen2 ? json.count("shared_expert_intermediate_size", default: 5632) : nil
        sparseStep = try json.count("decoder_sparse_step", default: 1)
        denseLayers = try json.layerIndices("mlp_only_layers")
        normalizesScores = try json["norm_topk_prob", default: false]
        windows = try isQwen2 ? Config.windows(json, layerCount) : Config.window(json, layerCount)
        normEpsilon = try json.epsilon("rms_norm_eps")
        activation = try json.activation()
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        outputHasBias = try !isQwen2 && json["attention_bias", default: false]
        queriesHaveBias = try isQwen2 ? json["qkv_bias", default: true] : outputHasBias
        hasHeadNorms = !isQwen2
    }

    var heads: RotaryAttention.Heads { .init(headCount, kvCount: kvHeadCount, size: headSize) }

    /// Norms of each head's queries and keys, in Qwen 3.
    func headNorms(_ weights: Weights) throws -> (queries: RMSNorm, keys: RMSNorm)? {
        guard hasHeadNorms else { return nil }
        return (
            try RMSNorm(weights["q_norm"], headSize, epsilon: normEpsilon),
            try RMSNorm(weights["k_norm"], headSize, epsilon: normEpsilon)
        )
    }

    /// Whether a layer has experts.
    func isSparse(_ layer: Int) -> Bool { !denseLayers.contains(layer) && (layer + 1).isMultiple(of: sparseStep) }

    func gatedMLP(_ weights: Weights, _ size: Int) throws -> GatedMLP {
        try GatedMLP(weights, hiddenSize, size, activation)
    }

    /// Qwen 3 has one window for all layers.
    private static func window(_ json: ModelConfig, _ layerCount: Int) throws -> [Int?] {
        let window = try json["use_sliding_window", default: false] ? json.window(default: 4096) : nil
        return Array(repeating: window, count: layerCount)
    }

    /// Qwen 2 has windows in the layers that `layer_types` names, or else in every second one below `max_window_layers`.
    private static func windows(_ json: ModelConfig, _ layerCount: Int) throws -> [Int?] {
        let isUsed = try json["use_sliding_window", default: false]
        let window = try isUsed ? json.window(default: 4096) : nil
        let end = try json["max_window_layers", default: 28]
        let kinds = try json.layerTypes(
            count: layerCount, allowed: window == nil ? ["full_attention"] : ["full_attention", "sliding_attention"])
        return (0 ..< layerCount).map { layer in
            let slides = kinds.map { $0[layer] == "sliding_attention" } ?? (layer.isMultiple(of: 2) && layer < end)
            return slides ? window : nil
        }
    }
}
