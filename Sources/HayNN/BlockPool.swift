import HayTensor

/// The memory of keys and values: blocks of positions with reference counts, from which the rows of caches are made.
///
/// Memory is used as blocks are first taken, so that a large pool costs nothing until it is needed. One task uses a pool
/// and its caches at a time.
public final class BlockPool {
    /// The positions of a block: long enough that attention reads runs of memory, short enough to share and waste little.
    public static let blockSize = KeyValueBlocks.blockSize

    /// How many blocks there are.
    public let blockCount: Int
    /// Asked to give back a block when none is free, until one is or it answers false.
    public var reclaim: (() -> Bool)?

    let backend: any Backend
    /// The type of the keys and values.
    public let dtype: DType
    /// Keys and values of each layer, as `KeyValueBlocks` has them.
    let layers: [(keys: Tensor, values: Tensor)]
    private var referenceCounts: [Int32]
    private var free: [Int32]

    /// Room for so many blocks.
    ///
    /// - Parameter dtype: the type of the keys and values.
    public init(_ shape: CacheShape, blockCount: Int, dtype: DType = .f32, on backend: any Backend) {
        self.blockCount = blockCount
        self.backend = backend
        self.dtype = dtype
        layers = (0 ..< shape.layerCount).map { _ in
            KeyValueBlocks.memory(
                blockCount: blockCount, kvHeadCount: shape.kvHeadCount, headSize: shape.headSize, dtype, on: backend)
        }
        referenceCounts = Array(repeating: 0, count: blockCount)
        free = (0 ..< Int32(blockCount)).reversed()
    }

    /// How many blocks it takes to hold so many positions.
    public static func blocks(for positions: Int) -> Int { (positions + blockSize - 1) / blockSize }

    /// The blocks that nobody holds.
    public var freeCount: Int { free.count }

    func isShared(_ block: Int32) -> Bool { referenceCounts[Int(block)] > 1 }

    /// A block of one's own, its contents undefined.
    func take() -> Int32 {
        while free.isEmpty, reclaim?() == true {}
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
