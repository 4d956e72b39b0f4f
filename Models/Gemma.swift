import HayNN
import HayTensor
import HayWeights

/// Gemma 1, 2 and 3: pre-norm decoder with rotary positions, grouped-query attention, a gated MLP and scaled embeddings.
///
/// Gemma 2 adds norms after attention and MLP, caps on scores and logits, and windows on every other layer. Gemma 3 has
/// norms over each head's queries and keys instead of the cap on scores, and other positions in layers with a window.
/// Source: arXiv:2403.08295, arXiv:2408.00118, arXiv:2503.19786; transformers/models/gemma3/modeling_gemma3.py.
public struct Gemma: LanguageModel {
    /// gemma, gemma2 and gemma3_text.
    public static let modelTypes = ["gemma", "gemma2", "gemma3_text"]

    private let config: Config
    private let embed: Embedding
    private let blocks: [Block]
    private let rope: RoPE
    /// The positions of layers with a window, where they differ.
    private let localRope: RoPE?
    private let norm: RMSNorm
    private let head: Linear

    /// The model of a checkpoint. Throws `ConfigError` or `CheckpointError`.
    public init(_ weights: Weights, _ config: ModelConfig) throws {
        let c = try Config(config)
        self.config = c
        rope = try RoPE(c.rope, dim: c.headSize, on: weights.backend)
        localRope = try c.localRope.map { try RoPE($0, dim: c.headSize, on: weights.backend) }
        // The factor is not rounded to the type of the table, as the reference implementation does not in f32.
        (embed, head) = try Embedding.withHead(
            weights, embedding: "model.embed_tokens.weight", head: "lm_head.weight", [c.vocabularySize, c.hiddenSize],
            areTied: c.tiesEmbeddings, scale: Float(Double(c.hiddenSize).squareRoot()))
        blocks = try c.windows.enumerated().map { try Block(weights["model.layers.\($0)"], c, window: $1) }
        norm = try RMSNorm(weights["model.norm"], c.hiddenSize, epsilon: c.normEpsilon, addsOne: true)
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
    public var contextLength: Int? {
        rope.stretchesWithText || localRope?.stretchesWithText ?? false ? nil : config.maxPositions
    }

    /// Not where a key depends on how long its text was.
    public var sharesPrefixes: Bool { !(rope.dependsOnTextLength || localRope?.dependsOnTextLength ?? false) }

    /// The hidden states after the last norm.
    public func hidden(_ tokens: Tensor, _ step: CacheStep) -> Tensor {
        let angles = rope.table(for: step)
        let localAngles = localRope?.table(for: step) ?? angles
        var x = embed(tokens)
        for (index, block) in blocks.enumerated() {
            step.observer?(x)
            x = block(x, block.attention.window == nil ? angles : localAngles, step[layer: index])
        }
        return norm(x)
    }

    /// The output layer, with a cap on its logits where the configuration has one.
    public func logits(_ hidden: Tensor) -> Tensor {
        let logits = head(hidden)
        return config.logitCap.map { logits.softCapped($0) } ?? logits
    }
}

private struct Block: Sendable {
    let attentionNorm, mlpNorm: RMSNorm
    /// The norms after attention and MLP, which Gemma 1 lacks.
    let attentionOutputNorm, mlpOutputNorm: RMSNorm?
    let attention: Attention
    let mlp: GatedMLP

    init(_ weights: Weights, _ c: Config, window: Int?) throws {
        func norm(_ name: String) throws -> RMSNorm {
            try RMSNorm(weights[name], c.hiddenSize, epsilon: c.normEpsilon, addsOne: true)
        }
        attentionNorm = try norm("input_layernorm")
        attention = try Attention(weights["self_attn"], c, window: window)
        attentionOutputNorm = try c.hasOutputNorms ? norm("post_attention_layernorm") : nil
        mlpNorm = try norm(c.hasOutputNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm")
        mlp = try GatedMLP(weights["mlp"], c.hiddenSize, c.mlpSize, c.activation)
        mlpOutputNorm = try c.hasOutputNorms ? norm("post_feedforward_layernorm") : nil
    }

    func callAsFunction(_ x: Tensor, _ angles: Tensor, _ cache: LayerCache) -> Tensor {
        guard let attentionOutputNorm, let mlpOutputNorm else {
            let h = attention(attentionNorm(x), angles, cache, adding: x)
            return mlp(mlpNorm(h), adding: h)
        }
        let h = x + attentionOutputNorm(attention(attentionNorm(x), angles, cache))
        return h + mlpOutputNorm(mlp(mlpNorm(h)))
    }
}

private struct Attention: Sendable {
    let wq, wk, wv, wo: Linear
    let queryNorm, keyNorm: RMSNorm?
    let config: Config
    let window: Int?

    init(_ weights: Weights, _ c: Config, window: Int?) throws {
        let querySize = c.headCount * c.headSize, kvSize = c.kvHeadCount * c.headSize
        wq = try Linear(weights["q_proj"], c.hiddenSize, querySize, hasBias: c.attentionHasBias)
        wk = try Linear(weights["k_proj"], c.hiddenSize, kvSize, hasBias: c.attentionHasBias)
        wv = try Linear(weights["v_proj"], c.hiddenSize, kvSize, hasBias: c.attentionHasBias)
        wo = try Linear(weights["o_proj"], querySize, c.hiddenSize, hasBias: c.attentionHasBias)
        func norm(_ name: String) throws -> RMSNorm? {
            try c.hasHeadNorms
                ? RMSNorm(weights[name], c.headSize, epsilon: c.normEpsilon, addsOne: true) : nil
        }
        (queryNorm, keyNorm) = (try norm("q_norm"), try norm("k_norm"))
        config = c
        self.window = window
    }

