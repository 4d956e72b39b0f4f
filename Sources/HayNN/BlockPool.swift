import HayTensor

/// The blocks of positions that the rows of caches are made of, with reference counts.
final class BlockPool {
    /// The positions of a block: long enough that attention reads runs of memory, short enough to share and waste little.
    static let blockSize = 32

    /// Keys and values of each layer: [blocks, H_kv, block size, D].
    let layers: [(keys: Tensor, values: Tensor)]
    private var referenceCounts: [Int32]
    private var free: [Int32]

    init(_ shape: CacheShape, capacity: Int, rows: Int, dtype: DType, on backend: any Backend) {
        // A row's last block is seldom full, so each row may need one more than its share.
        let blockCount = (capacity + BlockPool.blockSize - 1) / BlockPool.blockSize + rows
        let tensorShape: Shape = [blockCount, shape.kvHeadCount, BlockPool.blockSize, shape.headSize]
        layers = (0 ..< shape.layerCount).map { _ in
            (
                Tensor(uninitialized: tensorShape, dtype, on: backend),
                Tensor(uninitialized: tensorShape, dtype, on: backend)
            )
        }
        referenceCounts = Array(repeating: 0, count: blockCount)
        free = (0 ..< Int32(blockCount)).reversed()
    }

    var freeCount: Int { free.count }

    func isShared(_ block: Int32) -> Bool { referenceCounts[Int(block)] > 1 }

    /// A block of one's own, its contents undefined.
    func take() -> Int32 {
        guard let block = free.popLast() else {
            preconditionFailure("the cache is full: who admits a text checks its room first")
        }
        referenceCounts[Int(block)] = 1
        return block
    }

    func retain(_ blocks: some Sequence<Int32>) {
        for block in blocks { referenceCounts[Int(block)] += 1 }
    }

    func release(_ blocks: some Sequence<Int32>) {
        for block in blocks {
            referenceCounts[Int(block)] -= 1
            if referenceCounts[Int(block)] == 0 { free.append(block) }
        }
    }

    /// The block itself when nobody shares it, else a copy.
    func unshared(_ block: Int32) -> Int32 {
        if referenceCounts[Int(block)] == 1 { return block }
        let copy = take()
        for layer in layers {
            layer.keys.copyRow(Int(block), to: Int(copy))
            layer.values.copyRow(Int(block), to: Int(copy))
        }
        release(CollectionOfOne(block))
        return copy
    }
}
