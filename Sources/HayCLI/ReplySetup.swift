import ArgumentParser
import HayComponents
import HayGeneration
import Hayloft
import Logging

/// Everything that `generate` and `chat` need to load a model for replies.
struct ReplySetup: ParsableArguments {
    @OptionGroup var options: ModelOptions
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var cache: CacheOptions
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var reply: ReplyOptions

    /// Opens the model, and the one that guesses ahead for it.
    func writer(bundled: String, json: Bool) throws -> ReplyWriter {
        let folder = try options.folder(bundled: bundled)
        let stopwatch = Stopwatch()
        let backend = compute.makeBackend()
        let local = try compute.open(folder, on: backend, options.output)
        if !local.defaults.unsupported.isEmpty {
            let names = local.defaults.unsupported.joined(separator: ", ")
            options.say("hayloft: warning: generation_config.json sets options that are not supported: \(names)")
        }
        if let warning = local.defaults.warning { options.say("hayloft: warning: \(warning)") }
        var engine = Engine.Options()
        engine.scheduler.cacheType = cache.cacheType.dtype
        let assistant = try reply.assistantModel.map {
            try compute.open(ModelOptions.locator.folder(of: $0), on: backend, options.output)
        }
        return ReplyWriter(
            engine: try TextEngine(local, engine, assistant: assistant), modelName: options.model ?? bundled,
            dtype: compute.dtype.dtype?.rawValue ?? local.storedType, loadSeconds: stopwatch.seconds, json: json,
            isQuiet: options.output.quiet)
    }

    /// The options of a call, by name. Throws `CommandError`.
    func kwargs(for local: LocalModel) throws -> GenerationKwargs {
        var kwargs = try sampling.kwargs(over: local.generationDefaults)
        try reply.add(to: &kwargs)
        return kwargs
    }

    /// Takes the warnings of generators.
    var logger: Logger {
        let output = options.output
        return Logger(label: "hayloft") { _ in ConsoleLog(output: output) }
    }
}
