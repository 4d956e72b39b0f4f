import ArgumentParser
import HayTensor
import Hayloft

/// What computes, and with which weights.
struct ComputeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What computes: auto or cpu.", valueName: "device"))
    var device: Device = .auto

    @Option(
        help: ArgumentHelp(
            "The weights' type in memory: auto (the checkpoint's), f32, bf16, f16, int8 or int4.", valueName: "type"))
    var dtype: WeightType = .auto

    @Option(
        help: ArgumentHelp("How many threads compute; by default all processors that may be used.", valueName: "count"))
    var threads: Int?

    @Flag(name: [.short, .long], help: "Say more on stderr.")
    var verbose = false

    enum Device: String, ExpressibleByArgument, CaseIterable { case auto, cpu }

    enum WeightType: String, ExpressibleByArgument, CaseIterable {
        case auto, f32, bf16, f16, int8, int4

        var dtype: DType? { DType(rawValue: rawValue) }

        /// What is done with weights of another type: "Quantizing to int4".
        var verb: String {
            guard let dtype else { return "Loading" }
            return "\(dtype.isInBlocks ? "Quantizing" : "Converting") to \(rawValue)"
        }
    }

    func validate() throws {
        if let threads, !(1 ... 256).contains(threads) {
            throw ValidationError("--threads takes a number from 1 to 256, not \(threads)")
        }
    }

    /// The processor with the threads that were asked for.
    func makeBackend() -> CPUBackend { CPUBackend(threadCount: threads) }

    /// Opens a folder, telling what it takes when asked to.
    ///
    /// - Parameter staysInFiles: for commands that look at weights and compute nothing with them.
    func open(
        _ folder: String, on backend: any Backend, _ output: OutputOptions, staysInFiles: Bool = false
    ) throws -> LocalModel {
        let stopwatch = Stopwatch()
        let bar = ProgressBar(dtype.verb, isQuiet: output.quiet)
        defer { bar.clear() }
        let local = try LocalModel(folder: folder, on: backend, dtype: dtype.dtype, staysInFiles: staysInFiles) {
            bar.show($0.done, of: $0.total)
        }
        bar.clear()
        if let leftAside = local.leftAside { output.say("hayloft: \(leftAside)") }
        if verbose {
            output.say("hayloft: \(folder) on \(backend.name), loaded in \(format(stopwatch.seconds, 3)) s")
            let unused = local.leftAside == nil ? local.checkpoint.unrequested : []
            if !unused.isEmpty {
                output.say("hayloft: tensors that the model does not use: \(unused.joined(separator: ", "))")
            }
        }
        return local
    }
}

/// The type of cached keys and values.
struct CacheOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The type of cached keys and values: auto (f16 where weights are narrower than f32), f32, f16 or bf16.",
            valueName: "type"))
    var cacheType: CacheType = .auto

    enum CacheType: String, ExpressibleByArgument, CaseIterable {
        case auto, f32, f16, bf16

        var dtype: DType? { DType(rawValue: rawValue) }
    }
}

/// A number with so many digits after the point.
func format(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0 ..< digits { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    if digits == 0 { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int(scale))
    return "\(sign)\(scaled / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
}
