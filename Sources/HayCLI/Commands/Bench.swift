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
            integers for int8 and int4 weights and of f32 for others. The likeliest tokens are taken unless sampling is
            asked for here, whatever the model's own options say.

              hayloft bench --model ./TinyLlama-1.1B --dtype bf16 --prompt-tokens 128,512 --roofline
            """)

    @OptionGroup var options: ModelOptions
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var cache: CacheOptions
    @OptionGroup var sampling: SamplingOptions
    // What is measured has flags of its own; scripts may give these, as to generate and chat.
    @OptionGroup(visibility: .hidden) var reply: ReplyOptions

    @Option(help: ArgumentHelp("Lengths of prompts.", valueName: "128,512"))
    var promptTokens: IDList = IDList(ids: [128, 512])

    @Option(help: ArgumentHelp("Tokens to generate after each prompt (64).", valueName: "count"))
    var newTokens: Int?

    @Option(
        help: ArgumentHelp(
            "The length of the source of an encoder-decoder model; stands for --prompt-tokens.", valueName: "count"))
    var sourceTokens: Int32?

    @Option(help: ArgumentHelp("Prompts answered together.", valueName: "count"))
    var batch = 1

    @Option(help: ArgumentHelp("Beams for each prompt (1).", valueName: "count"))
    var beams: Int?

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
        if !(1 ... 64).contains(beamCount) { throw ValidationError("--beams takes 1 to 64") }
        if !(1 ... 1000).contains(repetitions) { throw ValidationError("--repetitions takes 1 to 1000") }
        if !(2 ... 1 << 20).contains(newTokenCount) { throw ValidationError("--new-tokens takes at least 2") }
        if let sourceTokens, sourceTokens < 1 { throw ValidationError("--source-tokens takes a length from 1") }
        if promptTokens.ids.contains(where: { $0 < 1 }) {
            throw ValidationError("--prompt-tokens takes lengths from 1")
        }
    }

    private var newTokenCount: Int { newTokens ?? reply.maxNewTokens ?? 64 }
    private var beamCount: Int { beams ?? reply.numBeams ?? 1 }

    func run() throws {
        #if DEBUG
        throw CommandError("this is a debug build, whose speeds mean nothing; build with 'swift build -c release'")
        #else
        let cpu = compute.makeBackend()
        let backend = CountingBackend(cpu)
        let folder = try options.folder(bundled: "tiny-zephyr")
        let stopwatch = Stopwatch()
        let local = try compute.open(folder, on: backend, options.output)
        let loadSeconds = stopwatch.seconds
        let lengths = sourceTokens.map { [Int($0)] } ?? promptTokens.ids.map(Int.init)
        let longest = (lengths.max() ?? 0) + newTokenCount
        if let contextLength = local.model.contextLength, longest > contextLength {
            throw CommandError("prompt and new tokens are \(longest) together, but the context holds \(contextLength)")
        }
        // The checkpoint's own options would make models differ in what is measured.
        var config = GenerationConfig()
        try config.set(sampling.kwargs(over: GenerationConfig()).dictionary)
        config.decoderStartTokenID = local.generationDefaults.decoderStartTokenID
        config.maxNewTokens = newTokenCount
        config.eosTokenIDs = []
        if beamCount > 1 { config.beamCount = beamCount }
        var benchmark = Benchmark(
            local: local, backend: backend, cpu: cpu, config: config, newTokens: newTokenCount, batch: batch,
            measuresLimits: roofline, weightType: compute.dtype.dtype ?? DType(rawValue: local.storedType) ?? .f32,
            cacheType: cache.cacheType.dtype)
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
            dtype: compute.dtype.dtype?.rawValue ?? local.storedType, loadSeconds: loadSeconds,
            series: benchmark.series)
        print(json ? report.json : csv ? report.csv : markdown ? report.markdown : report.table)
        if let plot { try Console.save(report.svg, to: plot) }
        #endif
    }
}
