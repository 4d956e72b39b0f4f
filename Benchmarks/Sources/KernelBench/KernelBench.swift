import HayTensor

/// Measures products of 1 to 16 rows with the weights of real models, or attention, or mixtures of experts:
/// `KernelBench [--threads N] [--rounds N] [attention | [experts] ROWS…]`.
///
/// A line is a shape and a type; a count of rows has its time relative to the first count's, the share of the memory's
/// read bandwidth and that of peak f32 arithmetic. Weights come from 256 MB in turn, so that no cache holds them; a time
/// is the best of the rounds, in which the counts take turns, as other load on the machine comes and goes.
@main
struct KernelBench {
    /// The products of one step: inner, outer, and how often a step computes it.
    static let models: [(name: String, products: [(inner: Int, outer: Int, count: Int)])] = [
        (
            "TinyLlama-1.1B",
            [(2048, 2048, 44), (2048, 5632, 44), (5632, 2048, 22), (2048, 256, 44), (2048, 32000, 1)]
        ),
        ("flan-t5-base", [(768, 768, 120), (768, 2048, 24), (2048, 768, 12), (768, 32128, 1)]),
    ]
    static let memoryBytes = 256 << 20
    /// The weights that a time is taken over.
    static let timedBytes = 32 << 20

    static func main() {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            print("usage: KernelBench [--threads N] [--rounds N] [attention | [experts] ROWS…]")
            return
        }
        let backend = CPUBackend(threadCount: options.threads)
        let limits = Limits(of: backend)
        print("\(backend.name): \(limits)")
        if options.isOfAttention {
            AttentionBenchmark(backend: backend, limits: limits, rounds: options.rounds).run()
            return
        }
        if options.isOfExperts {
            ExpertBenchmark(backend: backend, limits: limits, rounds: options.rounds, rows: options.rows).run()
            return
        }
        for dtype in [DType.bf16, .f32] {
            for (name, products) in models {
                var step = [Double](repeating: 0, count: options.rows.count)
                print("\(name) \(dtype)".padded(18), options.rows.map { "\($0) rows".padded(22) }.joined())
                for (inner, outer, count) in products {
                    let seconds = times(inner, outer, dtype, options, on: backend)
                    for index in seconds.indices { step[index] += seconds[index] * Double(count) }
                    let columns = zip(options.rows, seconds).map { rows, time in
                        let bytes = Double(inner * outer * dtype.byteSize),
                            operations = Double(2 * inner * outer * rows)
                        return
                            "\((time / seconds[0]).text)  \(percent(bytes / time / limits.bandwidth)) \(percent(operations / time / limits.peak))"
                            .padded(22)
                    }
                    print("\(inner)x\(outer)".padded(18), columns.joined())
                }
                print(
                    "a step".padded(18),
                    step.map { "\(($0 / step[0]).text)  \(($0 * 1000).text) ms".padded(22) }.joined())
            }
        }
    }

    /// The seconds that each count of rows takes.
    private static func times(
        _ inner: Int, _ outer: Int, _ dtype: DType, _ options: Options, on backend: CPUBackend
    ) -> [Double] {
        let copies = max(1, memoryBytes / (inner * outer * dtype.byteSize))
        let timed = max(1, min(copies, timedBytes / (inner * outer * dtype.byteSize)))
        let values = (0 ..< inner * outer).map { Float(($0 &* 40503) % 4096) / 4096 - 0.5 }
        let weight = Tensor(values, [outer, inner], on: backend)
        let weights = (0 ..< copies).map { _ in weight.copied(to: dtype) }
        let inputs = options.rows.map { Tensor(Array(values.prefix(inner)).repeated($0), [$0, inner], on: backend) }
        var best = [Double](repeating: .infinity, count: inputs.count)
        var next = 0
        for _ in 0 ..< options.rounds {
            for (index, x) in inputs.enumerated() {
                let clock = ContinuousClock()
                let duration = clock.measure {
                    for _ in 0 ..< timed {
                        _ = x.matmul(weights[next])
                        next = (next + 1) % copies
                    }
                }
                best[index] = min(best[index], duration / .seconds(1) / Double(timed))
            }
        }
        return best
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }
}

/// What the command line says.
struct Options {
    var threads: Int?
    var rounds = 10
    var rows: [Int] = []
    var isOfAttention = false
    var isOfExperts = false

    /// Nil when the arguments are something else.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--threads", "--rounds":
                guard let value = rest.popFirst().flatMap({ Int($0) }), 1 ... 1000 ~= value else { return nil }
                if argument == "--threads" { threads = value } else { rounds = value }
            case "attention": isOfAttention = true
            case "experts": isOfExperts = true
            default:
                guard let count = Int(argument), 1 ... 4096 ~= count else { return nil }
                rows.append(count)
            }
        }
        if rows.isEmpty { rows = [1, 2, 4, 8, 16] }
    }
}

/// What the machine gives at most, the best of several moments.
struct Limits: CustomStringConvertible {
    /// Bytes a second.
    var bandwidth = 0.0
    /// Operations of f32 a second.
    var peak = 0.0

    init(of backend: CPUBackend) {
        let memory = Tensor(
            [Float](repeating: 1, count: KernelBench.memoryBytes / 4), [KernelBench.memoryBytes / 4], on: backend)
        let clock = ContinuousClock()
        for _ in 0 ..< 5 {
            let read = clock.measure { _ = backend.readBandwidthProbe(memory) }
            bandwidth = max(bandwidth, Double(memory.byteCount) / (read / .seconds(1)))
            var operations: UInt64 = 0
            let add = clock.measure { operations = backend.arithmeticProbe(steps: 1_000_000) }
            peak = max(peak, Double(operations) / (add / .seconds(1)))
        }
    }

    var description: String { "reads \((bandwidth / 1e9).text) GB/s, computes \((peak / 1e9).text) GFLOP/s" }
}

extension Tensor {
    /// The same numbers in memory of their own.
    fileprivate func copied(to dtype: DType) -> Tensor {
        dtype == self.dtype
            ? self + Tensor([Float](repeating: 0, count: count), shape, on: backend) : converted(to: dtype)
    }
}

extension Array {
    fileprivate func repeated(_ count: Int) -> [Element] { (0 ..< count).flatMap { _ in self } }
}

extension Double {
    /// With two decimals.
    var text: String {
        let hundredths = Int((self * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}

extension String {
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
