internal import CKernels

/// Which keys a query sees.
public enum AttentionMask: Sendable, Equatable {
    /// All keys: an encoder, or a decoder that looks at the source.
    case full
    /// The keys up to the query's own position, only the last `window` of them when there is one.
    case causal(window: Int?)
}

/// Keys and values of one layer as attention reads them: blocks of positions, and a table that says which are whose.
public struct KeyValueBlocks: Sendable {
    /// The positions of a block.
    public static let blockSize = Int(HAY_CACHE_BLOCK)

    /// Keys [blocks, H_kv, D, block size]: side by side are the keys of a block, so that they are scored together.
    public let keys: Tensor
    /// Values [blocks, H_kv, block size, D].
    public let values: Tensor
    /// The numbers of each row's blocks, in order: i32 [B, blocks of a row].
    public let table: Tensor
    /// The cached positions of each row: i32 [B].
    public let lengths: Tensor

    /// Blocks with their table.
    public init(keys: Tensor, values: Tensor, table: Tensor, lengths: Tensor) {
        self.keys = keys
        self.values = values
        self.table = table
        self.lengths = lengths
    }

    /// Memory for the keys and values of so many blocks, its contents undefined.
    public static func memory(
        blockCount: Int, kvHeadCount: Int, headSize: Int, _ dtype: DType, on backend: any Backend
    ) -> (keys: Tensor, values: Tensor) {
        (
            Tensor(uninitialized: [blockCount, kvHeadCount, headSize, blockSize], dtype, on: backend),
            Tensor(uninitialized: [blockCount, kvHeadCount, blockSize, headSize], dtype, on: backend)
        )
    }

    /// Writes a layer's new keys and values [B, T, H_kv, D] into slots i32 [B·T], in place.
    ///
    /// In f16, numbers beyond its largest become that one.
    public func store(_ newKeys: Tensor, _ newValues: Tensor, slots: Tensor) {
        store(newKeys, into: keys, slots, isKeys: true)
        store(newValues, into: values, slots, isKeys: false)
    }

    private func store(_ x: Tensor, into cache: Tensor, _ slots: Tensor, isKeys: Bool) {
        let heads = x.shape[-2], headSize = x.shape[-1], rows = x.count / (heads * headSize)
        precondition(
            values.shape[1] == heads && values.shape[3] == headSize && slots.count >= rows,
            "store: x \(x.shape), values \(values.shape), slots \(slots.shape)")
        let params = hay_store_kv_params(
            kv_heads: UInt32(heads), head_size: UInt32(headSize), cache_type: cache.dtype.kernelType,
            is_keys: isKeys ? 1 : 0)
        cache.compute(.storeKV, x, slots, columns: heads, rows: rows, params)
    }
}

/// A number added to each score by the distance between key and query: T5's relative positions.
public struct RelativeBias: Sendable {
    /// The numbers: f32 [H, 2 · radius + 1], the distance 0 in the middle.
    public let table: Tensor

    /// A bias from its table.
    public init(table: Tensor) { self.table = table }

    /// The largest distance told apart; farther keys share its number.
    public var radius: Int { table.shape[1] / 2 }
}

extension Tensor {
    /// Attention of these queries to cached keys: softmax(scale · q·kᵀ + bias) · v over the keys that each one sees.
    ///
    /// q [B, T, H, D] -> [B, T, H · D]. H is a multiple of the cache's H_kv. A query's result does not depend on the
    /// other queries.
    /// Source: arXiv:1706.03762; grouped heads arXiv:2305.13245; one pass arXiv:2205.14135.
    ///
    /// - Parameters:
    ///   - softCap: keeps scores between -softCap and softCap, before the bias is added: softCap · tanh(score / softCap)
    ///     (arXiv:2408.00118).
    ///   - sinks: f32 [H], a score for each head that counts in its softmax's denominator and has no value
    ///     (arXiv:2309.17453, as gpt-oss has it).
    public func attention(
        to blocks: KeyValueBlocks, _ mask: AttentionMask, scale: Float, bias: RelativeBias? = nil,
        softCap: Float? = nil, sinks: Tensor? = nil
    ) -> Tensor {
        let values = blocks.values.shape
        let batch = shape[0], queries = shape[1], heads = shape[2], headSize = shape[3]
        precondition(
            values[3] == headSize && heads % values[1] == 0 && blocks.table.shape[0] == batch,
            "attention: q \(shape), values \(values), table \(blocks.table.shape)")
        precondition(
            softCap.map { $0 > 0 } ?? true && sinks.map { $0.count == heads && $0.dtype == .f32 } ?? true,
            "attention: softCap \(softCap ?? 0), sinks of \(sinks?.count ?? 0) heads")
        var params = hay_attention_params()
        params.queries = UInt32(queries)
        params.heads = UInt32(heads)
        params.kv_heads = UInt32(values[1])
        params.head_size = UInt32(headSize)
        params.table_stride = UInt32(blocks.table.shape[1])
        params.cache_type = blocks.keys.dtype.kernelType
        params.bias_radius = UInt32(bias?.radius ?? 0)
        params.scale = scale
        params.soft_cap = softCap ?? 0
        if case .causal(let window) = mask {
            params.causal = 1
            params.window = UInt32(window ?? 0)
        }
        let output = Tensor(uninitialized: [batch, queries, heads * headSize], on: backend)
        output.compute(
            .attention, self, blocks.keys, blocks.values, blocks.table, blocks.lengths, bias?.table, sinks,
            columns: values[1], rows: batch * queries, params)
        return output
    }

    /// x [B, T, H · D] seen as [B, T, H, D].
    public func split(heads: Int) -> Tensor {
        reshaped([shape[0], shape[1], heads, shape[2] / heads])
    }
}
