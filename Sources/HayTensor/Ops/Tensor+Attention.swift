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
    /// Keys and values [blocks, H_kv, block size, D].
    public let keys, values: Tensor
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
    /// The cosines and sines by which `rotated` turns the vectors at these positions.
    ///
    /// positions i32 [N], frequencies f32 [D/2] -> [N, D].
    public static func ropeTable(positions: Tensor, frequencies: Tensor, scale: Float) -> Tensor {
        let output = Tensor(uninitialized: [positions.count, 2 * frequencies.count], on: positions.backend)
        output.fillRopeTable(positions: positions, frequencies: frequencies, scale: scale)
        return output
    }

    /// Computes such a table into this tensor, in place.
    public func fillRopeTable(positions: Tensor, frequencies: Tensor, scale: Float) {
        let half = frequencies.count
        precondition(
            shape == [positions.count, 2 * half], "fillRopeTable: \(positions.count) positions, table \(shape)")
        let params = hay_rope_table_params(half: UInt32(half), scale: scale)
        compute(.ropeTable, positions, frequencies, columns: half, rows: positions.count, params)
    }

    /// Rotary position embedding, in the half-split layout of Hugging Face checkpoints.
    ///
    /// x [B, T, H, D], table [B·T, rotated part of D] -> [B, T, H, D].
    /// Source: arXiv:2104.09864, equation 34.
    public func rotated(_ table: Tensor) -> Tensor {
        let heads = shape[-2], headSize = shape[-1], rows = count / (heads * headSize)
        precondition(table.shape[0] == rows && table.shape[1] <= headSize, "rotated: table \(table.shape), x \(shape)")
        let output = Tensor(uninitialized: shape, on: backend)
        let params = hay_rope_params(
            heads: UInt32(heads), head_size: UInt32(headSize), half: UInt32(table.shape[1] / 2))
        output.compute(.rope, self, table, columns: heads, rows: rows, params)
        return output
    }

    /// Writes this layer's new keys or values x [B, T, H_kv, D] into the slots [B·T] of a block cache, in place.
    public func store(into cache: Tensor, slots: Tensor) {
        let heads = shape[-2], headSize = shape[-1], rows = count / (heads * headSize)
        precondition(
            cache.shape[1] == heads && cache.shape[3] == headSize && slots.count >= rows,
            "store: x \(shape), cache \(cache.shape), slots \(slots.shape)")
        let params = hay_store_kv_params(
            kv_heads: UInt32(heads), head_size: UInt32(headSize), block_size: UInt32(cache.shape[2]),
            cache_type: cache.dtype.kernelType)
        cache.compute(.storeKV, self, slots, columns: heads, rows: rows, params)
    }

    /// Attention of these queries to cached keys: softmax(scale · q·kᵀ + bias) · v over the keys that each one sees.
    ///
    /// q [B, T, H, D] -> [B, T, H · D]. H is a multiple of the cache's H_kv. A query's result does not depend on the
    /// other queries.
    /// Source: arXiv:1706.03762; grouped heads arXiv:2305.13245; one pass arXiv:1805.02867.
    public func attention(
        to blocks: KeyValueBlocks, _ mask: AttentionMask, scale: Float, bias: RelativeBias? = nil
    ) -> Tensor {
        let keys = blocks.keys.shape
        let batch = shape[0], queries = shape[1], heads = shape[2], headSize = shape[3]
        precondition(
            keys[3] == headSize && heads % keys[1] == 0 && blocks.table.shape[0] == batch,
            "attention: q \(shape), keys \(keys), table \(blocks.table.shape)")
        var params = hay_attention_params()
        params.queries = UInt32(queries)
        params.heads = UInt32(heads)
        params.kv_heads = UInt32(keys[1])
        params.head_size = UInt32(headSize)
        params.block_size = UInt32(keys[2])
        params.table_stride = UInt32(blocks.table.shape[1])
        params.cache_type = blocks.keys.dtype.kernelType
        params.bias_radius = UInt32(bias?.radius ?? 0)
        params.scale = scale
        if case .causal(let window) = mask {
            params.causal = 1
            params.window = UInt32(window ?? 0)
        }
        let output = Tensor(uninitialized: [batch, queries, heads * headSize], on: backend)
        output.compute(
            .attention, self, blocks.keys, blocks.values, blocks.table, blocks.lengths, bias?.table,
            columns: keys[1], rows: batch * queries, params)
        return output
    }

    /// x [B, T, H · D] seen as [B, T, H, D].
    public func split(heads: Int) -> Tensor {
        reshaped([shape[0], shape[1], heads, shape[2] / heads])
    }
}
