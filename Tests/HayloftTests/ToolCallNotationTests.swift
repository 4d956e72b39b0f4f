import HayComponents
import HayGrammar
import HayJSON
import Testing

@testable import Hayloft

/// Whether a grammar has a text, byte by byte.
private func accepts(_ grammar: Grammar, _ text: String) throws -> Bool {
    let bytes = (0 ..< 256).map { [UInt8($0)] }
    let constraint = try TokenConstraint(grammar, TokenTrie(bytes + [nil]), endTokens: [256])
    return constraint.accepts(text.utf8.map { Int32($0) }[...])
}

@Suite("How strict calls are written")
struct ToolCallNotationTests {
    struct Case: Sendable {
        let template: String
        let calls: [String]
        let wrong: [String]
    }

    static let cases = [
        Case(
            template: "{{ '<tool_call>' }}",
            calls: [
                "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>",
                "<think>Hm.</think>\n<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1}}</tool_call>",
                "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>\n"
                    + "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>",
            ],
            wrong: [
                "<tool_call>", "{\"name\": \"add\", \"arguments\": {\"a\": \"x\"}}",
                "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": \"x\"}}\n</tool_call>",
            ]),
        Case(
            template: "{{ '[TOOL_CALLS] ' }}",
            calls: [
                "[TOOL_CALLS] [{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}}]",
                "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}}, "
                    + "{\"name\": \"add\", \"arguments\": {\"a\": 1}}]",
            ],
            wrong: ["[TOOL_CALLS]", "[TOOL_CALLS] [{\"name\": \"other\", \"arguments\": {\"a\": 1}}]"]),
        Case(
            template: "<|python_tag|>",
            calls: [
                "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Rome\"}}",
                "<|python_tag|>{\"name\": \"add\", \"parameters\": {\"a\": 1}}",
                "{\"type\": \"function\", \"name\": \"add\", \"parameters\": {\"a\": 1}}",
                "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"\"}}; {\"name\": \"add\", \"parameters\": {\"a\": 1}}",
            ],
            wrong: [
                "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}}", "<|python_tag|>x",
                "{\"type\": \"function\", \"name\": \"add\", \"parameters\": {\"a\": \"x\"}}",
                "{\"parameters\": {\"a\": \"x\"}, \"name\": \"add\"}",
            ]),
        Case(
            template: "{{ messages }}",
            calls: [
                "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}}",
                " {\"name\": \"add\", \"arguments\": {\"a\": 1}}\n{\"name\": \"add\", \"arguments\": {\"a\": 2}}",
                "I will add.\n{\n  \"name\": \"add\",\n  \"arguments\": {\n    \"a\": 1\n  }\n}",
            ],
            wrong: [
                "{\"name\": \"get_weather\", \"arguments\": {}}", "{\"arguments\": {\"a\": 1}, \"name\": \"add\"}",
                "{\"name\": \"add\", \"\\u0061rguments\": {}}", "[TOOL_CALLS]add{}",
            ]),
    ]

    @Test("calls are written as the template shows, found by the parser, and held to the schemas", arguments: cases)
    func notation(item: Case) throws {
        let add = try Tool(
            name: "add", description: "",
            parameters: ["properties": ["a": ["type": "integer"]], "required": ["a"]], function: ToolFunction { _ in 1 }
        )
        let tools = [try weatherTool(), add]
        let grammar = try #require(ReplyFormat(nil, tools: tools, template: item.template)).grammar()
        for text in item.calls {
            #expect(try accepts(grammar, text), "\(text)")
            let found = try #require(DefaultToolParser.calls(in: text))
            #expect(found.count == text.components(separatedBy: "\"name\"") - 1)
        }
        for text in item.wrong { #expect(try !accepts(grammar, text), "\(text)") }
        for text in ["", "The weather is fine.", "See {x}, \"name\" and [1]."] {
            #expect(try accepts(grammar, text), "\(text)")
        }
    }
}

extension String {
    /// How many parts a text has between others.
    fileprivate func components(separatedBy separator: String) -> Int { ranges(of: separator).count + 1 }
}
