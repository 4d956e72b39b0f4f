import ArgumentParser
import HayTokenizer
import Hayloft

/// Which model, and whether anything is said besides results.
struct ModelOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The model: a folder in Hugging Face layout, a Hub name in the local cache, or a bundled model's name.",
            valueName: "folder|name"))
    var model: String?

    @OptionGroup var output: OutputOptions

    /// The model's folder; the bundled one where none was named, which is then said on stderr.
    func folder(bundled: String) throws -> String {
        let locator = ModelOptions.locator
        if let model { return try locator.folder(of: model) }
        let folder = try locator.bundled(bundled)
        say("hayloft: using the bundled model \(bundled); choose another with --model")
        return folder
    }

    /// The tokenizer of a model, without its weights.
    func tokenizer(bundled: String) throws -> Tokenizer { try Tokenizer(folder: folder(bundled: bundled)) }

    /// Writes a line to stderr unless --quiet.
    func say(_ line: String) { output.say(line) }

    static var locator: ModelLocator { ModelLocator(environment: Console.environment) }
}

/// What is said on stderr.
struct OutputOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Say nothing on stderr but errors.")
    var quiet = false

    // Nothing uses the network yet, so this has no effect to tell of.
    @Flag(help: .hidden)
    var offline = false

    /// Writes a line to stderr unless --quiet.
    func say(_ line: String) { if !quiet { Console.error(line) } }
}
