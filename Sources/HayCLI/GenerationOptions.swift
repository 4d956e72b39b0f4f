import ArgumentParser
import HayGeneration
import HayJSON
import Hayloft

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

    @Option(
        help: ArgumentHelp("Sample from tokens at least this share as likely as the likeliest.", valueName: "number"))
    var minP: Double?

    @Option(help: ArgumentHelp("Above 1: makes tokens that were used already less likely.", valueName: "number"))
    var repetitionPenalty: Double?

    @Option(help: ArgumentHelp("Search with this many beams.", valueName: "count"))
    var numBeams: Int?

    @Option(help: ArgumentHelp("Give this many replies: sampled ones, or the best beams.", valueName: "count"))
    var numReturnSequences: Int?

    @Option(
        help: ArgumentHelp(
            "Guess up to this many tokens ahead from the text itself; the reply stays the same.", valueName: "count"))
    var promptLookupNumTokens: Int?

    @Option(
        help: ArgumentHelp(
            "A smaller model of the same vocabulary that guesses ahead; the reply stays the same.",
            valueName: "folder|name"))
    var assistantModel: String?

    @Option(
        help: ArgumentHelp(
            "Hold the reply to a JSON schema, given as JSON or a file of it; '{}' is any JSON.", valueName: "file|json")
    )
    var jsonSchema: String?

    @Option(help: ArgumentHelp("The seed of sampling: the same one gives the same text.", valueName: "number"))
    var seed: Int?

    @Option(
        name: .customLong("stop"), help: ArgumentHelp("A text that ends the reply; may be repeated.", valueName: "text")
    )
    var stops: [String] = []

    /// The checkpoint's options, then those of --generation-config, then the flags.
    func config(over defaults: GenerationConfig) throws -> GenerationConfig {
        var config = defaults
        if let generationConfig {
            try config.set(GenerationOptions.object(generationConfig, of: "--generation-config"))
        }
        var flags = JSON.Object()
        if let maxNewTokens { flags.append("max_new_tokens", .int(maxNewTokens)) }
        if let temperature { flags.append("temperature", .double(temperature)) }
        if let topK { flags.append("top_k", .int(topK)) }
        if let topP { flags.append("top_p", .double(topP)) }
        if let minP { flags.append("min_p", .double(minP)) }
        // Contrastive search has a use of its own for top_k.
        let samples = ["temperature", "top_k", "top_p", "min_p"].contains { flags[$0] != nil }
        if samples, config.contrastivePenalty == 0 { flags.append("do_sample", true) }
        if let repetitionPenalty { flags.append("repetition_penalty", .double(repetitionPenalty)) }
        if let numBeams { flags.append("num_beams", .int(numBeams)) }
        if let numReturnSequences { flags.append("num_return_sequences", .int(numReturnSequences)) }
        if let promptLookupNumTokens { flags.append("prompt_lookup_num_tokens", .int(promptLookupNumTokens)) }
        if let seed { flags.append("seed", .int(seed)) }
        if !stops.isEmpty { flags.append("stop_strings", .array(stops.map { .string($0) })) }
        try config.set(flags)
        return config
    }

    /// What the reply is held to.
    func format() throws -> ResponseFormat? {
        try jsonSchema.map { .jsonSchema(.object(try GenerationOptions.object($0, of: "--json-schema"))) }
    }

    /// A flag's value that is a JSON object, or a file of one.
    private static func object(_ argument: String, of flag: String) throws -> JSON.Object {
        let isText = argument.drop { $0 == " " || $0 == "\n" }.hasPrefix("{")
        let source = isText ? flag : argument
        do {
            let json = try JSON.parse(isText ? argument : Console.read(argument))
            guard let object = json.object else { throw CommandError("\(source) is \(json.kind), expected an object") }
            return object
        } catch let error as JSONError {
            throw CommandError("\(source) is not JSON: \(error)")
        }
    }
}
