import HayTensor

/// One forward pass as the layers see it: which rows of which caches advance by how much, where the new keys go, and
/// which keys each query reads.
///
/// Rows that advance alike form a batch [B, T]. Others are laid out as lanes [N, 1], one for each new token: every lane
/// reads its row up to its own position, so that texts being read, written and checked go through the model together.
/// What a lane computes does not depend on the others.
public final class CacheStep {
    /// New positions of one row.
    private struct Run {
        let blocks: [Int32]
        let length: Int
        let count: Int
        let knownLength: Int
        let sourceBlocks: [Int32]
        let sourceLength: Int
    }

    /// [B, T], or [N, 1] when rows advance by different counts.
    public private(set) var shape: Shape = [0, 0]
    /// The positions of the new tokens: i32 [B·T].
    public private(set) var positions: Tensor
    /// The length of each new token's text as far as it is known: [B·T]. See `KVCache.knownLength`.
    public private(set) var textLengths: [Int] = []
    /// Called with the hidden states after the embedding and after each layer, by models that compute them.
    public var observer: ((Tensor) -> Void)?

    /// Whether positions that stretch follow the longest text of the pass instead of their own, as in the padded batches
    /// of the reference implementation: then a row's tokens depend on its company.
    public var stretchesTogether = false

    /// The length of the longest text where they stretch together. Like the rows of a padded batch, one that has ended goes on
    /// growing by a token a pass.
    public private(set) var longestText = 0

    private let backend: any Backend
    private var runs: [Run] = []
    private var pool: BlockPool?
    private var sourcePool: BlockPool?
    private var slots: Tensor
    private var own: Table
    private var source: Table

    /// The blocks of each row of the batch and how many positions are in them, on the host and on the device.
    private struct Table {
        var blocks: Tensor
        var lengths: Tensor
        var hostBlocks: [Int32] = []
        var hostLengths: [Int32] = []
    }

    private var hostPositions: [Int32] = []
    private var hostSlots: [Int32] = []

    /// A step of no rows yet. One object serves a whole generation, pass after pass.
    public init(on backend: any Backend) {
        self.backend = backend
        let empty = Tensor(uninitialized: [0], .i32, on: backend)
        (positions, slots) = (empty, empty)
        own = Table(blocks: empty, lengths: empty)
        source = own
    }

    /// A step in which all rows of one cache advance by `count`.
    public convenience init(advancing cache: KVCache, by count: Int) {
        self.init(on: cache.pool.backend)
        for row in 0 ..< cache.rowCount { add(cache, row: row, count: count) }
        commit()
    }

    /// Forgets the last pass.
    public func reset() {
        runs.removeAll(keepingCapacity: true)
        pool = nil
        sourcePool = nil
    }

    /// Advances a row by new positions in this pass. All caches of a pass must share one pool of blocks.
    ///
    /// The pool must have room: who admits a text checks that first.
    public func add(_ cache: KVCache, row: Int, count: Int) {
        precondition(count > 0 && (pool == nil || pool === cache.pool), "a step takes rows of one pool of blocks")
        pool = cache.pool
        sourcePool = cache.source?.pool
        cache.extend(row: row, by: count)
        runs.append(
            Run(
                blocks: cache.blocks(ofRow: row), length: cache.length(ofRow: row), count: count,
                knownLength: cache.knownLength, sourceBlocks: cache.source?.blocks(ofRow: row) ?? [],
                sourceLength: cache.source?.length(ofRow: row) ?? 0))
    }

    /// Lays out the tables of the rows that were added.
    public func commit() {
        let count = runs.first?.count ?? 0
        let isUniform = runs.allSatisfy { $0.count == count }
        shape = isUniform ? [runs.count, count] : [runs.reduce(0) { $0 + $1.count }, 1]
        layOutPositions()
        // New tensors, not the last pass's: a backend that queues may still be reading those.
        positions = Tensor(hostPositions, [hostPositions.count], on: backend)
        slots = Tensor(hostSlots, [hostSlots.count], on: backend)
        let stride = runs.reduce(1) { max($0, $1.blocks.count) }
        fill(&own, stride: stride) { run, lane in
            (run.blocks, isUniform ? run.length : run.length - run.count + 1 + lane)
        }
        guard sourcePool != nil else { return }
        let sourceStride = runs.reduce(1) { max($0, $1.sourceBlocks.count) }
        fill(&source, stride: sourceStride) { run, _ in (run.sourceBlocks, run.sourceLength) }
    }

