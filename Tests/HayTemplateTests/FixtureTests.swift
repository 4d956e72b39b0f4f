import HayJSON
import HayTemplate
import TestSupport
import Testing

@Suite("Templates rendered by the reference implementation")
struct FixtureTests {
    static let jinjaCases = Fixtures.folder.map { $0 + "/jinja/cases.json" }
    static let chatFolder = Fixtures.folder.map { $0 + "/chat_templates" }

    @Test(
        "the language's conformance cases render to the same bytes",
        .enabled(if: jinjaCases.map(Fixtures.exists) ?? false, "there are no fixtures of jinja"))
    func jinja() throws {
        let fixtures = try Fixtures.json(FixtureTests.jinjaCases!)
        let now = ClockTime(fixtures["now"]?.string ?? "")
        let cases = fixtures["cases"]?.array ?? []
        var failures: [String] = []
        for item in cases {
            let outcome = Outcome {
                try Template(item["template"]?.string ?? "").render(item["context"]?.object ?? .init(), now: now)
            }
            if !outcome.matches(item) { failures.append("\(item["template"]!): \(outcome), expected \(item)") }
        }
        report("jinja", cases.count, failures)
    }

    @Test(
        "chat templates render conversations to the same bytes",
        .enabled(if: chatFolder.map { Fixtures.exists($0 + "/cases.json") } ?? false, "there are no chat templates"))
    func chatTemplates() throws {
        let folder = FixtureTests.chatFolder!
        let fixtures = try Fixtures.json(folder + "/cases.json")
        let conversations = try Fixtures.json(folder + "/conversations.json")
        let now = ClockTime(fixtures["now"]?.string ?? "")
        let cases = fixtures["cases"]?.array ?? []
        var templates: [String: Result<ChatTemplate, any Error>] = [:]
        var failures: [String] = []
        for item in cases {
            let name = item["template"]?.string ?? ""
            if templates[name] == nil {
                let source = String(decoding: Fixtures.bytes(folder + "/" + name) ?? [], as: UTF8.self)
                templates[name] = Result { try ChatTemplate(source) }
            }
            let outcome = try Outcome.chat(item, templates[name]!.get, conversations, now: now)
            if !outcome.matches(item) {
                failures.append("\(item["template"]!) \(item["conversation"]!): \(outcome), expected \(item)")
            }
        }
        report("chat_templates", cases.count, failures)
    }

    private func report(_ name: String, _ count: Int, _ failures: [String]) {
        print("\(name): \(count - failures.count) of \(count) cases as expected")
        #expect(count > 0)
        #expect(failures.isEmpty, "\(failures.prefix(20).joined(separator: "\n"))")
    }
}

extension Outcome {
    /// The outcome of a case that names a conversation.
    fileprivate static func chat(
        _ item: JSON, _ template: () throws -> ChatTemplate, _ conversations: JSON, now: ClockTime?
    ) throws -> Outcome {
        let conversation = conversations[item["conversation"]?.string ?? ""]?.object ?? .init()
        let known: Set<String> = ["messages", "tools", "documents"]
        let variables = JSON.Object(conversation.filter { !known.contains($0.0) })
        var tokens: [String: String] = [:]
        for (name, text) in item["special_tokens"]?.object ?? .init() { tokens[name] = text.string }
        return Outcome {
            try template().render(
                messages: conversation["messages"] ?? .null, tools: conversation["tools"],
                documents: conversation["documents"],
                addGenerationPrompt: item["add_generation_prompt"]?.bool ?? false,
                continueFinalMessage: item["continue_final_message"]?.bool ?? false,
                specialTokens: tokens, variables: variables, now: now)
        }
    }
}
