import HayNN
import HayTensor
import HayWeights

/// T5 1.0 and 1.1, flan-T5, mT5 and UMT5: encoder and decoder with relative positions and unscaled attention.
///
/// Activations are f32 throughout, so the overflow of T5's MLP in half precision cannot happen.
/// Source: arXiv:1910.10683; gated MLP arXiv:2002.05202; UMT5's bias in each layer arXiv:2304.09151.
public struct T5: LanguageModel {
    /// t5, mt5 and umt5.
    public static let modelTypes = ["t5", "mt5", "umt5"]

    private let config: Config
    private let encoderEmbed, decoderEmbed: Embedding
    private let encoder: [EncoderBlock]
    private let decoder: [DecoderBlock]
    private let encoderNorm, decoderNorm: RMSNorm
    private let head: Linear
    private let headScale: Float

    /// The model of a checkpoint. Throws `ConfigError` or `CheckpointError`.
    public init(_ weights: Weights, _ config: ModelConfig) throws {
        let c = try Config(config)
        self.config = c
        // Whichever of the four a file has stands for those that it lacks, and one that differs counts by itself.
        let tables = try weights.tiedTables(
            ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"],
            [c.vocabularySize, c.hiddenSize])
        (encoderEmbed, decoderEmbed) = (Embedding(table: tables[1]), Embedding(table: tables[2]))
        head = Linear(weight: tables[3])
        headScale = c.scalesOutputs ? 1 / Float(c.hiddenSize).squareRoot() : 1
        let encoderBiases = try biases(weights["encoder"], c.layerCount, c, isBidirectional: true)
        encoder = try encoderBiases.enumerated().map { try EncoderBlock(weights["encoder.block.\($0)"], c, bias: $1) }
        let decoderBiases = try biases(weights["decoder"], c.decoderLayerCount, c, isBidirectional: false)
        decoder = try decoderBiases.enumerated().map { try DecoderBlock(weights["decoder.block.\($0)"], c, bias: $1) }
        encoderNorm = try RMSNorm(weights["encoder.final_layer_norm"], c.hiddenSize, epsilon: c.normEpsilon)
        decoderNorm = try RMSNorm(weights["decoder.final_layer_norm"], c.hiddenSize, epsilon: c.normEpsilon)
    }

    /// The decoder's keys and values; those of the source have a cache of their own.
    public var cacheShape: CacheShape {
        CacheShape(layerCount: config.decoderLayerCount, kvHeadCount: config.headCount, headSize: config.headSize)
    }

    /// As the weights of the keys ask.
    public var cacheType: DType { decoder.first?.attention.wk.cacheType ?? .f32 }

    /// `vocab_size`.
    public var vocabularySize: Int { config.vocabularySize }

    /// None: relative positions have no end.
    public var contextLength: Int? { nil }

    /// True.
    public var isEncoderDecoder: Bool { true }

    /// `decoder_start_token_id`.
    public var decoderStartToken: Int32 { config.decoderStartToken }

    /// Encodes the source and computes the decoder's keys and values of it, once for all tokens that answer it.
    public func encode(_ source: Tensor, into cache: KVCache, progress: (_ done: Int, _ total: Int) -> Void) -> Tensor?
    {
        let encoded = encoded(source, cache.pool.dtype, progress)
        let keys = KVCache(in: cache.pool)
        let step = CacheStep(advancing: keys, by: source.shape[1])
        for (index, block) in decoder.enumerated() { block.crossAttention.store(encoded, step[layer: index]) }
        cache.source = keys
        return encoded
    }

    /// The encoder's output for source ids [1, S] -> [1, S, C], with keys and values of a type.
    private func encoded(_ source: Tensor, _ dtype: DType, _ progress: (_ done: Int, _ total: Int) -> Void) -> Tensor {
        var x = encoderEmbed(source)
        // Attention reads keys from a cache; one layer's worth serves all layers in turn.
        let layer = CacheShape(layerCount: 1, kvHeadCount: config.headCount, headSize: config.headSize)
        let pool = BlockPool(layer, blockCount: BlockPool.blocks(for: source.count), dtype: dtype, on: source.backend)
        let step = CacheStep(advancing: KVCache(in: pool), by: source.shape[1])
        for (index, block) in encoder.enumerated() {
            x = block(x, step[layer: 0])
            progress(index + 1, encoder.count)
        }
        return encoderNorm(x)
    }

