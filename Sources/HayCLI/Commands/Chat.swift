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
            """)

    @OptionGroup var options: ModelOptions
    @OptionGroup var generation: GenerationOptions

    @Option(help: ArgumentHelp("The system instruction.", valueName: "text"))
    var system: String?

    @Option(help: ArgumentHelp("A JSON array of tools, each with a JSON schema of its parameters.", valueName: "file"))
    var tools: String?

    @Option(help: ArgumentHelp("A JSON array of messages: one reply to them, and out.", valueName: "file"))
    var messages: String?

    @Flag(help: "With --messages: print one JSON object with the reply, token counts and timings.")
    var json = false

    func validate() throws {
        if json, messages == nil { throw ValidationError("--json needs --messages") }
    }

    func run() async throws {
        let writer = try options.replyWriter(bundled: "tiny-zephyr", assistant: generation.assistantModel, json: json)
        let tools = try tools.map { JSON.array(try array($0)) }
        let prompt = try ChatPrompt(writer.engine.tokenizer, folder: writer.local.folder)
        if let messages {
            let conversation = try array(messages)
            if system != nil, conversation.first?["role"] == "system" {
                throw CommandError("\(messages) begins with a system message; give that or --system")
            }
            _ = try await reply(to: system(first: conversation), tools, prompt, writer)
        } else {
            try await converse(tools, prompt, writer)
        }
    }

    private func converse(_ tools: JSON?, _ prompt: ChatPrompt, _ writer: ReplyWriter) async throws {
        options.say("Type a message; /help tells more.")
        var conversation = system(first: [])
        while let line = nextLine() {
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
                    let text = try await reply(to: conversation, tools, prompt, writer)
                    conversation.append(["role": "assistant", "content": .string(text)])
                } catch {
                    // One message that does not fit ends neither the program nor the conversation.
                    conversation.removeLast()
                    Console.error("hayloft: error: \(error)")
                }
            }
        }
    }

    private func nextLine() -> String? {
        if Console.isTyped { Console.show("> ") }
        return readLine()
    }

    private func reply(
        to messages: [JSON], _ tools: JSON?, _ prompt: ChatPrompt, _ writer: ReplyWriter
    ) async throws -> String {
        let ids = try prompt.ids(.array(messages), tools: tools)
        let config = try generation.config(over: writer.local.generationDefaults)
        return try await writer.write(ids, config, format: try generation.format()) { text in
            ["tool_calls": .array(tools == nil ? [] : calls(in: text))]
        }
    }

    private func calls(in text: String) -> [JSON] {
        (DefaultToolParser.calls(in: text) ?? []).map { call in
            ["name": .string(call.toolName), "arguments": .object(call.arguments)]
        }
    }

    private func system(first messages: [JSON]) -> [JSON] {
        guard let system else { return messages }
        return [["role": "system", "content": .string(system)]] + messages
    }

    private func array(_ path: String) throws -> [JSON] {
        let json: JSON
        do { json = try JSON.parse(Console.read(path)) } catch let error as JSONError {
            throw CommandError("\(path) is not JSON: \(error)")
        }
        guard let array = json.array else { throw CommandError("\(path) is \(json.kind), expected an array") }
        return array
    }
}
