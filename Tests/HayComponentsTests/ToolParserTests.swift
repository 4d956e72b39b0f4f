import HayJSON
import TestSupport
import Testing

@testable import HayComponents

@Suite("The tool parser")
struct ToolParserTests {
    @Test(
        "finds calls in every shape that models write",
        arguments: [
            #"{"name": "f", "arguments": {"a": 1}}"#,
            #"{"arguments": {"a": 1}, "name": "f"}"#,
            #"{"name": "f", "parameters": {"a": 1}}"#,
            #"{"name": "f", "arguments": "{\"a\": 1}"}"#,
            #"{"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}"#,
            #"{"type": "function", "function": {"name": "f", "parameters": {"a": 1}}}"#,
            #"{"function": {"name": "f", "arguments": {"a": 1}}}"#,
            "Sure:\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>\nDone.",
            "```json\n[{\"name\": \"f\", \"arguments\": {\"a\": 1}}]\n```",
            #"{"tool_calls": [{"name": "f", "arguments": {"a": 1}}]}"#,
            #"<|python_tag|>{"name": "f", "parameters": {"a": 1}}"#,
            #"[TOOL_CALLS][{"name": "f", "arguments": {"a": 1}}]"#,
            #"[TOOL_CALLS] [{"name": "f", "arguments": {"a": 1}}]"#,
            #"[TOOL_CALLS]f{"a": 1}"#,
            #"[TOOL_CALLS]f[ARGS]{"a": 1}"#,
            #"{"a": {"name": "f", "arguments": {"a": 1}} oops"#,
            #"{"said "{"name": "f", "arguments": {"a": 1}}"#,
        ])
    func shapes(text: String) {
        #expect(DefaultToolParser.calls(in: text) == [ToolCall(toolName: "f", arguments: ["a": 1])])
    }

    @Test("finds all calls of a text, with their ids")
    func several() {
        let text = """
            <tool_call>{"name": "a", "arguments": {}}</tool_call>
            {"id": "c1", "name": "b", "arguments": {"x": {"y": [{}]}}}; {"name": "c", "parameters": {"t": "}"}, "id": 5}
            [TOOL_CALLS]d[CALL_ID]c2[ARGS] {}
            """
        #expect(
            DefaultToolParser.calls(in: text) == [
                ToolCall(toolName: "a", arguments: [:]),
                ToolCall(toolName: "b", arguments: ["x": ["y": [[:]]]], id: "c1"),
                ToolCall(toolName: "c", arguments: ["t": "}"]), ToolCall(toolName: "d", arguments: [:], id: "c2"),
            ])
    }

    @Test(
        "finds nothing where there is no call",
        arguments: [
            "", "The weather is fine.", "{}", #"{"name": "f"}"#, #"{"name": "", "arguments": {}}"#,
            #"{"name": 5, "arguments": {}}"#, #"{"name": "f", "arguments": null}"#, #"{"name": "f", "arguments": []}"#,
            #"{"name": "f", "arguments": "[1]"}"#, #"{"name": "f", "arguments": {}"#,
            #"{"name": "f", "arguments": {"a": 01}}"#, "{'name': 'f', 'arguments': {'a': 1}}",
            #"{"text": "{\"name\": \"f\", \"arguments\": {}}"}"#, "[TOOL_CALLS]f", "[TOOL_CALLS]f {}",
            "[TOOL_CALLS]f[ARGS]",
        ])
    func nothing(text: String) {
        #expect(DefaultToolParser.calls(in: text) == nil)
    }

    @Test("takes the first of repeated keys of a call, and the last of repeated arguments")
    func repeatedKeys() {
        let text = #"{"name": "f", "arguments": {"a": 1, "b": 2, "a": 3}, "name": "g", "arguments": {"c": 4}}"#
        #expect(scannedCalls(in: text) == [ToolCall(toolName: "f", arguments: ["a": 3, "b": 2])])
    }

    @Test("prefers the call that Haystack finds, unless a well-formed call names a tool")
    func disagreement() {
        let text = #"{"user": {"name": "bob"}} {"name": "f", "arguments": {"a": 1}}"#
        let bob = ToolCall(toolName: "bob", arguments: ["a": 1])
        let f = ToolCall(toolName: "f", arguments: ["a": 1])
        #expect(DefaultToolParser.calls(in: text) == [bob])
        #expect(DefaultToolParser.calls(in: text, tools: ["bob": [:], "f": [:]]) == [f])
        #expect(DefaultToolParser.calls(in: text, tools: ["g": [:]]) == [bob])
        #expect(DefaultToolParser.calls(in: text, tools: ["f": [:]]) == [f])
    }

    @Test("prefers the well-formed calls where Haystack's call is one of them with other arguments")
    func sameName() {
        let text = #"{"name": "a", "arguments": {}} {"name": "b", "arguments": {"x": 1}}"#
        #expect(HaystackToolSearch.call(in: text) == ToolCall(toolName: "a", arguments: ["x": 1]))
        #expect(DefaultToolParser.calls(in: text)?.map(\.toolName) == ["a", "b"])
    }

    @Test("is the stock parser by the name that files have")
    func stock() async throws {
        let parser = ToolParser.default
        #expect(parser.name == DefaultToolParser.name)
        #expect(try await parser(#"{"name": "f", "arguments": {}}"#) == [ToolCall(toolName: "f", arguments: [:])])
        #expect(try await parser("no") == nil)
    }

    @Test("finds what a search of every place and every end finds, in random texts")
    func randomFragments() {
        var random = SplitMix(seed: 1)
        var count = 0
        for _ in 0 ..< 4000 {
            let text = RandomTexts.fragments(using: &random, forms: false)
            let found = scannedCalls(in: text)
            #expect(found == NaiveCalls.calls(in: text), "\(text)")
            count += found.count
        }
        #expect(count > 500)
    }

    @Test("finds the calls that random replies were written with")
    func randomReplies() {
        var random = SplitMix(seed: 2)
        for _ in 0 ..< 1500 {
            let reply = RandomTexts.reply(using: &random)
            #expect(scannedCalls(in: reply.text) == reply.calls, "\(reply.text)")
        }
    }

    @Test("takes time in proportion to the text", arguments: HostileTexts.all.keys.sorted())
    func hostile(name: String) throws {
        let text = try #require(HostileTexts.all[name])
        let time = ContinuousClock().measure {
            _ = DefaultToolParser.calls(in: text, tools: ["f": [:]])
            var stream = ToolCallStream()
            for piece in text.split(size: 1000) { _ = stream.append(piece) }
            _ = stream.finish()
        }
        // A debug build takes up to a second or two; a quadratic search would take hours.
        #expect(time < .seconds(60))
    }
}

