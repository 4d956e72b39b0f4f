import HayComponents
import HayJSON
import HayTemplate
import HaystackRecordings
import TestSupport
import Testing

/// Calls that chat templates of models write into a conversation, which is how the models write them.
@Suite("Calls as chat templates write them")
struct ToolTemplateTests {
    static let folder = Fixtures.folder.map { $0 + "/chat_templates" }

    @Test(
        "are found, whole and streamed",
        .enabled(if: folder.map { Fixtures.exists($0 + "/templates.json") } ?? false, "there are no chat templates"))
    func templates() throws {
        let folder = ToolTemplateTests.folder!
        var random = SplitMix(seed: 11)
        var shown: [String] = []
        for (name, description) in try Fixtures.json(folder + "/templates.json").object ?? .init() {
            let source = String(decoding: Fixtures.bytes("\(folder)/templates/\(name).jinja") ?? [], as: UTF8.self)
            guard let template = try? ChatTemplate(source) else { continue }
            var tokens: [String: String] = [:]
            for (key, text) in description["special_tokens"]?.object ?? .init() { tokens[key] = text.string }
            let writer = TemplateWriter(template: template, tokens: tokens)
            var count = 0
            for _ in 0 ..< 25 {
                // Two names, so that a template which shows one call only is not taken for one that shows both.
                let calls = RandomCall.names.shuffled(using: &random).prefix(2).map {
                    RandomCall.call(of: $0, plain: name.contains("LFM"), using: &random)
                }
                guard let (text, written) = writer.write(calls) else { continue }
                check(name, text, written, using: &random)
                count += written.count
            }
            if count > 0 { shown.append(name) }
        }
        print("calls of \(shown.count) templates: \(shown.joined(separator: ", "))")
        // Every template of the fixtures that shows calls in a form of its own.
        #expect(shown.count >= 45)
    }

