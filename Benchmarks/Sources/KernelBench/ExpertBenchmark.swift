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
        for sizes in ExpertBenchmark.models {
            for dtype in [DType.bf16, .int8, .int4] {
                let layer = Layer(sizes, dtype, on: backend)
                let columns = rows.map { rows in
                    let time = best(layer, rows: rows)
                    let operations = Double(6 * sizes.hidden * sizes.inner * sizes.chosen * rows)
                    let rate = time.bytes / time.seconds
                    return
                        "\(rows) rows: \((time.seconds * 1e3).text) ms \((rate / 1e9).text) GB/s \(percent(rate / time.bandwidth)) \(percent(operations / time.seconds / limits.peak))"
                        .padded(44)
                }
                print("\(sizes.name) \(dtype)".padded(20), columns.joined())
            }
        }
    }

    /// The seconds of a step and the bytes of the weights that it reads, averaged over steps that choose all experts in
    /// turn, so that no cache holds those of the next one; and the bytes a second that memory gives meanwhile.
    private func best(_ layer: Layer, rows: Int) -> (seconds: Double, bytes: Double, bandwidth: Double) {
        let sizes = layer.sizes, steps = max(4, sizes.experts / sizes.chosen)
        let routings = (0 ..< steps).map { layer.routing(step: $0, rows: rows) }
        let bytes = routings.reduce(0) { $0 + layer.bytes(of: $1.experts) }
        let x = Tensor(values(rows * sizes.hidden), [rows, sizes.hidden], on: backend)
        // Each step for itself and parts of memory about as large, as other load on the machine comes and goes.
        var seconds = [Double](repeating: .infinity, count: steps), reading = Double.infinity
        let count = max(1, min(sizes.experts, KernelBench.timedBytes * sizes.experts / layer.gate.byteCount))
        let part = layer.gate[0 ..< count]
        var first = 0
        let clock = ContinuousClock()
        for _ in 0 ..< rounds {
            for (index, routing) in routings.enumerated() {
                let step = clock.measure { _ = layer(x, routing.tensors) }
                seconds[index] = min(seconds[index], step / .seconds(1))
                first = first + 2 * count > sizes.experts ? 0 : first + count
                let read = clock.measure { _ = backend.readBandwidthProbe(layer.gate[first ..< first + count]) }
                reading = min(reading, read / .seconds(1))
            }
        }
        return (seconds.reduce(0, +) / Double(steps), bytes / Double(steps), Double(part.byteCount) / reading)
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

private func values(_ count: Int) -> [Float] { (0 ..< count).map { Float(($0 &* 40503) % 4096) / 4096 - 0.5 } }
