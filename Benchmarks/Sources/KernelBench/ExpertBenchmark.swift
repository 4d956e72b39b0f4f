import HayTensor

/// Measures a layer of experts in the shapes of real models: the time of a step, the rate at which it reads the weights of
/// the experts that were chosen as a share of the memory's bandwidth, and its arithmetic as a share of peak f32.
struct ExpertBenchmark {
    /// The sizes of a layer: hidden and inner values, experts, and how many of them a row is sent to.
    struct Sizes {
        let name: String
        let hidden, inner, experts, chosen: Int
    }

    static let models = [
        Sizes(name: "Qwen3-30B-A3B", hidden: 2048, inner: 768, experts: 128, chosen: 8),
        Sizes(name: "gpt-oss-20b", hidden: 2880, inner: 2880, experts: 32, chosen: 4),
    ]

    let backend: CPUBackend
    let limits: Limits
    let rounds: Int
    let rows: [Int]

    /// Prints a line for each model and type.
    func run() {
        var memory = Memory(on: backend)
        for sizes in ExpertBenchmark.models {
            for dtype in [DType.bf16, .int8, .int4] {
                let layer = Layer(sizes, dtype, on: backend)
                let columns = rows.map { rows in
                    let time = time(layer, rows: rows, &memory)
                    let operations = Double(6 * sizes.hidden * sizes.inner * sizes.chosen * rows)
                    return
                        "\(rows) rows: \((time.seconds * 1e3).text) ms \((time.rate / 1e9).text) GB/s \(percent(time.share)) \(percent(operations / time.seconds / limits.peak))"
                        .padded(44)
                }
                print("\(sizes.name) \(dtype)".padded(20), columns.joined())
            }
        }
    }

    /// The seconds of a step, the bytes a second that it reads of weights, and the share of the bandwidth that this is.
    ///
    /// Steps choose all experts in turn, so that no cache holds those of the next one. Memory is read before and after
    /// each, as the bandwidth of a machine that is shared changes from moment to moment: the share is the median of those
    /// of all steps, the seconds are the mean of the best of each.
    private func time(_ layer: Layer, rows: Int, _ memory: inout Memory) -> (
        seconds: Double, rate: Double, share: Double
    ) {
        let sizes = layer.sizes, steps = max(4, sizes.experts / sizes.chosen)
        let routings = (0 ..< steps).map { layer.routing(step: $0, rows: rows) }
        let bytes = routings.map { layer.bytes(of: $0.experts) }
        let x = Tensor(values(rows * sizes.hidden), [rows, sizes.hidden], on: backend)
        var best = [Double](repeating: .infinity, count: steps), shares: [Double] = []
        var before = memory.bandwidth(on: backend)
        for _ in 0 ..< rounds {
            for (index, routing) in routings.enumerated() {
                let seconds = ContinuousClock().measure { _ = layer(x, routing.tensors) } / .seconds(1)
                let after = memory.bandwidth(on: backend)
                best[index] = min(best[index], seconds)
                shares.append(bytes[index] / seconds / ((before + after) / 2))
                before = after
            }
        }
        let seconds = best.reduce(0, +)
        return (seconds / Double(steps), bytes.reduce(0, +) / seconds, shares.sorted()[shares.count / 2])
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }
}

/// A router and its experts. All experts have the same numbers, in memory of their own.
private struct Layer {
    let sizes: ExpertBenchmark.Sizes
    let router, gate, up, down: Tensor
    private let order: [Int32]

    init(_ sizes: ExpertBenchmark.Sizes, _ dtype: DType, on backend: CPUBackend) {
        func stack(_ outer: Int, _ inner: Int) -> Tensor {
            let one = Tensor(values(outer * inner), [outer, inner], on: backend)
            let stack = Tensor(uninitialized: [sizes.experts, outer, inner], dtype, on: backend)
            stack[0].fill(from: one)
            for index in 1 ..< sizes.experts { stack[index].fill(from: stack[0]) }
            return stack
        }
        self.sizes = sizes
        router = Tensor(values(sizes.experts * sizes.hidden), [sizes.experts, sizes.hidden], on: backend)
            .converted(to: .bf16)
        (gate, up) = (stack(sizes.inner, sizes.hidden), stack(sizes.inner, sizes.hidden))
        down = stack(sizes.hidden, sizes.inner)
        // A fixed order in which neighbours are far apart.
        order = (0 ..< Int32(sizes.experts)).sorted { ($0 &* 40503) & 127 < ($1 &* 40503) & 127 }
    }

    /// The experts of each row in a step: all of them in turn for the first row, any for the others.
    func routing(step: Int, rows: Int) -> (experts: Set<Int32>, tensors: ExpertRouting) {
        let experts = (0 ..< rows).flatMap { row in
            (0 ..< sizes.chosen).map { order[((step + row * row) * sizes.chosen + $0 * (1 + row % 3)) % sizes.experts] }
        }
        let shape: Shape = [rows, sizes.chosen]
        let weights = [Float](repeating: 1 / Float(sizes.chosen), count: shape.count)
        let tensors = ExpertRouting(
            experts: Tensor(experts, shape, on: router.backend), weights: Tensor(weights, shape, on: router.backend),
            expertCount: sizes.experts)
        return (Set(experts), tensors)
    }

    /// The bytes of the router's and these experts' weights.
    func bytes(of experts: Set<Int32>) -> Double {
        let all = gate.byteCount + up.byteCount + down.byteCount
        return Double(router.byteCount + all / sizes.experts * experts.count)
    }

    /// The router chooses, and then experts that are given compute.
    func callAsFunction(_ x: Tensor, _ routing: ExpertRouting) -> Tensor {
        _ = x.matmul(router).routed(to: sizes.chosen, .softmax, normalizes: true)
        let (g, u) = x.expertMatmul((gate, up), routing)
        return g.gated(.silu, u).expertMatmul(down, routing).expertSum(routing, shape: x.shape, adding: x)
    }
}

/// Memory that is read piece by piece, so that no piece is in a cache.
private struct Memory {
    private static let pieces = 16
    private let memory: Tensor
    private var next = 0

    init(on backend: CPUBackend) {
        let shape: Shape = [Memory.pieces, KernelBench.timedBytes / 4]
        memory = Tensor([Float](repeating: 1, count: shape.count), shape, on: backend)
    }

    /// The bytes a second at which the next piece is read.
    mutating func bandwidth(on backend: CPUBackend) -> Double {
        let piece = memory[next]
        next = (next + 1) % Memory.pieces
        let duration = ContinuousClock().measure { _ = backend.readBandwidthProbe(piece) }
        return Double(piece.byteCount) / (duration / .seconds(1))
    }
}

private func values(_ count: Int) -> [Float] { (0 ..< count).map { Float(($0 &* 40503) % 4096) / 4096 - 0.5 } }
