import HayTensor
import HayWeights

/// Self-attention with rotary positions and grouped key-value heads (arXiv:2104.09864, arXiv:2305.13245).
///
/// For models whose attention differs in its projections, norms of heads, window and scale alone. Others write their own.
public struct RotaryAttention: Sendable {
    /// The heads of queries, those of keys and values, and the size of each.
    public struct Heads: Sendable {
        fileprivate let count, kvCount, size: Int

        /// So many heads, of which groups share a key-value head.
        public init(_ count: Int, kvCount: Int, size: Int) {
            (self.count, self.kvCount, self.size) = (count, kvCount, size)
        }

        /// The size of all queries of a token.
        public var querySize: Int { count * size }
        /// The size of all keys of a token, and of all values.
        public var kvSize: Int { kvCount * size }
    }

    private let wq, wk, wv, wo: Linear
    private let queryNorm, keyNorm: RMSNorm?
    private let heads: Heads
    private let window: Int?
    private let scale: Float

    /// The attention of projections C -> queries, keys and values, and of queries -> C.
    ///
    /// - Parameters:
    ///   - norms: norms of each head's queries and keys.
    ///   - window: how many positions a query sees; nil for all up to its own.
    ///   - scale: the factor of scores; nil for D^-0.5.
    public init(
        _ wq: Linear, _ wk: Linear, _ wv: Linear, _ wo: Linear, _ heads: Heads,
        norms: (queries: RMSNorm, keys: RMSNorm)? = nil, window: Int?, scale: Float? = nil
    ) {
        (self.wq, self.wk, self.wv, self.wo) = (wq, wk, wv, wo)
        (queryNorm, keyNorm) = (norms?.queries, norms?.keys)
        self.heads = heads
        self.window = window
        self.scale = scale ?? 1 / Float(heads.size).squareRoot()
    }

    /// The attention whose projections are `q_proj`, `k_proj`, `v_proj` and `o_proj`. Throws `CheckpointError`.
    ///
    /// - Parameters:
    ///   - hasBias: whether queries, keys and values have biases where the checkpoint has them.
    ///   - outputHasBias: the same of the output; nil for as the others.
    ///   - outputScale: the factor of the output.
    public init(
        _ weights: Weights, _ hiddenSize: Int, _ heads: Heads, hasBias: Bool, outputHasBias: Bool? = nil,
        outputScale: Float = 1, norms: (queries: RMSNorm, keys: RMSNorm)? = nil, window: Int?, scale: Float? = nil
    ) throws {
        self.init(
            try Linear(weights["q_proj"], hiddenSize, heads.querySize, hasBias: hasBias),
            try Linear(weights["k_proj"], hiddenSize, heads.kvSize, hasBias: hasBias),
            try Linear(weights["v_proj"], hiddenSize, heads.kvSize, hasBias: hasBias),
            try Linear(
                weights["o_proj"], heads.querySize, hiddenSize, hasBias: outputHasBias ?? hasBias, scale: outputScale),
            heads, norms: norms, window: window, scale: scale)
    }

    /// As the weights of the keys ask: see `LanguageModel.cacheType`.
    public var cacheType: DType { wk.cacheType }

    /// x [B, T, C] -> residual + attention(x).
    public func callAsFunction(
        _ x: Tensor, _ angles: Tensor, _ cache: LayerCache, adding residual: Tensor
    ) -> Tensor {
        let (queries, keys, values) = Linear.all(wq, wk, wv, of: x)
        var q = queries.split(heads: heads.count)  // [B, T, H, D]
        var k = keys.split(heads: heads.kvCount)  // [B, T, H_kv, D]
        if let queryNorm, let keyNorm { (q, k) = (queryNorm(q), keyNorm(k)) }
        cache.append(k.rotated(angles), values.split(heads: heads.kvCount))
        let mixed = cache.attention(q.rotated(angles), .causal(window: window), scale: scale)
        return wo(mixed, adding: residual)
    }
}
