import HayTensor

/// What a cache holds: so many layers of so many key-value heads of this size.
public struct CacheShape: Sendable, Equatable {
    /// L.
    public let layerCount: Int
    /// H_kv.
    public let kvHeadCount: Int
    /// D.
    public let headSize: Int

    /// A shape of these sizes.
    public init(layerCount: Int, kvHeadCount: Int, headSize: Int) {
        self.layerCount = layerCount
        self.kvHeadCount = kvHeadCount
        self.headSize = headSize
    }

    /// The bytes that one position takes.
    public func bytesPerPosition(_ dtype: DType) -> Int { 2 * layerCount * kvHeadCount * headSize * dtype.byteSize }
}

/// The keys and values of texts being read and written: rows of positions for each layer, in blocks that rows share.
///
/// Batches, beams, several replies to one prompt and prefix reuse are four verbs: `advance`, `select(rows:)`,
/// `join(_:)` and `truncate(to:)`. A row that shares a block gets its own copy when it writes into it, so selecting
/// rows copies a table, not keys. One task uses a cache at a time.
public final class KVCache {
    /// A text: its blocks in order, and how many positions of them are filled.
    private struct Row {
        var blocks: [Int32] = []
        var length = 0
    }

    private let pool: BlockPool
    private var rows: [Row]
    private let backend: any Backend
    private var step: Step

    /// The keys and values of the source that an encoder-decoder model reads; row i answers source row i.
    public var source: KVCache?

    /// The device's view of the step being computed.
    private struct Step {
        var positions, slots, table, lengths: Tensor
        var hostPositions: [Int32] = []
        var hostSlots: [Int32] = []
        var hostTable: [Int32] = []
        var hostLengths: [Int32] = []
    }

    /// A cache of empty rows.
    ///
    /// - Parameters:
    ///   - capacity: the positions that all rows together can hold; memory is used as they fill.
    ///   - dtype: the type of the keys and values.
    public init(_ shape: CacheShape, rows: Int = 1, capacity: Int, dtype: DType = .f32, on backend: any Backend) {
        pool = BlockPool(shape, capacity: capacity, rows: rows, dtype: dtype, on: backend)
        self.rows = Array(repeating: Row(), count: rows)
        self.backend = backend
        let empty = Tensor(uninitialized: [0], .i32, on: backend)
        step = Step(positions: empty, slots: empty, table: empty, lengths: empty)
    }

    private init(sharing cache: KVCache, rows: [Row]) {
        pool = cache.pool
        backend = cache.backend
        step = cache.step
        self.rows = rows
        source = cache.source
    }

    deinit { for row in rows { pool.release(row.blocks) } }

    /// How many rows there are: B.
    public var rowCount: Int { rows.count }

    /// The positions of the longest row.
    public var length: Int { rows.reduce(0) { max($0, $1.length) } }

    /// The positions of each row.
    public var lengths: [Int] { rows.map(\.length) }

    /// The positions that can still be added to every row.
    public var room: Int {
        let blockSize = BlockPool.blockSize
        var free = pool.freeCount
        var spare = blockSize  // in the fullest last block of a row
        for row in rows {
            let used = row.length % blockSize
            if used != 0, pool.isShared(row.blocks[row.length / blockSize]) { free -= 1 }  // its copy
            spare = min(spare, used == 0 ? 0 : blockSize - used)
        }
        return rows.isEmpty ? 0 : max(0, free / rows.count) * blockSize + spare
    }

    /// The positions of the step's new tokens: i32 [B·T].
    public var positions: Tensor { step.positions }

    /// Makes room for T new positions in every row and prepares the tables that the layers of this step share.
    ///
    /// The cache must have `room`: who admits a text checks its length first.
    public func advance(by count: Int) {
        for index in rows.indices { extend(&rows[index], by: count) }
        prepareStep(count)
    }

