import HayNN
import HayTensor
import HayWeights

/// gpt-oss: pre-norm decoder with rotary positions, a sink in each head of its grouped-query attention, windows on some
/// layers, and a mixture of experts.
///
/// Source: arXiv:2508.10925; transformers/models/gpt_oss/modeling_gpt_oss.py.
public struct GPTOSS: LanguageModel {
    /// gpt_oss.
    public static let modelTypes = ["gpt_oss"]

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
        blocks = try c.windows.enumerated().map { try Block(weights["model.layers.\($0)"], c, window: $1) }
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

    /// `num_experts_per_tok` of all.
    public var expertShare: Double { Double(config.chosenExpertCount) / Double(config.expertCount) }

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
    let experts: Experts

    init(_ weights: Weights, _ c: Config, window: Int?) throws {
        attentionNorm = try RMSNorm(weights["input_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        attention = try Attention(weights["self_attn"], c, window: window)
        mlpNorm = try RMSNorm(weights["post_attention_layernorm"], c.hiddenSize, epsilon: c.normEpsilon)
        experts = try Block.experts(weights["mlp"], c)
    }

    /// The experts, whose matrices are stored transposed, gates and ups in turn.
    private static func experts(_ weights: Weights, _ c: Config) throws -> Experts {
        // The softmax is over the chosen experts' logits alone.
        let router = try Router(
            weights["router"], c.hiddenSize, expertCount: c.expertCount, chosenCount: c.chosenExpertCount,
            normalizes: true)
        func projection(_ name: String, _ outputs: Int, _ inputs: Int, _ part: StoredPart) throws -> Experts.Projection
        {
            Experts.Projection(
                try weights["experts"].matrices([c.expertCount, outputs, inputs], .stacked(name, part: part)),
                bias: try weights["experts"].vectors([c.expertCount, outputs], .stacked("\(name)_bias", part: part)))
        }
        return Experts(
            router,
            gate: try projection("gate_up_proj", c.expertSize, c.hiddenSize, .everyColumn(0, of: 2)),
            up: try projection("gate_up_proj", c.expertSize, c.hiddenSize, .everyColumn(1, of: 2)),
            down: try projection("down_proj", c.hiddenSize, c.expertSize, .transposed),
            function: .clamped(alpha: c.gateAlpha, limit: c.gateLimit))
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        let h = attention(attentionNorm(x), angles, cache, adding: x)
        return experts(mlpNorm(h), adding: h)
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let sinks: Tensor
    let config: Config
    let window: Int?

    init(_ weights: Weights, _ c: Config, window: Int?) throws {
        let querySize = c.headCount * c.headSize, kvSize = c.kvHeadCount * c.headSize
        wq = try Linear(weights["q_proj"], c.hiddenSize, querySize, hasBias: c.attentionHasBias)
        wk = try Linear(weights["k_proj"], c.hiddenSize, kvSize, hasBias: c.attentionHasBias)
        wv = try Linear(weights["v_proj"], c.hiddenSize, kvSize, hasBias: c.attentionHasBias)
        wo = try Linear(weights["o_proj"], querySize, c.hiddenSize, hasBias: c.attentionHasBias)
        sinks = try weights.vector("sinks", [c.headCount])
        config = c
        self.window = window
    }

    /// residual + attention(x).
    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache, adding residual: Tensor) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        let q = queries.split(heads: config.headCount).rotated(angles)  // [B, T, H, D]
        let k = keys.split(heads: config.kvHeadCount).rotated(angles)  // [B, T, H_kv, D]
        cache.append(k, values.split(heads: config.kvHeadCount))
        let mixed = cache.attention(q, .causal(window: window), scale: config.scale, sinks: sinks)
        return wo(mixed, adding: residual)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    let expertCount, chosenExpertCount, expertSize: Int
    /// The window of each layer's attention; nil where it has none.
    let windows: [Int?]
    let normEpsilon, gateAlpha, gateLimit, scale: Float
    let tiesEmbeddings, attentionHasBias: Bool
    let rope: RoPESettings

    init(_ json: ModelConfig) throws {
        try Config.checkFormat(json)
        vocabularySize = try json.count("vocab_size", default: 201_088)
        hiddenSize = try json.count("hidden_size", default: 2880)
        layerCount = try json.count("num_hidden_layers", default: 36, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: 64)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: 8)
        headSize = try json.members["head_dim"] == nil ? 64 : json.headSize(of: hiddenSize, heads: headCount)
        maxPositions = try json.count("max_position_embeddings", default: 131_072)
        expertSize = try json.count("intermediate_size", default: 2880)
        expertCount = try json.count(
            json.spelling("num_local_experts", "num_experts"), default: 128, atMost: 1 << 16)
        chosenExpertCount = try json.count("num_experts_per_tok", default: 4)
        try json.check(
            chosenExpertCount <= expertCount, "num_experts_per_tok", expected: "1 to \(expertCount)",
            value: chosenExpertCount)
        windows = try Config.windows(json, layerCount)
        normEpsilon = try json.epsilon("rms_norm_eps", default: 1e-5)
        gateAlpha = try json.number("swiglu_alpha", default: 1.702)
        gateLimit = try json.number("swiglu_limit", default: 7, above: 0)
        tiesEmbeddings = try json["tie_word_embeddings", default: false]
        attentionHasBias = try json["attention_bias", default: true]
        scale = 1 / Float(headSize).squareRoot()
        rope = try RoPESettings(
            json, contextLength: maxPositions, base: 150_000,
            standard: [
                "rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": false,
                "original_max_position_embeddings": 4096,
            ])
    }

    /// Throws `ConfigError` for experts in MXFP4, as the first checkpoints have them.
    private static func checkFormat(_ json: ModelConfig) throws {
        let method = try json.object("quantization_config")?.value("quant_method")?.string
        try json.check(
            method != "mxfp4", "quantization_config",
            expected: "none: experts in MXFP4 are not supported, those of a checkpoint in bf16 are", value: "")
    }

    /// The layers that `layer_types` names have a window, or every other from the first on.
    private static func windows(_ json: ModelConfig, _ layerCount: Int) throws -> [Int?] {
        let (local, global) = ("sliding_attention", "full_attention")
        let types =
            try json.layerTypes(count: layerCount, allowed: [local, global])
            ?? (0 ..< layerCount).map { $0.isMultiple(of: 2) ? local : global }
        guard let window = try json.window(default: 128) else {
            throw ConfigError.outOfRange(
                key: "sliding_window", file: json.source, expected: "a number of positions", found: "null")
        }
        return types.map { $0 == local ? window : nil }
    }
}
