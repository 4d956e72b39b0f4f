import HayJSON
import HayTemplate

/// Reading and rendering a chat template: `{"template", "messages", "special_tokens"}` gives the text and seconds:
/// `read` of the template, `render` with the messages as they are, `chat` as a checkpoint's chat template.
enum TemplateBenchmark {
    @Sendable static func run(_ task: JSON) throws -> JSON {
        let source = task["template"]?.string ?? ""
        let messages = task["messages"] ?? []
        var variables = task["special_tokens"]?.object ?? .init()
        var tokens: [String: String] = [:]
        for (name, text) in variables { tokens[name] = text.string }
        variables.append("messages", messages)
        variables.append("tools", .null)
        variables.append("documents", .null)
        variables.append("add_generation_prompt", true)
        let (template, chat, context) = (try Template(source), try ChatTemplate(source), variables)
        func renderChat() throws -> String {
            try chat.render(messages: messages, addGenerationPrompt: true, specialTokens: tokens)
        }
        return [
            "text": .string(try renderChat()),
            "read": .double(try secondsPerRun { _ = try Template(source) }),
            "render": .double(try secondsPerRun { _ = try template.render(context) }),
            "chat": .double(try secondsPerRun { _ = try renderChat() }),
        ]
    }
}
