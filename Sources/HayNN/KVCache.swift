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

/// The keys and values of the texts of one request: rows of positions, made of blocks that rows share.
///
/// Batches, beams, several replies to one prompt and reuse of prefixes are made of its verbs: `CacheStep` advances rows,
/// `select(rows:)` reorders and repeats them, `truncate(row:to:)` takes positions back, `adopt` begins with blocks that
/// are there already. A row that shares a block gets its own copy when it writes into it, so selecting rows copies a
/// table, not keys.
public final class KVCache {
    /// A text: its blocks in order, and how many positions of them are filled.
    private struct Row {
        var blocks: [Int32] = []
        var length = 0
    }

    /// Where the blocks come from.
    public let pool: BlockPool
    private var rows: [Row]

    /// The keys and values of the source that an encoder-decoder model reads; row i answers source row i.
    public var source: KVCache?

    /// How long the texts are known to become: the length of the prompt while it is read in pieces.
    ///
    /// Positions that stretch with the text follow it, so that reading in pieces gives what reading at once gives.
    public var knownLength = 0

    /// A cache of empty rows.
    public init(rows: Int = 1, in pool: BlockPool) {
        self.pool = pool
        self.rows = Array(repeating: Row(), count: rows)
    }

    deinit { for row in rows { pool.release(row.blocks) } }

    /// How many rows there are.
    public var rowCount: Int { rows.count }

    /// The positions of a row.
    public func length(ofRow index: Int) -> Int { rows[index].length }

    /// Keeps these rows, in this order; a row named twice is shared until one of the two writes.
    public func select(rows indices: [Int]) {
        if indices.elementsEqual(rows.indices) { return }
        let selected = indices.map { rows[$0] }
        for row in selected { pool.retain(row.blocks) }
        for row in rows { pool.release(row.blocks) }
        rows = selected
        source?.select(rows: indices)
    }

    /// Takes back the last positions of a row so that it has at most `length`.
    public func truncate(row index: Int, to length: Int) {
        guard rows[index].length > length else { return }
        let kept = BlockPool.blocks(for: length)
        pool.release(rows[index].blocks[kept...])
        rows[index].blocks.removeSubrange(kept...)
        rows[index].length = length
    }

    /// Begins an empty row with full blocks that another text has computed.
    func adopt(_ blocks: [Int32], row index: Int) {
        precondition(rows[index].blocks.isEmpty, "only an empty row adopts blocks")
        pool.retain(blocks)
        rows[index] = Row(blocks: blocks, length: blocks.count * BlockPool.blockSize)
    }

    /// Puts another block with the same contents in the place of one.
    func exchangeBlock(_ place: Int, ofRow index: Int, for block: Int32) {
        let old = rows[index].blocks[place]
        guard old != block else { return }
        pool.retain(CollectionOfOne(block))
        pool.release(CollectionOfOne(old))
        rows[index].blocks[place] = block
    }

    /// The blocks of a row, in order; the last may be partly filled.
    func blocks(ofRow index: Int) -> [Int32] { rows[index].blocks }

    /// Makes room for new positions at the end of a row.
    func extend(row index: Int, by count: Int) {
        let blockSize = BlockPool.blockSize
        if rows[index].length % blockSize != 0 {
            let last = rows[index].length / blockSize
            rows[index].blocks[last] = pool.unshared(rows[index].blocks[last])
        }
        rows[index].length += count
        while rows[index].blocks.count * blockSize < rows[index].length { rows[index].blocks.append(pool.take()) }
    }

}