    /// Takes back the last positions so that every row has at most `length`.
    public func truncate(to length: Int) {
        for index in rows.indices where rows[index].length > length {
            let kept = (length + BlockPool.blockSize - 1) / BlockPool.blockSize
            pool.release(rows[index].blocks[kept...])
            rows[index].blocks.removeSubrange(kept...)
            rows[index].length = length
        }
    }

    /// Keeps these rows, in this order; a row named twice is shared until one of the two writes.
    public func select(rows indices: [Int]) {
        let selected = indices.map { rows[$0] }
        for row in selected { pool.retain(row.blocks) }
        for row in rows { pool.release(row.blocks) }
        rows = selected
        source?.select(rows: indices)
    }

    /// A cache with some of this one's rows, sharing their blocks.
    public func fork(rows indices: [Int]) -> KVCache {
        let forked = KVCache(sharing: self, rows: indices.map { rows[$0] })
        for row in forked.rows { pool.retain(row.blocks) }
        forked.source = source?.fork(rows: indices)
        return forked
    }

    /// Adds the rows of a cache that shares this one's blocks.
    public func join(_ other: KVCache) {
        precondition(other.pool === pool, "caches that join must come from one `fork`")
        for row in other.rows { pool.retain(row.blocks) }
        rows += other.rows
        if let joining = other.source { source?.join(joining) }
    }

    /// One layer of the cache, as its attention uses it.
    public subscript(layer index: Int) -> LayerCache {
        LayerCache(
            slots: step.slots,
            blocks: KeyValueBlocks(
                keys: pool.layers[index].keys, values: pool.layers[index].values, table: step.table,
                lengths: step.lengths))
    }

    private func extend(_ row: inout Row, by count: Int) {
        let blockSize = BlockPool.blockSize
        if row.length % blockSize != 0 {
            let last = row.length / blockSize
            row.blocks[last] = pool.unshared(row.blocks[last])
        }
        row.length += count
        while row.blocks.count * blockSize < row.length { row.blocks.append(pool.take()) }
    }

    private func prepareStep(_ count: Int) {
        let blockSize = BlockPool.blockSize
        let stride = rows.reduce(1) { max($0, $1.blocks.count) }
        step.hostPositions.removeAll(keepingCapacity: true)
        step.hostSlots.removeAll(keepingCapacity: true)
        step.hostTable.removeAll(keepingCapacity: true)
        step.hostLengths.removeAll(keepingCapacity: true)
        for row in rows {
            for position in row.length - count ..< row.length {
                step.hostPositions.append(Int32(position))
                step.hostSlots.append(row.blocks[position / blockSize] * Int32(blockSize) + Int32(position % blockSize))
            }
            step.hostTable.append(contentsOf: row.blocks)
            for _ in row.blocks.count ..< stride { step.hostTable.append(0) }
            step.hostLengths.append(Int32(row.length))
        }
        // New tensors, not the last step's: a backend that queues may still be reading those.
        step.positions = Tensor(step.hostPositions, [step.hostPositions.count], on: backend)
        step.slots = Tensor(step.hostSlots, [step.hostSlots.count], on: backend)
        step.table = Tensor(step.hostTable, [rows.count, stride], on: backend)
        step.lengths = Tensor(step.hostLengths, [rows.count], on: backend)
    }
}

/// One layer of a cache during a step.
public struct LayerCache: Sendable {
    private let slots: Tensor
    private let blocks: KeyValueBlocks

    init(slots: Tensor, blocks: KeyValueBlocks) {
        self.slots = slots
        self.blocks = blocks
    }

    /// Stores the step's keys and values [B, T, H_kv, D].
    public func append(_ keys: Tensor, _ values: Tensor) {
        keys.store(into: blocks.keys, slots: slots)
        values.store(into: blocks.values, slots: slots)
    }

    /// Attention of queries [B, T, H, D] to all that is cached: [B, T, H · D].
    public func attention(
        _ queries: Tensor, _ mask: AttentionMask, scale: Float, bias: RelativeBias? = nil
    ) -> Tensor {
        queries.attention(to: blocks, mask, scale: scale, bias: bias)
    }
}
