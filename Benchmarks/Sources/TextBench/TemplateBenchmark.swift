import HayJSON
import HayTemplate

/// Reading and rendering a chat template: `{"template", "messages", "special_tokens"}` gives `{"text", "read", "render"}`,
/// the times in seconds.
enum TemplateBenchmark {
    @Sendable static func run(_ task: JSON) throws -> JSON {
        let source = task["template"]?.string ?? ""
        let messages = task["messages"] ?? []
        var tokens: [String: String] = [:]
        for (name, text) in task["special_tokens"]?.object ?? .init() { tokens[name] = text.string }
        let template = try ChatTemplate(source)
        func render() throws -> String {
            try template.render(messages: messages, addGenerationPrompt: true, specialTokens: tokens)
        }
        return [
            "text": .string(try render()), "read": .double(try secondsPerRun { _ = try ChatTemplate(source) }),
            "render": .double(try secondsPerRun { _ = try render() }),
        ]
    }
}
