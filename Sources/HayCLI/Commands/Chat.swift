import ArgumentParser
import HayComponents
import HayJSON
import Hayloft

/// `hayloft chat`: a conversation, or one reply to messages of a file.
struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk with a chat model, or answer the messages of a file.",
        discussion: """
            In a conversation: /reset begins anew, /help tells, /quit or Ctrl-D ends.

              hayloft chat --system "Answer in capital letters."
              hayloft chat --messages question.json --tools tools.json --json
              echo '[{"role": "user", "content": "Hello"}]' | hayloft chat --messages -
            """)

    @OptionGroup var setup: ReplySetup

    @Option(help: ArgumentHelp("The system instruction; \\n, \\t and \\\\ as in --stop.", valueName: "text"))
    var system: EscapedText?

    @Option(
        help: ArgumentHelp("A JSON array of tools, each with a JSON schema of its parameters.", valueName: "file|json"))
    var tools: String?

    @Option(
        help: ArgumentHelp(
            "A JSON array of messages: one reply to them, and out; '-' reads it from stdin.", valueName: "file|json"))
    var messages: String?

    @Flag(help: "With --messages: print one JSON object with the reply, token counts and timings.")
    var json = false

    func validate() throws {
        if json, messages == nil { throw ValidationError("--json needs --messages") }
    }

    func run() async throws {
        let tools = try ChatTools(tools)
        let conversation = try messages.map { try read($0) }
        var writer = try setup.writer(bundled: "tiny-zephyr", json: json)
        writer.tellsCalls = true
        let generator = try HuggingFaceLocalChatGenerator(
            model: writer.local.folder, token: nil, generationKwargs: setup.kwargs(for: writer.local),
            environment: Console.environment, logger: setup.logger)
        try generator.warmUp(with: writer.engine)
        let answer = { [writer] (messages: [JSON]) in
            try await writer.write(generator.events(messages, tools: tools.tools, toolSpecs: tools.specs))
        }
        if let conversation {
            _ = try await answer(system(first: conversation))
        } else {
            try await converse(answer)
        }
    }

    /// The messages of a file or a text, at least one. Throws `CommandError`.
    private func read(_ argument: String) throws -> [JSON] {
        let json = try JSONArgument("--messages", argument, readsInput: true)
        let messages = try json.objects()
        guard let first = messages.first else {
            throw CommandError("\(json.source) is an empty array, expected at least one message")
        }
        if system != nil, first["role"] == "system" {
            throw CommandError("\(json.source) begins with a system message; give that or --system")
        }
        return messages
    }

    private func converse(_ answer: @escaping ([JSON]) async throws -> ChatMessage?) async throws {
        setup.options.say("Type a message; /help tells more.")
        var conversation = system(first: [])
        var number = 0
        while let line = try nextLine(&number) {
            switch line {
            case "": continue
            case "/quit", "/exit": return
            case "/help":
                Console.error("/reset begins a new conversation\n/quit ends\nanything else is sent to the model")
            case "/reset": conversation = system(first: [])
            case _ where line.hasPrefix("/"): Console.error("there is no command \(line); /help lists them")
            default:
                conversation.append(["role": "user", "content": .string(line)])
                do {
                    guard let reply = try await answer(conversation) else { continue }
                    conversation.append(try reply.huggingFaceDict())
                } catch {
                    // One message that does not fit ends neither the program nor the conversation.
                    conversation.removeLast()
                    Console.error("hayloft: error: \(error)")
                }
            }
        }
    }

    private func nextLine(_ number: inout Int) throws -> String? {
        guard Console.isTyped else {
            number += 1
            return try Console.readLine(number)
        }
        while true {
            number += 1
            Console.show("> ")
            do { return try Interrupt.whileAsking { try Console.readLine(number) } } catch let error as CommandError {
                Console.error("hayloft: error: \(error)")
            }
        }
    }

    private func system(first messages: [JSON]) -> [JSON] {
        guard let system else { return messages }
        return [["role": "system", "content": .string(system.text)]] + messages
    }
}
