import HayGeneration
import HayTensor
import Hayloft

/// Measures what generation costs beyond one plain text: `GenerationBench [--rounds N] [--tokens N] FOLDER…`.
///
/// For each checkpoint folder: batches and beams against one greedy text, and for a vocabulary of its size the sampler
/// against a step, and where it has a tokenizer, replies that hold to a schema. On the bundled models: prompt lookup where text repeats and where it does not. What is compared takes
/// turns, round by round, and the ratio is the median of the rounds, as other load on the machine comes and goes.
@main
struct GenerationBench {
    static func main() throws {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            print("usage: GenerationBench [--rounds N] [--tokens N] [--bundled FOLDER] FOLDER…")
            return
        }
        let backend = CPUBackend()
        print(backend.name)
        for folder in options.folders {
            let local = try LocalModel(folder: folder, on: backend)
            print("\n\(folder)")
            let step = try StepBenchmark(local: local, options: options).run()
            try FormatBenchmark(local: local, options: options).run(greedyStep: step)
        }
        try LookupBenchmark(options: options, backend: backend).run()
    }
}

/// What the command line asks for.
struct Options {
    var rounds = 5
    var tokens = 64
    var bundled = "Models/Bundled"
    var folders: [String] = []

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--rounds":
                guard let value = rest.popFirst().flatMap(Int.init), value > 0 else { return nil }
                rounds = value
            case "--tokens":
                guard let value = rest.popFirst().flatMap(Int.init), value > 1 else { return nil }
                tokens = value
            case "--bundled":
                guard let value = rest.popFirst() else { return nil }
                bundled = value
            case _ where argument.hasPrefix("-"): return nil
            default: folders.append(argument)
            }
        }
    }
}

/// Seconds that some work takes.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try work()
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
}

/// The middle one.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

extension Double {
    /// Two digits after the point.
    var text: String {
        let scaled = Int((self * 100).rounded())
        let fraction = scaled % 100
        return "\(scaled / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
