import HayTensor
import Testing

@testable import HayNN

/// A cache of one layer and one head of size 1, so that a position is one number.
@Suite("The block cache")
struct KVCacheTests {
    let backend = CPUBackend(threadCount: 1)
    let shape = CacheShape(layerCount: 1, kvHeadCount: 1, headSize: 1)

    /// Adds one position to every row: its value is given, its key is 0, so that attention is the mean of the values.
    private func append(_ values: [Float], to cache: KVCache) {
        cache.advance(by: 1)
        let keys = Tensor([Float](repeating: 0, count: values.count), [values.count, 1, 1, 1], on: backend)
        cache[layer: 0].append(keys, Tensor(values, [values.count, 1, 1, 1], on: backend))
    }

    private func means(_ cache: KVCache) throws -> [Float] {
        let q = Tensor([Float](repeating: 0, count: cache.rowCount), [cache.rowCount, 1, 1, 1], on: backend)
        return try cache[layer: 0].attention(q, .full, scale: 1).array()
    }

    @Test("rows fill blocks of their own")
    func rows() throws {
        let cache = KVCache(shape, rows: 2, capacity: 200, on: backend)
        for step in 1 ... 70 { append([Float(step), 100], to: cache) }
        #expect(cache.lengths == [70, 70])
        let found = try means(cache)
        #expect(abs(found[0] - 35.5) < 1e-4 && abs(found[1] - 100) < 1e-4)
    }

    @Test("a row that was selected twice is shared until one of the two writes")
    func select() throws {
        let cache = KVCache(shape, rows: 2, capacity: 64, on: backend)
        append([1, 5], to: cache)
        cache.select(rows: [1, 1])
        append([7, 9], to: cache)
        #expect(try means(cache) == [6, 7])
    }

    @Test("a fork goes its own way, and joins again")
    func fork() throws {
        let cache = KVCache(shape, rows: 1, capacity: 128, on: backend)
        append([2], to: cache)
        let other = cache.fork(rows: [0])
        append([4], to: cache)
        append([8], to: other)
        #expect(try means(cache) == [3])
        #expect(try means(other) == [5])
        cache.join(other)
        append([0, 2], to: cache)
        #expect(try means(cache) == [2, 4])
    }

    @Test("truncating forgets the last positions and frees their blocks")
    func truncate() throws {
        let cache = KVCache(shape, rows: 1, capacity: 64, on: backend)
        for step in 1 ... 64 { append([Float(step)], to: cache) }
        cache.truncate(to: 2)
        #expect(cache.lengths == [2])
        append([6], to: cache)
        #expect(try means(cache) == [3])
        #expect(cache.room >= 61)
    }

    @Test("there is room for what `room` says, shared blocks and all")
    func room() {
        let cache = KVCache(shape, rows: 1, capacity: 96, on: backend)
        append([1], to: cache)
        cache.select(rows: [0, 0])
        while cache.room > 0 { append([1, 2], to: cache) }
        #expect(cache.length >= 32)
        #expect(cache.room == 0)
    }

    @Test("blocks come back when a cache is dropped, however its rows were shared")
    func release() {
        let cache = KVCache(shape, rows: 1, capacity: 320, on: backend)
        let room = cache.room
        for _ in 0 ..< 20 {
            append([1], to: cache)
            let fork = cache.fork(rows: [0, 0, 0])
            append([1, 2, 3], to: fork)
            fork.select(rows: [2])
        }
        cache.truncate(to: 0)
        #expect(cache.room == room)
    }
}
