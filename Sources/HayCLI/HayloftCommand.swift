import ArgumentParser

/// The `hayloft` command.
@main
struct HayloftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hayloft",
        abstract: "Runs language models on this machine.",
        discussion: """
            Models are folders in Hugging Face layout, used as they are. Without --model a small bundled model answers:

              hayloft generate "Write 42 in words."
              hayloft chat
              hayloft generate --model ./flan-t5-base "translate English to German: Good morning."
              hayloft bench --model ./TinyLlama-1.1B --dtype bf16 --roofline

            Results go to stdout, everything else to stderr. Exit status: 0 done, 1 it failed, 2 wrong usage,
            130 stopped by Ctrl-C.
            """,
        version: "hayloft 0.1.0",
        subcommands: [
            Generate.self, Chat.self, Tokenize.self, Detokenize.self, TemplateCommand.self, Logits.self, Verify.self,
            Bench.self, Info.self,
            Quantize.self,
        ])

    /// A message without line ends and terminal escapes: names out of files may hold them.
    private static func oneLine(_ message: String) -> String {
        String(String.UnicodeScalarView(message.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }

    /// What was given on the command line.
    ///
    /// Throws `CommandError` for what is not UTF-8: Swift's own list would hold replacement characters for it.
    private static func arguments() throws -> [String] {
        let arguments = try (1 ..< max(1, Int(CommandLine.argc))).map { place in
            guard let bytes = CommandLine.unsafeArgv[place], let text = String(validatingCString: bytes) else {
                throw CommandError("argument \(place) is not UTF-8")
            }
            return text
        }
        guard let name = arguments.first,
            let command = configuration.subcommands.first(where: { $0._commandName == name })
        else { return arguments }
        let rest = Array(arguments.dropFirst())
        return [name] + DashedArguments.rewritten(rest, for: command, takesText: command == Generate.self)
    }

    /// Runs a subcommand and ends the process with the status that its outcome has.
    static func main() async {
        Interrupt.install()
        do {
            var command = try parseAsRoot(arguments())
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Console.end(0)
        } catch {
            let code = exitCode(for: error)
            switch code {
            case .success:
                print(fullMessage(for: error))
                Console.end(0)
            case .validationFailure:
                let message = fullMessage(for: error)
                let takesPrompt = CommandLine.arguments.dropFirst().first == "generate"
                let hint = "\nPut '--' before a prompt that reads like an option."
                Console.error(takesPrompt && message.contains("Unknown option") ? message + hint : message)
                Console.end(2)
            default:
                if !(error is ExitCode) { Console.error("hayloft: error: \(oneLine("\(error)"))") }
                Console.end(code.rawValue == 0 ? 1 : code.rawValue)
            }
        }
    }
}