    /// The decoder's hidden states after the last norm.
    public func hidden(_ tokens: Tensor, _ step: CacheStep) -> Tensor {
        var x = decoderEmbed(tokens)
        for (index, block) in decoder.enumerated() {
            step.observer?(x)
            x = block(x, step[layer: index], step[sourceLayer: index])
        }
        return decoderNorm(x)
    }

    /// The output layer; the hidden states of T5 1.0 are scaled by C^-0.5 first.
    public func logits(_ hidden: Tensor) -> Tensor { head(hidden, scale: headScale) }
}

/// The relative bias of each layer: T5 and mT5 have a table in the first, which all share, UMT5 has one in each.
private func biases(_ stack: Weights, _ count: Int, _ c: Config, isBidirectional: Bool) throws -> [RelativeBias] {
    let biases = try (0 ..< (c.hasBiasInEachLayer ? count : 1)).map {
        let table = stack["block.\($0).layer.0.SelfAttention.relative_attention_bias"]
        return try RelativeBias(table, c.buckets, headCount: c.headCount, isBidirectional: isBidirectional)
    }
    return c.hasBiasInEachLayer ? biases : Array(repeating: biases[0], count: count)
}

private struct EncoderBlock: Sendable {
    let attention: Attention
    let mlp: MLP

    init(_ weights: Weights, _ c: Config, bias: RelativeBias) throws {
        attention = try Attention(weights["layer.0"], "SelfAttention", c, bias: bias)
        mlp = try MLP(weights["layer.1"], c)
    }

    func callAsFunction(_ x: Tensor, _ cache: LayerCache) -> Tensor {
        mlp(attention.toItself(x, cache, .full))
    }
}

private struct DecoderBlock: Sendable {
    let attention, crossAttention: Attention
    let mlp: MLP

    init(_ weights: Weights, _ c: Config, bias: RelativeBias) throws {
        attention = try Attention(weights["layer.0"], "SelfAttention", c, bias: bias)
        crossAttention = try Attention(weights["layer.1"], "EncDecAttention", c, bias: nil)
        mlp = try MLP(weights["layer.2"], c)
    }

    func callAsFunction(_ x: Tensor, _ cache: LayerCache, _ source: LayerCache) -> Tensor {
        let h = attention.toItself(x, cache, .causal(window: nil))
        return mlp(crossAttention.toSource(h, source))
    }
}

/// Unscaled attention after a norm, added to what came in.
private struct Attention: Sendable {
    let norm: RMSNorm
    let wq, wk, wv, wo: Linear
    let headCount: Int
    let bias: RelativeBias?

    init(_ weights: Weights, _ name: String, _ c: Config, bias: RelativeBias?) throws {
        let size = c.headCount * c.headSize
        norm = try RMSNorm(weights["layer_norm"], c.hiddenSize, epsilon: c.normEpsilon)
        wq = try Linear(weights[name]["q"], c.hiddenSize, size, hasBias: false)
        wk = try Linear(weights[name]["k"], c.hiddenSize, size, hasBias: false)
        wv = try Linear(weights[name]["v"], c.hiddenSize, size, hasBias: false)
        wo = try Linear(weights[name]["o"], size, c.hiddenSize, hasBias: false)
        headCount = c.headCount
        self.bias = bias
    }

    /// Attention of a text [B, T, C] to itself and what is cached of it.
    func toItself(_ x: Tensor, _ cache: LayerCache, _ mask: AttentionMask) -> Tensor {
        let (q, k, v) = Linear.all(wq, wk, wv, of: norm(x))
        cache.append(k.split(heads: headCount), v.split(heads: headCount))  // [B, T, H, D]
        return wo(cache.attention(q.split(heads: headCount), mask, scale: 1, bias: bias), adding: x)
    }

    /// Attention of a text [B, T, C] to a source that was stored before.
    func toSource(_ x: Tensor, _ source: LayerCache) -> Tensor {
        wo(source.attention(wq(norm(x)).split(heads: headCount), .full, scale: 1), adding: x)
    }

    /// Stores the keys and values of encoded states [B, S, C].
    func store(_ states: Tensor, _ cache: LayerCache) {
        let (k, v) = Linear.both(wk, wv, of: states)
        cache.append(k.split(heads: headCount), v.split(heads: headCount))  // [B, S, H, D]
    }
}