/// Texts that are made to take long.
enum HostileTexts {
    static let all: [String: String] = [
        "open braces": String(repeating: "{", count: 100_000),
        "open lists": String(repeating: "[", count: 100_000),
        "lists of objects": String(repeating: "[{", count: 50_000),
        "nested objects": String(repeating: "{\"a\":", count: 20_000),
        "nested lists": "{\"a\":" + String(repeating: "[", count: 100_000),
        "nested calls": String(repeating: "{\"name\":\"f\",\"arguments\":{\"a\":", count: 5000),
        "quotes and braces": String(repeating: "{\"", count: 50_000),
        "two ways to read": String(repeating: "{\":\":\"", count: 15_000),
        "a long string": "{\"name\":\"f\",\"arguments\":{\"a\":\"" + String(repeating: "{x", count: 100_000) + "\"}}",
        "an endless string": String(repeating: "{\"a\":", count: 60) + "\"" + String(repeating: "x{", count: 20_000),
        "tags": String(repeating: "<tool_call>", count: 10_000),
        "Mistral's tags": String(repeating: "[TOOL_CALLS]", count: 10_000),
        "Mistral's names": String(repeating: "[TOOL_CALLS]" + String(repeating: "n", count: 200), count: 500),
        "space": "[" + String(repeating: " ", count: 200_000),
        "names": "{" + String(repeating: "\"name\":\"", count: 20_000),
        "arguments": "{\"name\":\"f\"," + String(repeating: "\"arguments\":{", count: 10_000),
        "keys": "{" + (0 ..< 20_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}",
        "fences to close": String(repeating: "```", count: 20_000) + String(repeating: "[", count: 20_000)
            + "{\"name\":\"f\",\"arguments\":{}}" + String(repeating: "```", count: 20_000),
        "backticks": String(repeating: "`", count: 100_000),
        "a megabyte of tags": String(repeating: "<tool_call>", count: 95_000),
        "open functions": String(repeating: "<function=f><parameter=a>", count: 40_000),
        "functions that end as none": String(repeating: "<function=f><parameter=a>", count: 15_000)
            + String(repeating: "</parameter><parameter=b>", count: 15_000) + "x",
        "open arguments": "<tool_call>f" + String(repeating: "<arg_key>a</arg_key><arg_value>", count: 30_000),
        "a long value": "<function=f><parameter=a>" + String(repeating: "</paramete", count: 100_000),
        "calls as in Python": String(repeating: "[f(a=", count: 200_000),
        "texts as in Python": "[f(a=" + String(repeating: "\"[f(a='", count: 100_000),
        "lists as in Python": "[f(a=" + String(repeating: "[", count: 500_000),
        "Gemma's objects": String(repeating: "<|tool_call>call:f{a:{b:", count: 40_000),
        "Gemma's quotes": "<|tool_call>call:f{a:" + String(repeating: "<|\"|>,<|\"|", count: 80_000),
        "thoughts": String(repeating: "<think>", count: 140_000),
        "calls in a thought": "<think>" + String(repeating: "{\"name\":\"f\",\"arguments\":{}}", count: 30_000),
        "ends of thoughts": String(repeating: "{\"name\":\"f\",\"arguments\":{}}</think>", count: 20_000),
        "channels": String(repeating: "<|channel|>commentary to=f", count: 40_000),
        "beginnings of lines": String(repeating: "f\n ", count: 200_000),
        "angles": String(repeating: "<", count: 1_000_000),
        "DeepSeek's marks": String(repeating: "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{", count: 15_000),
    ]
}

extension String {
    /// The text in pieces of as many characters.
    func split(size: Int) -> [String] {
        var pieces: [String] = []
        var rest = self[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}

/// The calls that are found without Haystack's search.
func scannedCalls(in text: String, tools: ToolSchemas? = nil) -> [ToolCall] {
    var scanner = ToolCallScanner(streams: false, tools: tools)
    scanner.append(text)
    scanner.finish()
    return scanner.calls
}
