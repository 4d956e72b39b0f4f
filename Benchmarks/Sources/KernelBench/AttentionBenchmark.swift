import HayTensor

/// Measures attention in the shapes of real models: writing, as the rate at which it reads the cache and the share of the
/// memory's bandwidth that this is; reading a prompt, as a share of peak f32 arithmetic.
struct AttentionBenchmark {
    /// Heads as a model has them; a radius where its scores have a bias.
    struct Heads {
        let name: String
        let count, kvCount, size: Int
        var radius: Int?
    }

    static let models = [
        Heads(name: "flan-t5-base", count: 12, kvCount: 12, size: 64, radius: 128),
        Heads(name: "TinyLlama-1.1B", count: 32, kvCount: 4, size: 64),
        Heads(name: "zephyr-7b", count: 32, kvCount: 8, size: 128),
    ]

    let backend: CPUBackend
    let limits: Limits
    let rounds: Int

    /// Prints a line for each model and type.
    func run() {
        for dtype in [DType.f16, .f32] {
            for heads in AttentionBenchmark.models {
                let writing = [128, 2000].map { depth in
                    let bytes = Double(2 * depth * heads.kvCount * heads.size * dtype.byteSize)
                    let rate = bytes / writingSeconds(heads, dtype, depth: depth)
                    return "write after \(depth): \((rate / 1e9).text) GB/s \(percent(rate / limits.bandwidth))"
                }
                let reading = [(512, 512), (64, 2048)].map { queries, depth in
                    let seen = heads.radius == nil ? Double(depth) - Double(queries - 1) / 2 : Double(depth)
                    let operations = 4 * Double(queries) * seen * Double(heads.count * heads.size)
                    let rate = operations / readingSeconds(heads, dtype, queries: queries, depth: depth)
                    return "read \(queries) of \(depth): \(percent(rate / limits.peak))"
                }
                print("\(heads.name) \(dtype)".padded(20), (writing + reading).map { $0.padded(36) }.joined())
            }
        }
    }

    /// One query each for caches that no cache of the processor holds together.
    private func writingSeconds(_ heads: Heads, _ dtype: DType, depth: Int) -> Double {
        let bytes = 2 * depth * heads.kvCount * heads.size * dtype.byteSize
        let copies = (0 ..< max(1, KernelBench.memoryBytes / bytes)).map { _ in cache(heads, dtype, depth: depth) }
        let q = Tensor(values(heads.count * heads.size), [1, 1, heads.count, heads.size], on: backend)
        let seconds = best {
            for blocks in copies { _ = attention(q, blocks, heads) }
        }
        return seconds / Double(copies.count)
    }

    private func readingSeconds(_ heads: Heads, _ dtype: DType, queries: Int, depth: Int) -> Double {
        let blocks = cache(heads, dtype, depth: depth)
        let shape: Shape = [1, queries, heads.count, heads.size]
        let q = Tensor(values(shape.count), shape, on: backend)
        return best { _ = attention(q, blocks, heads) }
    }

    private func attention(_ q: Tensor, _ blocks: KeyValueBlocks, _ heads: Heads) -> Tensor {
        let bias = heads.radius.map { radius in
            RelativeBias(
                table: Tensor(values(heads.count * (2 * radius + 1)), [heads.count, 2 * radius + 1], on: backend))
        }
        return q.attention(to: blocks, bias == nil ? .causal(window: nil) : .full, scale: 0.125, bias: bias)
    }

    private func cache(_ heads: Heads, _ dtype: DType, depth: Int) -> KeyValueBlocks {
        let count = (depth + KeyValueBlocks.blockSize - 1) / KeyValueBlocks.blockSize
        let memory = KeyValueBlocks.memory(
            blockCount: count, kvHeadCount: heads.kvCount, headSize: heads.size, dtype, on: backend)
        let blocks = KeyValueBlocks(
            keys: memory.keys, values: memory.values,
            table: Tensor((0 ..< Int32(count)).map { $0 }, [1, count], on: backend),
            lengths: Tensor([Int32(depth)], [1], on: backend))
        let shape: Shape = [1, depth, heads.kvCount, heads.size]
        let x = Tensor(values(shape.count), shape, on: backend)
        blocks.store(x, x, slots: Tensor((0 ..< Int32(depth)).map { $0 }, [depth], on: backend))
        return blocks
    }

    private func values(_ count: Int) -> [Float] { (0 ..< count).map { Float(($0 &* 40503) % 4096) / 4096 - 0.5 } }

    private func best(_ work: () -> Void) -> Double {
        let clock = ContinuousClock()
        return (0 ..< rounds).map { _ in clock.measure(work) / .seconds(1) }.min() ?? 0
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }
}