/// wo(act(wi(x))), or with two inner projections wo(act(wi_0(x)) · wi_1(x)).
private struct MLP: Sendable {
    let norm: RMSNorm
    let inner: Linear
    let gate: Linear?
    let outer: Linear
    let activation: Activation

    init(_ weights: Weights, _ c: Config) throws {
        let dense = weights["DenseReluDense"]
        norm = try RMSNorm(weights["layer_norm"], c.hiddenSize, epsilon: c.normEpsilon)
        inner = try Linear(dense[c.isGated ? "wi_1" : "wi"], c.hiddenSize, c.mlpSize, hasBias: false)
        gate = try c.isGated ? Linear(dense["wi_0"], c.hiddenSize, c.mlpSize, hasBias: false) : nil
        outer = try Linear(dense["wo"], c.mlpSize, c.hiddenSize, hasBias: false)
        activation = c.activation
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let normed = norm(x)
        guard let gate else { return outer(inner(normed).activated(activation), adding: x) }
        let (h, up) = Linear.both(gate, inner, of: normed)
        return outer(h.gated(activation, up), adding: x)
    }
}

private struct Config: Sendable {
    let vocabularySize, hiddenSize, headSize, headCount, mlpSize, layerCount, decoderLayerCount: Int
    let buckets: RelativeBias.Buckets
    let normEpsilon: Float
    let activation: Activation
    let isGated, scalesOutputs, hasBiasInEachLayer: Bool
    let decoderStartToken: Int32

    init(_ json: ModelConfig) throws {
        let type: String = try json["model_type", default: "t5"]
        let isT5 = type == "t5"
        hasBiasInEachLayer = type == "umt5"
        vocabularySize = try json.count("vocab_size", default: isT5 ? 32_128 : 250_112)
        hiddenSize = try json.count("d_model", default: 512)
        headSize = try json.count("d_kv", default: 64)
        headCount = try json.count("num_heads", default: isT5 ? 8 : 6)
        mlpSize = try json.count("d_ff", default: isT5 ? 2048 : 1024)
        layerCount = try json.count("num_layers", default: isT5 ? 6 : 8, atMost: 4096)
        decoderLayerCount = try json.count("num_decoder_layers", default: layerCount, atMost: 4096)
        buckets = try RelativeBias.Buckets(json)
        normEpsilon = try json.epsilon("layer_norm_epsilon")
        (isGated, activation) = try Config.feedForward(json, default: isT5 ? "relu" : "gated-gelu")
        // All T5 tie their embeddings: `tie_word_embeddings` has only ever told 1.0, which scales, from 1.1, and what
        // transformers 5 saves of T5 says so by a name of its own. There mT5 never scales, and UMT5 always.
        let isUntied = json.members["tie_word_embeddings"] == .bool(false)
        let says = isT5 ? json.isTruthy("scale_decoder_outputs") ?? !isUntied : nil
        scalesOutputs = says ?? (type == "umt5")
        decoderStartToken = try json.tokenIDs("decoder_start_token_id").first ?? 0
        guard Int(decoderStartToken) < vocabularySize else {
            throw ConfigError.outOfRange(
                key: "decoder_start_token_id", file: json.source, expected: "below \(vocabularySize)",
                found: "\(decoderStartToken)")
        }
    }

    /// `feed_forward_proj` is an activation, "gated-" before it or not; "gated-gelu" has always meant the tanh formula.
    /// `is_gated_act` and `dense_act_fn`, which saved configurations have beside it, count before it.
    private static func feedForward(
        _ json: ModelConfig, default fallback: String
    ) throws -> (isGated: Bool, Activation) {
        let key = "feed_forward_proj", name: String = try json[key, default: fallback]
        let isGated = json.isTruthy("is_gated_act") ?? name.hasPrefix("gated-")
        if let own: String = try json[optional: "dense_act_fn"] {
            return (isGated, try Activation(named: own, key: "dense_act_fn", in: json))
        }
        if name == "gated-gelu" { return (isGated, .geluTanh) }
        let activation = name.hasPrefix("gated-") ? String(name.dropFirst(6)) : name
        return (isGated, try Activation(named: activation, key: key, in: json))
    }
}
