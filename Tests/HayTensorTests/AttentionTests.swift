import Testing

@testable import HayTensor

/// Texts in a cache whose blocks lie out of order, and queries that read them.
private struct CachedTexts {
    var lengths: [Int]
    var queries: Int
    var heads: Int
    var kvHeads: Int
    var headSize: Int
    var mask = AttentionMask.causal(window: nil)
    var dtype = DType.f32
    /// The bias tells so many distances apart; none without.
    var radius: Int?
    var softCap: Float?
    var hasSinks = false

    /// The blocks of each text; unused places name block 0.
    var table: [[Int32]] {
        let counts = lengths.map { ($0 + KeyValueBlocks.blockSize - 1) / KeyValueBlocks.blockSize }
        var next = Int32(counts.reduce(0, +))
        return counts.map { count in
            (0 ..< (counts.max() ?? 0)).map { place in
                if place < count { next -= 1 }
                return place < count ? next : 0
            }
        }
    }

    func blocks(on backend: any Backend) -> KeyValueBlocks {
        let table = table, size = KeyValueBlocks.blockSize, count = table.joined().max().map { Int($0) + 1 } ?? 1
        let memory = KeyValueBlocks.memory(
            blockCount: count, kvHeadCount: kvHeads, headSize: headSize, dtype, on: backend)
        let slots = lengths.indices.flatMap { row in
            (0 ..< lengths[row]).map { table[row][$0 / size] * Int32(size) + Int32($0 % size) }
        }
        let blocks = KeyValueBlocks(
            keys: memory.keys, values: memory.values,
            table: Tensor(Array(table.joined()), [table.count, table[0].count], on: backend),
            lengths: Tensor(lengths.map(Int32.init), [lengths.count], on: backend))
        let shape: Shape = [1, slots.count, kvHeads, headSize]
        blocks.store(
            Tensor(random: shape, seed: 1, on: backend), Tensor(random: shape, seed: 2, on: backend),
            slots: Tensor(slots, [slots.count], on: backend))
        return blocks
    }

    func queries(on backend: any Backend) -> Tensor {
        Tensor(random: [lengths.count, queries, heads, headSize], seed: 4, on: backend)
    }

    func attention(on backend: any Backend) -> Tensor { attention(of: queries(on: backend), to: blocks(on: backend)) }

    func attention(of q: Tensor, to blocks: KeyValueBlocks) -> Tensor {
        let bias = radius.map { radius in
            RelativeBias(table: Tensor(random: [heads, 2 * radius + 1], seed: 3, on: q.backend))
        }
        return q.attention(
            to: blocks, mask, scale: 1 / Float(headSize).squareRoot(), bias: bias, softCap: softCap,
            sinks: hasSinks ? Tensor(random: [heads], seed: 5, on: q.backend) : nil)
    }
}

@Suite("Attention")
struct AttentionTests {
    static let shapes = [
        (1, 1, 1), (4, 2, 8), (6, 3, 33), (4, 1, 64), (8, 1, 80), (7, 1, 96), (12, 12, 64), (8, 2, 128), (2, 2, 256),
    ]
    static let lengths = [1, 5, 31, 32, 33, 70, 129]

    @Test("agrees with the scalar reference in all shapes, masks and cache types", arguments: Backends.tested, shapes)
    func reference(backend: CPUBackend, shape: (heads: Int, kvHeads: Int, headSize: Int)) throws {
        for length in Self.lengths {
            for (mask, radius) in [
                (AttentionMask.full, 40), (.causal(window: nil), nil), (.causal(window: 7), 3), (.full, nil),
            ] {
                for dtype in [DType.f32, .bf16, .f16] {
                    let texts = CachedTexts(
                        lengths: [length, max(1, length - 5), 40], queries: min(length, 20, max(1, length - 5)),
                        heads: shape.heads, kvHeads: shape.kvHeads, headSize: shape.headSize, mask: mask, dtype: dtype,
                        radius: radius)
                    let found = try texts.attention(on: backend).array()
                    let expected = try texts.attention(on: Backends.reference).array()
                    // Scores up to 6 in size, summed from up to 256 products in f32, move weights by some 1e-6 of their size.
                    #expect(largestError(found, expected) < 2e-6, "\(texts)")
                }
            }
        }
    }