    private func check(_ name: String, _ text: String, _ calls: [ToolCall], using random: inout SplitMix) {
        let tools = ToolSchemas(RandomCall.tools)
        expectSame(DefaultToolParser.calls(in: text, tools: tools) ?? [], calls, "\(name): \(text)")
        var stream = ToolCallStream(tools: tools)
        var pieces: [ToolCallStream.Piece] = []
        var rest = text[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1 ... 12, using: &random)
            pieces += stream.append(String(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        var streamed: [(name: String, arguments: String)] = []
        for case .call(let delta) in pieces + stream.finish() {
            if let name = delta.toolName { streamed.append((name, "")) }
            if let arguments = delta.arguments { streamed[delta.index].arguments += arguments }
        }
        let found = streamed.map {
            ToolCall(toolName: $0.name, arguments: (try? JSON.parse($0.arguments))?.object ?? ["broken": true])
        }
        expectSame(found, calls, "streamed, \(name): \(text)")
    }

    private func expectSame(_ found: [ToolCall], _ calls: [ToolCall], _ comment: String) {
        #expect(found.map(\.toolName) == calls.map(\.toolName), "\(comment)")
        for (found, call) in zip(found, calls) {
            let difference = JSON.object(found.arguments).difference(from: .object(call.arguments))
            #expect(difference == nil, "\(comment)")
        }
    }
}

/// Has a template write calls of an assistant.
private struct TemplateWriter {
    let template: ChatTemplate
    let tokens: [String: String]

    /// The assistant's text and the calls in it; nil where the template shows none.
    func write(_ calls: [ToolCall]) -> (text: String, calls: [ToolCall])? {
        for calls in [calls, [calls[0]]] {
            for argumentsAreText in [false, true] {
                for tools in [RandomCall.toolList, nil] {
                    for content in ["", nil] as [JSON?] {
                        // The names of calls without arguments, as those of others may stand in arguments.
                        let bare = calls.map { ToolCall(toolName: $0.toolName, arguments: [:]) }
                        guard let shown = text(bare, argumentsAreText, tools, content),
                            calls.allSatisfy({ shown.contains($0.toolName) }),
                            let text = text(calls, argumentsAreText, tools, content)
                        else { continue }
                        return (text, calls)
                    }
                }
            }
        }
        return nil
    }

    private func text(_ calls: [ToolCall], _ argumentsAreText: Bool, _ tools: JSON?, _ content: JSON?) -> String? {
        let user: JSON = ["role": "user", "content": "Hi"]
        let written: [JSON] = calls.enumerated().map { index, call in
            let arguments = JSON.object(call.arguments)
            return [
                "id": .string("functions.\(call.toolName):\(index)"), "type": "function",
                "function": [
                    "name": .string(call.toolName),
                    "arguments": argumentsAreText ? .string(arguments.text(spaced: true)) : arguments,
                ],
            ]
        }
        var assistant: JSON.Object = ["role": "assistant", "tool_calls": .array(written)]
        if let content { assistant.append("content", content) }
        guard let whole = render([user, .object(assistant)], tools, false) else { return nil }
        let prompts = [true, false].compactMap { render([user], tools, $0) }
        if let prompt = prompts.first(where: whole.hasPrefix) { return String(whole.dropFirst(prompt.count)) }
        return prompts.last.map { prompt in String(whole.dropFirst(zip(whole, prompt).prefix { $0 == $1 }.count)) }
    }

    private func render(_ messages: [JSON], _ tools: JSON?, _ addsPrompt: Bool) -> String? {
        try? template.render(
            messages: .array(messages), tools: tools, documents: nil, addGenerationPrompt: addsPrompt,
            continueFinalMessage: false, specialTokens: tokens, variables: .init(),
            now: ClockTime("2024-07-26 09:30:15"))
    }
}

/// Tools, and calls of them that their schemas allow.
private enum RandomCall {
    static let parameters: JSON = [
        "type": "object",
        "properties": [
            "city": ["type": "string", "description": "a text"], "days": ["type": "integer", "description": "a count"],
            "share": ["type": "number", "description": "a number"],
            "on": ["type": "boolean", "description": "a switch"],
            "limit": ["type": ["integer", "null"], "description": "a limit"],
            "list": ["type": "array", "items": ["type": "string"], "description": "texts"],
            "place": ["type": "object", "description": "an object"],
        ], "required": ["city"],
    ]

    static let names = ["get_weather", "now", "search-web2"]

    static let tools: [Tool] = names.compactMap {
        try? Tool(name: $0, description: "A tool", parameters: parameters, function: ToolFunction { _ in 1 })
    }

    static let toolList = JSON.array(
        names.map {
            [
                "type": "function",
                "function": ["name": .string($0), "description": "A tool", "parameters": parameters],
            ]
        })

    private static let texts = [
        "Oslo", "", "3", "true", "null", "None", "a\nb", "x\n", "\nx", "  two  ", "{\"a\": 1}", "[1, 2]",
        "<b>&amp;</b>",
        "it's", "\"q\"", "back\\slash \\n", "é🦉", "now(a=1)", "{\"name\": \"f\", \"arguments\": {\"b\": 1}}",
        "get_weather\n{}", "}", "a, b: c", "<tool_call>",
    ]

    /// - Parameter plain: whether texts stay without what needs an escape, for a template that writes none.
    static func call(of name: String, plain: Bool, using random: inout SplitMix) -> ToolCall {
        let texts = plain ? texts.filter { !$0.contains("\"") && !$0.contains("\\") } : texts
        func text() -> JSON { .string(texts.randomElement(using: &random)!) }
        let all: [(String, JSON)] = [
            ("city", text()), ("days", .int(Int.random(in: -5 ... 500, using: &random))),
            ("share", [0.5, -1.25, 3.0, 1e-7].randomElement(using: &random).map { .double($0) }!),
            ("on", .bool(Bool.random(using: &random))), ("limit", Bool.random(using: &random) ? .null : 7),
            ("list", .array((0 ..< Int.random(in: 0 ... 2, using: &random)).map { _ in text() })),
            ("place", ["k": text(), "n": ["m": [1, true, text()]]]),
        ]
        let arguments = all.filter { _ in Int.random(in: 0 ..< 3, using: &random) > 0 }.shuffled(using: &random)
        return ToolCall(toolName: name, arguments: JSON.Object(arguments))
    }
}
