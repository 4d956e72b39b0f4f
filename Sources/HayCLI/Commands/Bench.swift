import ArgumentParser
import HayGeneration
import HayTensor
import Hayloft

/// `hayloft bench`: how fast a model is here.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast a model reads and writes on this machine.",
        discussion: """
            With --roofline speeds are also given as a share of what the hardware can do, measured in the same run:
            decoding as a share of read bandwidth, reading the prompt as a share of peak arithmetic, which is that of
            integers for int8 and int4 weights and of f32 for others.

              hayloft bench --model ./TinyLlama-1.1B --dtype bf16 --prompt-tokens 128,512 --roofline
            """)

    @OptionGroup var options: ModelOptions
    @OptionGroup var generation: GenerationOptions

    @Option(help: ArgumentHelp("Lengths of prompts.", valueName: "128,512"))
    var promptTokens: IDList = IDList(ids: [128, 512])

    @Option(help: ArgumentHelp("Tokens to generate after each prompt.", valueName: "count"))
    var newTokens = 64

    @Option(
        help: ArgumentHelp(
            "The length of the source of an encoder-decoder model; stands for --prompt-tokens.", valueName: "count"))
    var sourceTokens: Int32?

    @Option(help: ArgumentHelp("Prompts answered together.", valueName: "count"))
    var batch = 1

    @Option(help: ArgumentHelp("Beams for each prompt.", valueName: "count"))
    var beams = 1

    @Option(help: ArgumentHelp("How often each is measured.", valueName: "count"))
    var repetitions = 5

    @Flag(help: "Measure the memory's bandwidth and the arithmetic's peak too, and give speeds as shares of them.")
    var roofline = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Print comma-separated values.")
    var csv = false

    @Flag(help: "Print a Markdown table.")
    var markdown = false

    @Option(help: ArgumentHelp("Draw the speeds into a file.", valueName: "file.svg"))
    var plot: String?

    func validate() throws {
        if !(1 ... 256).contains(batch) { throw ValidationError("--batch takes 1 to 256") }
        if !(1 ... 64).contains(beams) { throw ValidationError("--beams takes 1 to 64") }
        if !(1 ... 1000).contains(repetitions) { throw ValidationError("--repetitions takes 1 to 1000") }
        if !(2 ... 1 << 20).contains(newTokens) { throw ValidationError("--new-tokens takes at least 2") }
        if let sourceTokens, sourceTokens < 1 { throw ValidationError("--source-tokens takes a length from 1") }
        if promptTokens.ids.contains(where: { $0 < 1 }) {
            throw ValidationError("--prompt-tokens takes lengths from 1")
        }
    }

    func run() throws {
        #if DEBUG
        throw CommandError("this is a debug build, whose speeds mean nothing; build with 'swift build -c release'")
        #else
        let cpu = options.makeBackend()
        let backend = CountingBackend(cpu)
        let folder = try options.folder(bundled: "tiny-zephyr")
        let stopwatch = Stopwatch()
        let local = try options.open(folder, on: backend)
        let loadSeconds = stopwatch.seconds
        let lengths = sourceTokens.map { [Int($0)] } ?? promptTokens.ids.map(Int.init)
        let longest = (lengths.max() ?? 0) + newTokens
        if let contextLength = local.model.contextLength, longest > contextLength {
            throw CommandError("prompt and new tokens are \(longest) together, but the context holds \(contextLength)")
        }
        var config = try generation.config(over: local.generationDefaults)
        config.maxNewTokens = newTokens
        config.eosTokenIDs = []
        if beams > 1 { config.beamCount = beams }
        var benchmark = Benchmark(
            local: local, backend: backend, cpu: cpu, config: config, newTokens: newTokens, batch: batch,
            measuresLimits: roofline, weightType: options.dtype.dtype ?? DType(rawValue: local.storedType) ?? .f32,
            cacheType: options.cacheType.dtype)
        for length in lengths {
            for repetition in 1 ... repetitions {
                if Console.isInteractive {
                    options.say("hayloft: \(length) tokens, run \(repetition) of \(repetitions)")
                }
                try benchmark.run(promptLength: length)
            }
        }
        let report = BenchmarkReport(
            model: options.model ?? "tiny-zephyr", device: cpu.name,
            dtype: options.dtype.dtype?.rawValue ?? local.storedType, loadSeconds: loadSeconds,
            series: benchmark.series)
        print(json ? report.json : csv ? report.csv : markdown ? report.markdown : report.table)
        if let plot { try Console.save(report.svg, to: plot) }
        #endif
    }
}