    @Test("caps scores and counts sinks as the scalar reference does", arguments: Backends.tested, shapes)
    func capsAndSinks(backend: CPUBackend, shape: (heads: Int, kvHeads: Int, headSize: Int)) throws {
        for length in Self.lengths {
            for (mask, radius, softCap, hasSinks) in [
                (AttentionMask.full, nil, 1.5, false), (.causal(window: nil), nil, nil, true),
                (.causal(window: 7), 3, 0.5, true), (.causal(window: nil), nil, 50, false),
            ] as [(AttentionMask, Int?, Float?, Bool)] {
                for dtype in [DType.f32, .bf16, .f16] {
                    let texts = CachedTexts(
                        lengths: [length, max(1, length - 5), 40], queries: min(length, 20, max(1, length - 5)),
                        heads: shape.heads, kvHeads: shape.kvHeads, headSize: shape.headSize, mask: mask, dtype: dtype,
                        radius: radius, softCap: softCap, hasSinks: hasSinks)
                    let found = try texts.attention(on: backend).array()
                    let expected = try texts.attention(on: Backends.reference).array()
                    #expect(largestError(found, expected) < 2e-6, "\(texts)")  // as without
                }
            }
        }
    }

    @Test("two keys, a cap and a sink are weighed by hand", arguments: Backends.tested)
    func capAndSinkByHand(backend: CPUBackend) throws {
        let memory = KeyValueBlocks.memory(blockCount: 1, kvHeadCount: 1, headSize: 2, .f32, on: backend)
        let blocks = KeyValueBlocks(
            keys: memory.keys, values: memory.values, table: Tensor([0] as [Int32], [1, 1], on: backend),
            lengths: Tensor([2] as [Int32], [1], on: backend))
        blocks.store(
            Tensor([1, 0, 0, 2] as [Float], [1, 2, 1, 2], on: backend),
            Tensor([8, 0, 0, 16] as [Float], [1, 2, 1, 2], on: backend),
            slots: Tensor([0, 1] as [Int32], [2], on: backend))
        let q = Tensor([1, 1] as [Float], [1, 1, 1, 2], on: backend)
        // Scores 2 tanh(0.25) and 2 tanh(0.5): 0.4898373 and 0.9242343.
        let capped = try q.attention(to: blocks, .full, scale: 0.5, softCap: 2).array()
        #expect(largestError(capped, [3.144_614_9, 9.710_770_2]) < 2e-6)
        // Scores 0.5 and 1 beside a sink of 2: weights e^0.5 / s and e / s, s = e^0.5 + e + e^2.
        let sink = Tensor([2] as [Float], [1], on: backend)
        let sunk = try q.attention(to: blocks, .full, scale: 0.5, sinks: sink).array()
        #expect(largestError(sunk, [1.121_955_1, 3.699_582_4]) < 2e-6)
        // A sink far above all scores leaves next to nothing, one far below changes nothing.
        let far = Tensor([500] as [Float], [1], on: backend), low = Tensor([-500] as [Float], [1], on: backend)
        #expect(try q.attention(to: blocks, .full, scale: 0.5, sinks: far).array().allSatisfy { abs($0) < 1e-30 })
        let plain = try q.attention(to: blocks, .full, scale: 0.5).array()
        #expect(try q.attention(to: blocks, .full, scale: 0.5, sinks: low).array() == plain)
    }

    @Test("two keys are weighed by hand", arguments: Backends.tested, [DType.f32, .bf16, .f16])
    func byHand(backend: CPUBackend, dtype: DType) throws {
        let memory = KeyValueBlocks.memory(blockCount: 1, kvHeadCount: 1, headSize: 2, dtype, on: backend)
        let blocks = KeyValueBlocks(
            keys: memory.keys, values: memory.values, table: Tensor([0] as [Int32], [1, 1], on: backend),
            lengths: Tensor([2] as [Int32], [1], on: backend))
        blocks.store(
            Tensor([1, 0, 0, 2] as [Float], [1, 2, 1, 2], on: backend),
            Tensor([8, 0, 0, 16] as [Float], [1, 2, 1, 2], on: backend),
            slots: Tensor([0, 1] as [Int32], [2], on: backend))
        let q = Tensor([1, 1] as [Float], [1, 1, 1, 2], on: backend)
        // Scores 0.5 and 1: weights 1 / (1 + e^0.5) and e^0.5 / (1 + e^0.5).
        let found = try q.attention(to: blocks, .full, scale: 0.5).array()
        #expect(largestError(found, [3.020_325_4, 9.959_349]) < 2e-6)  // a few roundings of numbers below 16
    }