    /// attention(x), and then + residual.
    func callAsFunction(
        _ x: Tensor, _ angles: Tensor, _ cache: LayerCache, adding residual: Tensor? = nil
    ) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        var q = queries.split(heads: config.headCount)  // [B, T, H, D]
        var k = keys.split(heads: config.kvHeadCount)  // [B, T, H_kv, D]
        if let queryNorm, let keyNorm { (q, k) = (queryNorm(q), keyNorm(k)) }
        cache.append(k.rotated(angles), values.split(heads: config.kvHeadCount))
        let mixed = cache.attention(
            q.rotated(angles), .causal(window: window), scale: config.scale, softCap: config.scoreCap)
        return wo(mixed, adding: residual)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, mlpSize, layerCount: Int
    let headCount, kvHeadCount, headSize, maxPositions: Int
    /// The window of each layer's attention; nil where it has none.
    let windows: [Int?]
    let normEpsilon, scale: Float
    /// The caps on attention's scores and on logits.
    let scoreCap, logitCap: Float?
    let activation: Activation
    let tiesEmbeddings, attentionHasBias, hasOutputNorms, hasHeadNorms: Bool
    let rope: RoPESettings
    let localRope: RoPESettings?

    init(_ json: ModelConfig) throws {
        let type: String = try json["model_type"]
        let isGemma1 = type == "gemma", isGemma3 = type == "gemma3_text"
        vocabularySize = try json.count("vocab_size", default: isGemma3 ? 262_208 : 256_000)
        hiddenSize = try json.count("hidden_size", default: isGemma1 ? 3072 : 2304)
        mlpSize = try json.count("intermediate_size", default: isGemma1 ? 24_576 : 9216)
        layerCount = try json.count("num_hidden_layers", default: isGemma1 ? 28 : 26, atMost: 4096)
        headCount = try json.count("num_attention_heads", default: isGemma1 ? 16 : 8)
        kvHeadCount = try json.kvHeadCount(of: headCount, default: isGemma1 ? 16 : 4)
        headSize = try json.count("head_dim", default: 256)
        maxPositions = try json.count("max_position_embeddings", default: isGemma3 ? 131_072 : 8192)
        windows = try isGemma1 ? Array(repeating: nil, count: layerCount) : Config.windows(json, layerCount)
        normEpsilon = try json.epsilon("rms_norm_eps")
        let scoreSize = try isGemma1 ? Float(headSize) : json.number("query_pre_attn_scalar", default: 256, above: 0)
        scale = 1 / scoreSize.squareRoot()
        // Gemma 3's configuration has a cap on scores too, which its attention does not apply.
        scoreCap = try type == "gemma2" ? json.cap("attn_logit_softcapping", default: 50) : nil
        logitCap = try isGemma1 ? nil : json.cap("final_logit_softcapping", default: isGemma3 ? nil : 30)
        activation = try Config.activation(json, isGemma1: isGemma1)
        tiesEmbeddings = try json["tie_word_embeddings", default: true]
        attentionHasBias = try json["attention_bias", default: false]
        (hasOutputNorms, hasHeadNorms) = (!isGemma1, isGemma3)
        (rope, localRope) = try Config.rope(json, isGemma3: isGemma3, maxPositions)
        try json.check(
            json.isTruthy("use_bidirectional_attention") != true, "use_bidirectional_attention",
            expected: "false, as attention to later tokens is not supported", value: "")
    }

    /// The layers that `layer_types` names have a window, or those that `sliding_window_pattern` does not count out.
    private static func windows(_ json: ModelConfig, _ layerCount: Int) throws -> [Int?] {
        let (local, global) = ("sliding_attention", "full_attention")
        let isGemma2 = try json["model_type"] == "gemma2"
        let interval = try isGemma2 ? 2 : json.count("sliding_window_pattern", default: 6)
        let types =
            try json.layerTypes(count: layerCount, allowed: [local, global])
            ?? (1 ... layerCount).map { $0.isMultiple(of: interval) ? global : local }
        guard let window = try json.window(default: 4096) else {
            throw ConfigError.outOfRange(
                key: "sliding_window", file: json.source, expected: "a number of positions", found: "null")
        }
        return types.map { $0 == local ? window : nil }
    }

    /// Gemma 1 reads `hidden_act`, where "gelu" stands for the formula with tanh, as its first checkpoints have it.
    private static func activation(_ json: ModelConfig, isGemma1: Bool) throws -> Activation {
        guard isGemma1 else { return try json.activation("hidden_activation", default: "gelu_pytorch_tanh") }
        return try json.value("hidden_act")?.string == "gelu"
            ? .geluTanh : json.activation("hidden_act", default: "gelu_pytorch_tanh")
    }

    /// The positions of the layers, and in Gemma 3 those of layers with a window.
    private static func rope(
        _ json: ModelConfig, isGemma3: Bool, _ maxPositions: Int
    ) throws -> (RoPESettings, RoPESettings?) {
        guard isGemma3 else { return (try RoPESettings(json, contextLength: maxPositions), nil) }
        return (
            try RoPESettings(
                json, layerType: "full_attention", contextLength: maxPositions,
                base: json["rope_theta", default: 1_000_000]),
            try RoPESettings(
                json, layerType: "sliding_attention", contextLength: maxPositions,
                base: json["rope_local_base_freq", default: 10_000])
        )
    }
}
