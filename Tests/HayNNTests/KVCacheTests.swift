import HayTensor
import Testing

@testable import HayNN

/// Caches of one layer and one head of size 1, so that a position is one number: its key is 0 and its value is given, so
/// that attention is the mean of the values in sight.
@Suite("The block cache")
struct KVCacheTests {
    let backend = CPUBackend(threadCount: 1)
    let shape = CacheShape(layerCount: 1, kvHeadCount: 1, headSize: 1)

    private func pool(_ blockCount: Int) -> BlockPool { BlockPool(shape, blockCount: blockCount, on: backend) }

    /// Adds one position to every row.
    private func append(_ values: [Float], to cache: KVCache) {
        append(values, CacheStep(advancing: cache, by: 1))
    }

    private func append(_ values: [Float], _ step: CacheStep) {
        let shape: Shape = [step.shape[0], step.shape[1], 1, 1]
        let keys = Tensor([Float](repeating: 0, count: values.count), shape, on: backend)
        step[layer: 0].append(keys, Tensor(values, shape, on: backend))
    }

    /// The mean of what each new position of a step sees.
    private func means(_ step: CacheStep) throws -> [Float] {
        let zeros = [Float](repeating: 0, count: step.shape.count)
        let q = Tensor(zeros, [step.shape[0], step.shape[1], 1, 1], on: backend)
        return try step[layer: 0].attention(q, .causal(window: nil), scale: 1).array()
    }

    /// The mean of each row after adding one position of these values.
    private func means(_ cache: KVCache, adding values: [Float]) throws -> [Float] {
        let step = CacheStep(advancing: cache, by: 1)
        append(values, step)
        return try means(step)
    }

    @Test("texts that stretch together are as long as the longest, which grows on when it has ended")
    func stretched() {
        let pool = pool(4), long = KVCache(in: pool), short = KVCache(in: pool)
        let step = CacheStep(on: backend)
        step.stretchesTogether = true
        func lengths(_ advances: [(KVCache, Int)]) -> [Int] {
            step.reset()
            for (cache, count) in advances { step.add(cache, row: 0, count: count) }
            step.commit()
            return step.textLengths
        }
        #expect(lengths([(long, 5), (short, 2)]) == [5, 5, 5, 5, 5, 5, 5])
        #expect(lengths([(long, 1), (short, 1)]) == [6, 6])
        #expect(lengths([(short, 1)]) == [7])
        step.stretchesTogether = false
        #expect(lengths([(long, 1), (short, 1)]) == [7, 5])
    }

    @Test("rows fill blocks of their own")
    func rows() throws {
        let cache = KVCache(rows: 2, in: pool(8))
        for step in 1 ... 69 { append([Float(step), 100], to: cache) }
        let found = try means(cache, adding: [70, 100])
        #expect(abs(found[0] - 35.5) < 1e-4 && abs(found[1] - 100) < 1e-4)
        #expect(cache.length(ofRow: 0) == 70 && cache.length(ofRow: 1) == 70)
    }

    @Test("a row that was selected twice is shared until one of the two writes")
    func select() throws {
        let pool = pool(4)
        let cache = KVCache(rows: 2, in: pool)
        append([1, 5], to: cache)
        cache.select(rows: [1, 1])
        #expect(pool.freeCount == 3)
        #expect(try means(cache, adding: [7, 9]) == [6, 7])
        #expect(pool.freeCount == 2)
    }

    @Test("truncating forgets the last positions and frees their blocks")
    func truncate() throws {
        let pool = pool(3)
        let cache = KVCache(in: pool)
        for step in 1 ... 64 { append([Float(step)], to: cache) }
        cache.truncate(row: 0, to: 2)
        #expect(cache.length(ofRow: 0) == 2 && pool.freeCount == 2)
        #expect(try means(cache, adding: [6]) == [3])
    }

    @Test("blocks come back when caches are dropped, however their rows were shared")
    func release() {
        let pool = pool(10)
        for _ in 0 ..< 20 {
            let cache = KVCache(in: pool)
            append([1], to: cache)
            cache.select(rows: [0, 0, 0])
            append([1, 2, 3], to: cache)
            cache.select(rows: [2, 1])
            append([1, 2], to: cache)
        }
        #expect(pool.freeCount == 10)
    }

