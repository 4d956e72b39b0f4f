import ArgumentParser
import Hayloft

/// `hayloft generate`: completes a prompt, or answers a source text.
struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Complete a prompt, or answer it with an encoder-decoder model.",
        discussion: """
            hayloft generate "Write 42 in words."
            echo "Sort these words: pear apple fig" | hayloft generate -
            hayloft generate --model ./mistral-7b --temperature 0.7 --seed 1 --stop "\\n\\n" "Once upon a time"
            hayloft generate --json-schema '{"enum": ["yes", "no"]}' "Is 7 more than 5?"
            hayloft generate --num-beams 4 --num-return-sequences 2 "Sort these words: pear apple fig"

            A prompt may begin with a dash; one that reads like an option goes behind '--':

            hayloft generate -- --help
            """)

    @OptionGroup var setup: ReplySetup

    @Flag(help: "Print one JSON object with the reply, token counts and timings.")
    var json = false

    @Argument(help: "The prompt; '-' reads it from stdin.")
    var prompt: String

    func run() async throws {
        let text = prompt == "-" ? try Console.readInput().droppingLineEnd() : prompt
        let writer = try setup.writer(bundled: "tiny-flan-t5", json: json)
        let generator = try HuggingFaceLocalGenerator(
            model: writer.local.folder, token: nil, generationKwargs: setup.kwargs(for: writer.local),
            environment: Console.environment, logger: setup.logger)
        generator.warmUp(with: writer.engine)
        try await writer.write(generator.events(text))
    }
}

extension String {
    /// The text without the line end that `echo` and editors leave after it.
    fileprivate func droppingLineEnd() -> String { last == "\n" || last == "\r\n" ? String(dropLast()) : self }
}