    /// A number for each new token, which follows from its position: f32 [B·T].
    public func values(at position: (Int) -> Float) -> Tensor {
        Tensor(hostPositions.map { position(Int($0)) }, [hostPositions.count], on: backend)
    }

    /// The largest position of the new tokens.
    public var lastPosition: Int { Int(hostPositions.max() ?? 0) }

    private func layOutPositions() {
        let blockSize = BlockPool.blockSize
        hostPositions.removeAll(keepingCapacity: true)
        hostSlots.removeAll(keepingCapacity: true)
        textLengths.removeAll(keepingCapacity: true)
        for run in runs {
            for position in run.length - run.count ..< run.length {
                hostPositions.append(Int32(position))
                hostSlots.append(run.blocks[position / blockSize] * Int32(blockSize) + Int32(position % blockSize))
                textLengths.append(max(run.knownLength, position + 1))
            }
        }
        guard stretchesTogether, let longest = textLengths.max() else { return }
        longestText = max(longest, longestText + 1)
        textLengths = textLengths.map { _ in longestText }
    }

    /// One row of a table for each row of the batch: a run, or a lane of it.
    private func fill(_ table: inout Table, stride: Int, _ row: (Run, Int) -> (blocks: [Int32], length: Int)) {
        table.hostBlocks.removeAll(keepingCapacity: true)
        table.hostLengths.removeAll(keepingCapacity: true)
        for run in runs {
            for lane in 0 ..< run.count / shape[1] {
                let (blocks, length) = row(run, lane)
                table.hostBlocks.append(contentsOf: blocks)
                for _ in blocks.count ..< stride { table.hostBlocks.append(0) }
                table.hostLengths.append(Int32(length))
            }
        }
        table.blocks = Tensor(table.hostBlocks, [shape[0], stride], on: backend)
        table.lengths = Tensor(table.hostLengths, [shape[0]], on: backend)
    }

    /// One layer of the rows' caches.
    public subscript(layer index: Int) -> LayerCache {
        guard let pool else { preconditionFailure("a step has rows before it has layers") }
        return LayerCache(pool, index, slots: slots, table: own.blocks, lengths: own.lengths)
    }

    /// One layer of the sources that the rows answer.
    public subscript(sourceLayer index: Int) -> LayerCache {
        guard let sourcePool else { preconditionFailure("an encoder-decoder model decodes after `encode`") }
        return LayerCache(sourcePool, index, slots: slots, table: source.blocks, lengths: source.lengths)
    }
}

/// One layer of a cache during a pass.
public struct LayerCache: Sendable {
    private let slots: Tensor
    private let blocks: KeyValueBlocks

    init(_ pool: BlockPool, _ layer: Int, slots: Tensor, table: Tensor, lengths: Tensor) {
        self.slots = slots
        blocks = KeyValueBlocks(
            keys: pool.layers[layer].keys, values: pool.layers[layer].values, table: table, lengths: lengths)
    }

    /// Stores the pass's keys and values [B, T, H_kv, D].
    public func append(_ keys: Tensor, _ values: Tensor) {
        blocks.store(keys, values, slots: slots)
    }

    /// Attention of queries [B, T, H, D] to all that is cached: [B, T, H · D]. See `Tensor.attention`.
    public func attention(
        _ queries: Tensor, _ mask: AttentionMask, scale: Float, bias: RelativeBias? = nil, softCap: Float? = nil,
        sinks: Tensor? = nil
    ) -> Tensor {
        queries.attention(to: blocks, mask, scale: scale, bias: bias, softCap: softCap, sinks: sinks)
    }
}
