import ArgumentParser
import HayGeneration
import HayJSON

/// How a reply is generated, under Hugging Face's names.
struct GenerationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Generation options as a JSON object or a file of one, with Hugging Face's names.", valueName: "file|json"))
    var generationConfig: String?

    @Option(help: ArgumentHelp("The most new tokens (512 where nothing is said).", valueName: "count"))
    var maxNewTokens: Int?

    @Option(help: ArgumentHelp("Sample with this temperature.", valueName: "number"))
    var temperature: Double?

    @Option(help: ArgumentHelp("Sample from this many most likely tokens.", valueName: "count"))
    var topK: Int?

    @Option(
        help: ArgumentHelp(
            "Sample from the most likely tokens that have this probability together.", valueName: "number"))
    var topP: Double?

    @Option(help: ArgumentHelp("The seed of sampling: the same one gives the same text.", valueName: "number"))
    var seed: Int?

    @Option(
        name: .customLong("stop"), help: ArgumentHelp("A text that ends the reply; may be repeated.", valueName: "text")
    )
    var stops: [String] = []

    /// The checkpoint's options, then those of --generation-config, then the flags.
    func config(over defaults: GenerationConfig) throws -> GenerationConfig {
        var config = defaults
        if let generationConfig { try config.set(try GenerationOptions.options(generationConfig)) }
        var flags = JSON.Object()
        if let maxNewTokens { flags.append("max_new_tokens", .int(maxNewTokens)) }
        if let temperature { flags.append("temperature", .double(temperature)) }
        if let topK { flags.append("top_k", .int(topK)) }
        if let topP { flags.append("top_p", .double(topP)) }
        if flags["temperature"] ?? flags["top_k"] ?? flags["top_p"] != nil { flags.append("do_sample", true) }
        if let seed { flags.append("seed", .int(seed)) }
        if !stops.isEmpty { flags.append("stop_strings", .array(stops.map { .string($0) })) }
        try config.set(flags)
        return config
    }

    private static func options(_ argument: String) throws -> JSON.Object {
        let isText = argument.drop { $0 == " " || $0 == "\n" }.hasPrefix("{")
        let source = isText ? "--generation-config" : argument
        do {
            let json = try JSON.parse(isText ? argument : Console.read(argument))
            guard let object = json.object else { throw CommandError("\(source) is \(json.kind), expected an object") }
            return object
        } catch let error as JSONError {
            throw CommandError("\(source) is not JSON: \(error)")
        }
    }
}
