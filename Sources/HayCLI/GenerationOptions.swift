import ArgumentParser
import HayComponents
import HayGeneration
import HayJSON
import Hayloft

/// How tokens are chosen, under Hugging Face's names.
struct SamplingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Generation options as a JSON object or a file of one, with Hugging Face's names.", valueName: "file|json"))
    var generationConfig: String?

    @Option(help: ArgumentHelp("Sample with this temperature; 0 takes the likeliest tokens.", valueName: "number"))
    var temperature: Double?

    @Option(help: ArgumentHelp("Sample from this many most likely tokens; 0 is all.", valueName: "count"))
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

    @Option(help: ArgumentHelp("The seed of sampling: the same one gives the same text.", valueName: "number"))
    var seed: Int?

    func validate() throws {
        try require("temperature", temperature, "0 for the likeliest tokens (greedy search), or a number above it") {
            $0 == 0 || ($0 >= 1e-6 && $0.isFinite)
        }
        try require("top-k", topK, "0 to sample from all tokens, or how many of them") { $0 >= 0 }
        try require("top-p", topP, "a number from 0 to 1; 1 leaves out none") { (0 ... 1).contains($0) }
        try require("min-p", minP, "a number from 0 to 1; 0 leaves out none") { (0 ... 1).contains($0) }
        try require("repetition-penalty", repetitionPenalty, "a number above 0; 1 changes nothing") {
            $0 >= 1e-6 && $0.isFinite
        }
        try require("seed", seed, "an integer of at least 0") { $0 >= 0 }
    }

    /// The options by name: those of --generation-config, then the flags.
    ///
    /// Flags are enough to sample. In --generation-config, as in Hugging Face, only `do_sample` changes whether the
    /// checkpoint does; in a program's options a temperature is enough.
    ///
    /// - Parameter defaults: the checkpoint's own options.
    func kwargs(over defaults: GenerationConfig) throws -> GenerationKwargs {
        var kwargs = GenerationKwargs()
        if let generationConfig {
            kwargs = GenerationKwargs(try JSONArgument("--generation-config", generationConfig).object())
        }
        let flags: [(String, JSON?)] = [
            ("temperature", temperature.map { .double($0) }), ("top_k", topK.map { .int($0) }),
            ("top_p", topP.map { .double($0) }), ("min_p", minP.map { .double($0) }),
        ]
        // Contrastive search has a use of its own for top_k.
        let isContrastive = (kwargs["penalty_alpha"]?.double ?? defaults.contrastivePenalty) != 0
        if flags.contains(where: { $0.1 != nil }) {
            if !isContrastive { kwargs["do_sample"] = .bool(temperature != 0) }
        } else if kwargs["do_sample"] == nil, flags.contains(where: { kwargs[$0.0] != nil }) {
            kwargs["do_sample"] = .bool(defaults.doSample)
        }
        for (name, value) in flags { if let value { kwargs[name] = value } }
        if let repetitionPenalty { kwargs["repetition_penalty"] = .double(repetitionPenalty) }
        if let seed { kwargs["seed"] = .int(seed) }
        return kwargs
    }
}

/// What replies are to be like, under Hugging Face's names.
struct ReplyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The most new tokens (512 where neither this nor the model says).", valueName: "count"))
    var maxNewTokens: Int?

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

    @Option(
        name: .customLong("stop"),
        help: ArgumentHelp(
            "A text that ends the reply; may be repeated. \\n is a line end, \\t a tab, \\\\ a backslash.",
            valueName: "text"))
    var stops: [EscapedText] = []

    func validate() throws {
        for (name, value) in [
            ("max-new-tokens", maxNewTokens), ("num-beams", numBeams), ("num-return-sequences", numReturnSequences),
            ("prompt-lookup-num-tokens", promptLookupNumTokens),
        ] {
            try require(name, value, "a number from 1") { $0 >= 1 }
        }
        if stops.contains(where: \.text.isEmpty) { throw ValidationError("--stop takes a text that is not empty") }
    }

    /// Adds the options by name. Throws `CommandError`.
    func add(to kwargs: inout GenerationKwargs) throws {
        if let maxNewTokens { kwargs["max_new_tokens"] = .int(maxNewTokens) }
        if let numBeams { kwargs["num_beams"] = .int(numBeams) }
        if let numReturnSequences {
            kwargs["num_return_sequences"] = .int(numReturnSequences)
            kwargs.remove("n")
        }
        if let promptLookupNumTokens { kwargs["prompt_lookup_num_tokens"] = .int(promptLookupNumTokens) }
        if !stops.isEmpty { kwargs["stop_strings"] = .array(stops.map { .string($0.text) }) }
        if let jsonSchema {
            let schema = try JSONArgument("--json-schema", jsonSchema).schema()
            kwargs["response_format"] = ["type": "json_schema", "json_schema": ["name": "reply", "schema": schema]]
        }
    }
}

/// Checks the value of a flag. Throws `ValidationError` that says what it takes.
private func require<Value>(
    _ flag: String, _ value: Value?, _ expected: String, where holds: (Value) -> Bool
) throws {
    if let value, !holds(value) { throw ValidationError("--\(flag) is \(value); give \(expected)") }
}

/// A text given as a flag: `\n` in it is a line end, `\t` a tab, `\\` a backslash; other backslashes stand for themselves.
struct EscapedText: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        var text = "", isEscaped = false
        for scalar in argument.unicodeScalars {
            switch (isEscaped, scalar) {
            case (false, "\\"):
                isEscaped = true
                continue
            case (true, "n"): text += "\n"
            case (true, "t"): text += "\t"
            case (true, "\\"): text += "\\"
            case (true, _): text += "\\\(scalar)"
            default: text.unicodeScalars.append(scalar)
            }
            isEscaped = false
        }
        self.text = isEscaped ? text + "\\" : text
    }
}