    @Test("rows of several caches that advance by different counts each see their own text")
    func ragged() throws {
        let pool = pool(10)
        let one = KVCache(in: pool), two = KVCache(rows: 2, in: pool)
        append([10], to: one)
        append([20, 30], to: two)
        let step = CacheStep(on: backend)
        step.add(one, row: 0, count: 3)
        step.add(two, row: 1, count: 1)
        step.commit()
        #expect(step.shape == [4, 1])
        append([40, 70, 100, 50], step)
        #expect(try means(step) == [25, 40, 55, 40])
        step.reset()
        step.add(two, row: 0, count: 2)
        step.add(one, row: 0, count: 2)
        step.commit()
        #expect(step.shape == [2, 2])
        append([22, 24, 5, 15], step)
        #expect(try means(step) == [21, 22, 45, 40])
    }
}

@Suite("Beginnings of texts that are kept")
struct PrefixTreeTests {
    let pool: BlockPool
    let tree: PrefixTree
    private let backend = CPUBackend(threadCount: 1)

    init() {
        let shape = CacheShape(layerCount: 1, kvHeadCount: 1, headSize: 1)
        pool = BlockPool(shape, blockCount: 12, on: backend)
        tree = PrefixTree(pool, limit: 6)
    }

    /// Computes and keeps a text.
    private func keep(_ tokens: [Int32], scope: String = "") {
        let cache = KVCache(in: pool)
        _ = CacheStep(advancing: cache, by: tokens.count)
        tree.keep(cache, row: 0, tokens: tokens, scope: scope)
    }

    private func reused(_ tokens: [Int32], scope: String = "") -> Int {
        tree.begin(KVCache(in: pool), row: 0, with: tokens, scope: scope)
    }

    private func text(_ first: Int32, count: Int) -> [Int32] { (0 ..< Int32(count)).map { first + $0 } }

    @Test("a text begins with the whole blocks that it shares with one before, short of its last token")
    func begin() {
        keep(text(0, count: 70))
        #expect(tree.blockCount == 2)
        #expect(reused(text(0, count: 70)) == 64)
        #expect(reused(text(0, count: 64)) == 32)
        #expect(reused(text(0, count: 65)) == 64)
        #expect(reused(text(0, count: 40) + text(90, count: 40)) == 32)
        #expect(reused(text(1, count: 70)) == 0)
        #expect(reused(text(0, count: 20)) == 0)
    }

    @Test("a block is found only below the blocks that it followed, and only in its scope")
    func path() {
        keep(text(0, count: 32) + text(100, count: 32))
        #expect(reused(text(100, count: 33)) == 0)
        #expect(reused(text(50, count: 32) + text(100, count: 33)) == 0)
        #expect(reused(text(0, count: 40), scope: "other") == 0)
    }

    @Test("the least recently used goes first, and blocks in use by a text stay as they are")
    func eviction() {
        keep(text(0, count: 64))
        keep(text(200, count: 64))
        keep(text(400, count: 64))
        #expect(tree.blockCount == 6)
        #expect(reused(text(0, count: 65)) == 64)
        keep(text(600, count: 32))
        #expect(tree.blockCount == 6)
        #expect(reused(text(0, count: 65)) == 64)
        #expect(reused(text(200, count: 65)) == 32)
    }

    @Test("texts that began alike at the same time share one copy of it once both are kept")
    func twins() {
        pool.reclaim = { [tree] in tree.giveBack() }
        let one = KVCache(in: pool), two = KVCache(in: pool)
        let tokens = text(0, count: 160)
        for cache in [one, two] { _ = CacheStep(advancing: cache, by: 160) }
        #expect(pool.freeCount == 2)
        tree.keep(one, row: 0, tokens: Array(tokens[..<96]), scope: "")
        tree.keep(two, row: 0, tokens: tokens, scope: "")
        #expect(pool.freeCount == 5)
        one.truncate(row: 0, to: 0)
        #expect(pool.freeCount == 7 && tree.blockCount == 5)
        let third = KVCache(in: pool)
        _ = CacheStep(advancing: third, by: 7 * 32)  // all that is free; the tree's blocks are in use
        #expect(tree.giveBack() == false)
        two.truncate(row: 0, to: 32)
        third.truncate(row: 0, to: 0)
        _ = CacheStep(advancing: third, by: 11 * 32)
        #expect(tree.blockCount == 1)
    }

    @Test("a pool that is full takes back what is kept")
    func reclaim() {
        pool.reclaim = { [tree] in tree.giveBack() }
        keep(text(0, count: 192))
        #expect(pool.freeCount == 6)
        let cache = KVCache(in: pool)
        _ = CacheStep(advancing: cache, by: 320)
        #expect(cache.length(ofRow: 0) == 320)
        #expect(tree.blockCount == 2)
    }
}