    @Test(
        "a query has the same bits alone, among others of its text, as a lane and in a batch",
        arguments: Backends.tested,
        [DType.f32, .bf16, .f16])
    func alone(backend: CPUBackend, dtype: DType) throws {
        for (heads, kvHeads, headSize) in [(12, 12, 64), (8, 1, 64), (8, 2, 128), (7, 1, 33), (2, 1, 80)] {
            for (softCap, hasSinks) in [(nil, false), (2, true)] as [(Float?, Bool)] {
                let texts = CachedTexts(
                    lengths: [75], queries: 40, heads: heads, kvHeads: kvHeads, headSize: headSize, dtype: dtype,
                    radius: 9, softCap: softCap, hasSinks: hasSinks)
                let together = try texts.attention(on: backend).array().map(\.bitPattern)
                let blocks = texts.blocks(on: backend), size = heads * headSize
                // Lanes of the text: each sees it up to its own position.
                let table = Array(repeating: texts.table[0], count: 40)
                let lanes = KeyValueBlocks(
                    keys: blocks.keys, values: blocks.values,
                    table: Tensor(Array(table.joined()), [40, table[0].count], on: backend),
                    lengths: Tensor((36 ... 75).map { Int32($0) }, [40], on: backend))
                let q = texts.queries(on: backend).reshaped([40, 1, heads, headSize])
                let asLanes = try texts.attention(of: q, to: lanes).array().map(\.bitPattern)
                #expect(asLanes == together, "lanes of \(texts)")
                for row in [0, 1, 17, 39] {
                    let one = KeyValueBlocks(
                        keys: blocks.keys, values: blocks.values, table: blocks.table,
                        lengths: Tensor([Int32(36 + row)], [1], on: backend))
                    let found = try texts.attention(of: q[row ..< row + 1], to: one).array().map(\.bitPattern)
                    #expect(found == Array(together[row * size ..< (row + 1) * size]), "row \(row) of \(texts)")
                }
            }
        }
    }

    @Test("memory that no text has written to is not read", arguments: Backends.tested, [DType.f32, .f16])
    func strangeMemory(backend: CPUBackend, dtype: DType) throws {
        let memory = KeyValueBlocks.memory(blockCount: 2, kvHeadCount: 1, headSize: 16, dtype, on: backend)
        let all = Tensor((0 ..< 64).map { Int32($0) }, [64], on: backend)
        let nan = Tensor([Float](repeating: .nan, count: 64 * 16), [1, 64, 1, 16], on: backend)
        let blocks = KeyValueBlocks(
            keys: memory.keys, values: memory.values, table: Tensor([0, 1] as [Int32], [1, 2], on: backend),
            lengths: Tensor([37] as [Int32], [1], on: backend))
        blocks.store(nan, nan, slots: all)
        let x = Tensor(random: [1, 37, 1, 16], seed: 1, on: backend)
        blocks.store(x, x, slots: all)
        for queries in [1, 37] {
            let q = Tensor(random: [1, queries, 2, 16], seed: 2, on: backend)
            #expect(try q.attention(to: blocks, .causal(window: nil), scale: 1).array().allSatisfy(\.isFinite))
        }
    }

    @Test("in f16 a number beyond the largest is stored as the largest, and NaN stays NaN", arguments: Backends.tested)
    func clamping(backend: CPUBackend) throws {
        for headSize in [4, 9, 16] {
            let memory = KeyValueBlocks.memory(blockCount: 1, kvHeadCount: 1, headSize: headSize, .f16, on: backend)
            let blocks = KeyValueBlocks(
                keys: memory.keys, values: memory.values, table: Tensor([0] as [Int32], [1, 1], on: backend),
                lengths: Tensor([1] as [Int32], [1], on: backend))
            let x: [Float] = [1e9, -1e9, .infinity, 65_519] + [Float](repeating: 0.5, count: headSize - 4)
            let values = Tensor(x, [1, 1, 1, headSize], on: backend)
            blocks.store(values, values, slots: Tensor([0] as [Int32], [1], on: backend))
            let q = Tensor([Float](repeating: 0, count: headSize), [1, 1, 1, headSize], on: backend)
            let found = try q.attention(to: blocks, .full, scale: 1).array()
            #expect(found == [65504, -65504, 65504, 65504] + [Float](repeating: 0.5, count: headSize - 4))
            let nan = Tensor([Float](repeating: .nan, count: headSize), [1, 1, 1, headSize], on: backend)
            blocks.store(values, nan, slots: Tensor([0] as [Int32], [1], on: backend))
            #expect(try q.attention(to: blocks, .full, scale: 1).array().allSatisfy(\.isNaN))
        }
    }

    @Test("one, two and five threads compute the same bits", arguments: CPUBackend.InstructionSet.available)
    func threads(set: CPUBackend.InstructionSet) throws {
        let texts = CachedTexts(lengths: [100, 60], queries: 50, heads: 6, kvHeads: 2, headSize: 64, dtype: .f16)
        let results = try [1, 2, 5].map { count in
            try texts.attention(on: CPUBackend(threadCount: count, instructionSet: set)).array()
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }
}
