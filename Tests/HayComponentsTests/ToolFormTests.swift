import HayJSON
import TestSupport
import Testing

@testable import HayComponents

/// The calls and the text of a stream, in pieces of a size.
func streamed(
    _ text: String, tools: ToolSchemas? = nil, prompt: String = "", size: Int
) -> (text: String, calls: [ToolCall]) {
    var stream = ToolCallStream(tools: tools, prompt: prompt)
    var shown = ""
    var calls: [(name: String, arguments: String, id: String?)] = []
    for piece in text.split(size: size).flatMap({ stream.append($0) }) + stream.finish() {
        switch piece {
        case .text(let text): shown += text
        case .call(let delta):
            if let name = delta.toolName { calls.append((name, "", nil)) }
            if let arguments = delta.arguments { calls[delta.index].arguments += arguments }
            if let id = delta.id { calls[delta.index].id = id }
        }
    }
    let found = calls.map { call in
        ToolCall(
            toolName: call.name,
            arguments: (try? JSON.parse(call.arguments))?.object ?? ["broken": .string(call.arguments)],
            id: call.id)
    }
    return (shown, found)
}

@Suite("Forms of tool calls")
struct ToolFormTests {
    struct Case: Sendable, CustomStringConvertible {
        let family: String
        let text: String
        var ids: [String?] = [nil]
        /// What stays of the text beside the calls.
        var rest = ""
        var description: String { family }
    }

    private static let tools: ToolSchemas = [
        "f": ["type": "object", "properties": ["a": ["type": "integer"], "b": ["type": "string"]]],
        "g": ["type": "object"],
    ]

    /// Texts that call `f` with `a` 1 and `b` "x y".
    static let cases = [
        Case(
            family: "Hermes",
            text: "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}}\n</tool_call>"),
        Case(
            family: "Hermes without an opening tag",
            text: "{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}}\n</tool_call>"),
        Case(
            family: "Mistral 7B",
            text: "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}, \"id\": \"c1\"}]",
            ids: ["c1"]),
        Case(
            family: "Mistral Small 3.2", text: "[TOOL_CALLS]f[CALL_ID]c1[ARGS]{\"a\": 1, \"b\": \"x y\"}", ids: ["c1"]),
        Case(family: "Ministral 3", text: "[TOOL_CALLS]f[ARGS]{\"a\": 1, \"b\": \"x y\"}"),
        Case(family: "Llama 3.1", text: "<function=f>{\"a\": 1, \"b\": \"x y\"}</function>"),
        Case(
            family: "Llama 3.1, JSON",
            text: "<|python_tag|>{\"name\": \"f\", \"parameters\": {\"a\": 1, \"b\": \"x y\"}}"),
        Case(family: "Llama 3.1, own tools", text: "<|python_tag|>f.call(a=1, b=\"x y\")"),
        Case(family: "Llama 3.2", text: "[f(a=1, b='x y')]"),
        Case(family: "Llama 4", text: "<|python_start|>[f(a=1, b=\"x y\")]<|python_end|>"),
        Case(family: "Gemma 3", text: "```tool_code\nf(a=1, b=\"x y\")\n```"),
        Case(family: "Gemma 4", text: "<|tool_call>call:f{a:1,b:<|\"|>x y<|\"|>}<tool_call|>"),
        Case(
            family: "FunctionGemma",
            text: "<start_function_call>call:f{a:1,b:<escape>x y<escape>}<end_function_call>"),
        Case(family: "LFM 2", text: "<|tool_call_start|>[f(a=1, b=\"x y\")]<|tool_call_end|>"),
        Case(family: "Olmo 3", text: "<function_calls>\nf(a=1, b=\"x y\")\n</function_calls>"),
        Case(
            family: "Phi-4-mini",
            text: "<|tool_call|>[{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}}]<|/tool_call|>"),
        Case(
            family: "FireFunction", text: " functools[{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}}]",
            rest: " "),
        Case(family: "Granite 3", text: "<|tool_call|>[{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}}]"),
        Case(family: "Granite 3.0", text: "<tool_call>[{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}}]"),
        Case(
            family: "DeepSeek R1",
            text:
                "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": 1, \"b\": \"x y\"}\n```"
                + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"),
        Case(
            family: "DeepSeek V3.1",
            text: "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\": 1, \"b\": \"x y\"}<｜tool▁call▁end｜>"
                + "<｜tool▁calls▁end｜>"),
        Case(
            family: "DeepSeek V3.2",
            text: "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n"
                + "<｜DSML｜parameter name=\"a\" string=\"false\">1</｜DSML｜parameter>\n"
                + "<｜DSML｜parameter name=\"b\" string=\"true\">x y</｜DSML｜parameter>\n"
                + "</｜DSML｜invoke>\n</｜DSML｜function_calls>"),
        Case(
            family: "GLM 4.5",
            text: "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n<arg_key>b</arg_key>\n"
                + "<arg_value>x y</arg_value>\n</tool_call>"),
        Case(
            family: "GLM 5",
            text:
                "<tool_call>f<arg_key>a</arg_key><arg_value>1</arg_value><arg_key>b</arg_key><arg_value>x y</arg_value>"
                + "</tool_call>"),
        Case(family: "ChatGLM 4", text: "f\n{\"a\": 1, \"b\": \"x y\"}"),
        Case(
            family: "Kimi K2",
            text: "<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>"
                + "{\"a\": 1, \"b\": \"x y\"}<|tool_call_end|><|tool_calls_section_end|>", ids: ["functions.f:0"]),
        Case(
            family: "gpt-oss",
            text: "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\": 1, \"b\": \"x y\"}<|call|>"),
        Case(
            family: "gpt-oss, recipient first",
            text: " to=functions.f<|channel|>commentary json<|message|>{\"a\": 1, \"b\": \"x y\"}", rest: " "),
        Case(
            family: "MiniMax M1",
            text: "<tool_calls>\n{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}}\n</tool_calls>"),
        Case(
            family: "MiniMax M2",
            text: "<minimax:tool_call>\n<invoke name=\"f\">\n<parameter name=\"a\">1</parameter>\n"
                + "<parameter name=\"b\">x y</parameter>\n</invoke>\n</minimax:tool_call>"),
        Case(
            family: "Qwen3-Coder",
            text: "<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\nx y\n</parameter>\n"
                + "</function>\n</tool_call>"),
        Case(
            family: "Qwen3-Coder without the outer tags",
            text: "<function=f>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\nx y\n</parameter>\n</function>"),
        Case(
            family: "Qwen3-Coder, broken off",
            text: "<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\nx y\n</parameter>\n"),
        Case(
            family: "Seed-OSS",
            text:
                "<seed:tool_call>\n<function=f>\n<parameter=a>1</parameter>\n<parameter=b>x y</parameter>\n</function>\n"
                + "</seed:tool_call>"),
        Case(
            family: "Step 3",
            text: "<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name=\"f\">"
                + "<steptml:parameter name=\"a\">1</steptml:parameter><steptml:parameter name=\"b\">x y</steptml:parameter>"
                + "</steptml:invoke><｜tool_call_end｜><｜tool_calls_end｜>"),
        Case(
            family: "LongCat",
            text:
                "<longcat_tool_call>f\n<longcat_arg_key>a</longcat_arg_key>\n<longcat_arg_value>1</longcat_arg_value>\n"
                + "<longcat_arg_key>b</longcat_arg_key>\n<longcat_arg_value>x y</longcat_arg_value>\n</longcat_tool_call>"
        ),
        Case(
            family: "Command R",
            text:
                "Action: ```json\n[\n    {\n        \"tool_name\": \"f\",\n        \"parameters\": {\"a\": 1, \"b\": \"x y\"}\n"
                + "    }\n]```"),
        Case(
            family: "Command A",
            text: "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"f\", \"parameters\": "
                + "{\"a\": 1, \"b\": \"x y\"}}\n]<|END_ACTION|>", ids: ["0"]),
        Case(family: "Apertus", text: "<|tools_prefix|>[{\"f\": {\"a\": 1, \"b\": \"x y\"}}]<|tools_suffix|>"),
        Case(
            family: "Nemotron",
            text: "<TOOLCALL>[{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}}]</TOOLCALL>"),
        Case(family: "Functionary 2", text: "f\n<|content|>{\"a\": 1, \"b\": \"x y\"}"),
        Case(family: "Functionary 3.2", text: ">>>f\n{\"a\": 1, \"b\": \"x y\"}"),
        Case(
            family: "InternLM 2",
            text:
                "<|action_start|><|plugin|>\n{\"name\": \"f\", \"parameters\": {\"a\": 1, \"b\": \"x y\"}}<|action_end|>"
        ),
        Case(
            family: "GigaChat 3",
            text: "<|function_call|>{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": \"x y\"}}<|message_sep|>"),
        Case(
            family: "MiroThinker",
            text: "<use_mcp_tool>\n<server_name>s</server_name>\n<tool_name>f</tool_name>\n<arguments>\n"
                + "{\"a\": 1, \"b\": \"x y\"}\n</arguments>\n</use_mcp_tool>"),
        Case(
            family: "Muse",
            text:
                "to=f<|message|><atem:function_calls>\n<atem:invoke name=\"f\">\n<atem:parameter name=\"a\">1</atem:parameter>\n"
                + "<atem:parameter name=\"b\">x y</atem:parameter>\n</atem:invoke>\n</atem:function_calls>"),
    ]

    @Test("are found whole and however the text is cut, and dropped with what is around them", arguments: cases)
    func form(item: Case) throws {
        let call = ToolCall(toolName: "f", arguments: ["a": 1, "b": "x y"], id: item.ids[0])
        for (before, after) in [("", ""), ("Sure:\n", "\nDone.")] {
            let endsEarly = item.family.hasSuffix("broken off")
            let text = before + item.text + (endsEarly ? "" : after)
            #expect(DefaultToolParser.calls(in: text, tools: ToolFormTests.tools) == [call], "\(text)")
            for size in [1, 2, 3, 7, 1000] {
                let found = streamed(text, tools: ToolFormTests.tools, size: size)
                #expect(found.calls == [call], "\(text)")
                #expect(found.text == before + item.rest + (endsEarly ? "" : after), "\(text)")
            }
        }
    }

    @Test("follow each other, and each other's marks", arguments: cases)
    func several(item: Case) {
        guard !item.family.hasSuffix("broken off") else { return }
        let text = item.text + "\n" + item.text
        let call = ToolCall(toolName: "f", arguments: ["a": 1, "b": "x y"], id: item.ids[0])
        #expect(DefaultToolParser.calls(in: text, tools: ToolFormTests.tools) == [call, call], "\(text)")
        for size in [1, 5] {
            #expect(streamed(text, tools: ToolFormTests.tools, size: size).calls == [call, call], "\(text)")
        }
    }

    @Test(
        "are text where they name no known tool",
        arguments: [
            "[h(a=1)]", "<function=h>{\"a\": 1}</function>", "<|python_start|>[h()]<|python_end|>", "h\n{\"a\": 1}",
            "<function=h>\n<parameter=a>\n1\n</parameter>\n</function>", "<invoke name=\"h\"></invoke>",
            "<tool_call>h</tool_call>", ">>>h\n{}", "f {\"a\": 1}", "[f(1)]", "[f(a)]", "[f(a=b)]", "f(a=1)",
            "as f\n{}",
            "[f(a=1", "[f[a=1]]", "[\"f(a=1)\"]", "<function=f>", "<function=f>{\"a\": }",
            "<function=f>\n<parameter=a>1",
            "<tool_call>f", "to=f", "<|tool_call>call:f{a:[}<tool_call|>",
        ])
    func unknown(text: String) {
        #expect(DefaultToolParser.calls(in: text, tools: ToolFormTests.tools) == nil)
        for size in [1, 4, 1000] where !text.contains(": }") {
            let found = streamed(text, tools: ToolFormTests.tools, size: size)
            #expect(found.calls.isEmpty)
            #expect(found.text == text)
        }
    }

    @Test("as in Python are calls without known tools at the beginning of a reply or in marks")
    func lists() {
        let calls = [ToolCall(toolName: "f", arguments: ["a": 1]), ToolCall(toolName: "g", arguments: [:])]
        for text in ["[f(a=1), g()]", " [ f(a = 1) , g( ) ]\n", "Yes. <|python_start|>[f(a=1), g()]<|python_end|>"] {
            #expect(DefaultToolParser.calls(in: text) == calls, "\(text)")
        }
        #expect(DefaultToolParser.calls(in: "The list [f(a=1), g()]") == nil)
        #expect(DefaultToolParser.calls(in: "The list [f(a=1), g()]", tools: ToolFormTests.tools) == calls)
        #expect(DefaultToolParser.calls(in: "f\n{}") == nil)
    }

    @Test("as in Python have its literals")
    func literals() {
        let text = #"""
            [f(a=-1, b='it\'s "q"\n\x41\u00e9\ud83e\udd89\U0001F989\d', c=[True, false, None, null, 1.5e3, .5, (1, 2,)],
              d={'k': {"n": []}, "m": {}}, e="",)]
            """#
        let expected: JSON.Object = [
            "a": -1, "b": "it's \"q\"\nAé🦉🦉\\d", "c": [true, false, .null, .null, 1500.0, 0.5, [1, 2]],
            "d": ["k": ["n": []], "m": [:]], "e": "",
        ]
        #expect(
            DefaultToolParser.calls(in: text, tools: ToolFormTests.tools) == [
                ToolCall(toolName: "f", arguments: expected)
            ])
    }

    @Test(
        "as in Python are read as Python reads them",
        arguments: [
            ("('x')", "x"), ("('x',)", ["x"]), ("()", []), ("(1)", 1), ("((1, 2))", [1, 2]), ("[(1)]", [1]),
            (#"'\101\012\0z\1234'"#, "A\n\u{0}zS4"), ("\"\"\"a \"b\" 'c'\n\"\"\"", "a \"b\" 'c'\n"), ("''", ""),
            ("'''x'''", "x"), ("{'': ''}", ["": ""]), ("1_000", 1000), ("0x1F", 31), ("-0b11", -3), ("+5", 5),
            ("+.5", 0.5), ("-1_0.5", -10.5),
        ] as [(String, JSON)])
    func pythonValues(text: String, value: JSON) {
        let call = "[f(a=\(text))]"
        #expect(
            DefaultToolParser.calls(in: call, tools: ToolFormTests.tools)?.first?.arguments == ["a": value], "\(call)")
        #expect(streamed(call, tools: ToolFormTests.tools, size: 1).calls.first?.arguments == ["a": value], "\(call)")
    }

    @Test(
        "as in Python are text where Python has no such value",
        arguments: ["00123", "1__0", "_1", "0x", "0x-5", "--5", "'a"])
    func noPythonValues(text: String) {
        #expect(DefaultToolParser.calls(in: "[f(a=\(text))]", tools: ToolFormTests.tools) == nil)
    }

    @Test("with schemas that refer to themselves are read in no time")
    func recursiveSchemas() {
        let reference: JSON = ["$ref": "#/$defs/R"]
        let many = JSON.array(Array(repeating: reference, count: 8))
        let tools: ToolSchemas = ["f": ["properties": ["a": reference], "$defs": ["R": ["allOf": many]]]]
        let call = "<function=f>\n<parameter=a>\n7\n</parameter>\n</function>"
        #expect(DefaultToolParser.calls(in: call, tools: tools)?.first?.arguments == ["a": 7])
    }

    @Test("in a thought count where none follows")
    func thoughts() {
        func call(_ number: Int) -> String {
            "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \(number)}}</tool_call>"
        }
        func numbers(_ text: String, prompt: String = "") -> [Int?] {
            let tools = ToolFormTests.tools
            let found = (DefaultToolParser.calls(in: text, tools: tools, prompt: prompt) ?? []).map {
                $0.arguments["a"]?.int
            }
            for size in [1, 9, 1000] {
                let streamed = streamed(text, tools: tools, prompt: prompt, size: size)
                #expect(streamed.calls.map { $0.arguments["a"]?.int } == found, "\(text)")
            }
            // Nothing else is known where the tools are not.
            #expect(DefaultToolParser.calls(in: text, prompt: prompt)?.map { $0.arguments["a"]?.int } ?? [] == found)
            return found
        }
        let pairs = [
            ("<think>", "</think>"), ("[THINK]", "[/THINK]"), ("<seed:think>", "</seed:think>"),
            ("<|channel|>analysis<|message|>", "<|end|>"), ("<|channel>thought\n", "<channel|>"),
            ("<|START_THINKING|>", "<|END_THINKING|>"),
        ]
        for (open, close) in pairs {
            #expect(numbers("\(open)I could \(call(1)) or not.\(close)\n\n\(call(2))") == [2])
            #expect(numbers("\(open)I could \(call(1)).\(close)No.") == [1])
            #expect(numbers("\(open)So I call \(call(1))") == [1])
            #expect(numbers("\(open)a\(close)\(call(1))\(open)\(call(2))\(close)b\(call(3))") == [1, 3])
        }
        #expect(numbers("Or \(call(1)).</think>\(call(2))", prompt: "<|assistant|><think>\n") == [2])
        #expect(numbers("Or \(call(1)).</think>No.", prompt: "<|assistant|><think>\n") == [1])
        #expect(DefaultToolParser.calls(in: "Or \(call(1)).</think>\(call(2))")?.map { $0.arguments["a"] } == [2])
        let thought = "<think>\(call(1))</think>\n"
        #expect(streamed(thought + call(2), size: 3).text == thought)
    }

    @Test("in tags become values by the tools' schemas")
    func types() {
        let tools: ToolSchemas = [
            "f": [
                "properties": [
                    "s": ["type": "string"], "i": ["type": "integer"], "n": ["type": "number"],
                    "b": ["type": "boolean"],
                    "l": ["type": "array"], "o": ["type": "object"], "u": ["type": ["string", "null"]],
                    "m": ["anyOf": [["type": "integer"], ["type": "string"]]], "e": ["enum": ["1", "2"]],
                    "r": ["$ref": "#/$defs/R"],
                ], "$defs": ["R": ["type": "string"]],
            ]
        ]
        let cases: [(String, String, JSON)] = [
            ("s", "3", "3"), ("s", "null", "null"), ("s", "\"q\"", "\"q\""), ("s", "[1]", "[1]"), ("s", "", ""),
            ("i", "3", 3), ("i", "3.0", 3), ("i", "three", "three"), ("n", "3", 3), ("n", "2.5", 2.5),
            ("n", "1e3", 1000.0),
            ("b", "true", true), ("b", "True", true), ("b", "False", false), ("b", "FALSE", false), ("b", "1", true),
            ("l", "[1, \"x\"]", [1, "x"]), ("l", "['x', None]", ["x", .null]), ("o", "{\"k\": 1}", ["k": 1]),
            ("o", "{'k': True}", ["k": true]), ("u", "null", .null), ("u", "3", "3"), ("m", "3", 3), ("m", "x", "x"),
            ("e", "1", "1"), ("r", "2", "2"), ("x", "2", 2), ("x", "yes", "yes"), ("x", "True", true),
            ("x", "1) First step\n2) Second", "1) First step\n2) Second"), ("x", "a\") and (\"b", "a\") and (\"b"),
            ("x", "[1]) tail", "[1]) tail"), ("i", "5) x", "5) x"), ("l", "[1]) x", "[1]) x"), ("m", "1) x", "1) x"),
            ("x", "00123", "00123"), ("x", "+5", 5), ("x", "1.50", 1.5), ("x", "1,5", "1,5"), ("x", "0x1F", 31),
        ]
        for (name, text, value) in cases {
            let call = "<function=f>\n<parameter=\(name)>\n\(text)\n</parameter>\n</function>"
            #expect(DefaultToolParser.calls(in: call, tools: tools)?.first?.arguments[name] == value, "\(call)")
        }
        let untyped = "<function=f><parameter=a>7</parameter><parameter=b>x\n</parameter></function>"
        #expect(DefaultToolParser.calls(in: untyped)?.first?.arguments == ["a": 7, "b": "x"])
    }

    @Test("lose no line end of a value but those around it")
    func lineEnds() {
        let tools: ToolSchemas = ["f": ["properties": ["a": ["type": "string"]]]]
        func value(_ text: String) -> JSON? { DefaultToolParser.calls(in: text, tools: tools)?.first?.arguments["a"] }
        #expect(value("<function=f>\n<parameter=a>\n\n x \n\n</parameter>\n</function>") == "\n x \n")
        #expect(value("<invoke name=\"f\"><parameter name=\"a\">x\n</parameter></invoke>") == "x\n")
        #expect(value("<invoke name=\"f\"><parameter name=\"a\">\nx\n</parameter></invoke>") == "x")
    }

    @Test("keep their marks in the list of special tokens")
    func marks() {
        let marks = Set(DefaultToolParser.callMarks)
        for mark in [
            "<tool_call>", "</tool_call>", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "<|python_tag|>", "<|python_start|>",
            "<|python_end|>", "<|tool_call>", "<tool_call|>", "<|\"|>", "<|tool_call|>", "<|/tool_call|>",
            "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>",
            "｜DSML｜", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>", "<|tool_calls_section_begin|>",
            "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>", "<|tool_calls_section_end|>",
            "<|channel|>", "<|message|>", "<|call|>", "<|start|>", "<minimax:tool_call>", "</minimax:tool_call>",
            "<|tool_call_start|>", "<|tool_call_end|>", "<|START_ACTION|>", "<|END_ACTION|>", "<|tools_prefix|>",
            "<|tools_suffix|>", "<seed:tool_call>", "<start_function_call>", "<escape>", "<|function_call|>",
            "<|content|>",
        ] { #expect(marks.contains(mark), "\(mark)") }
        #expect(marks.allSatisfy { $0.count > 2 })
        #expect(DefaultToolParser.thoughtMarks.contains("[/THINK]"))
    }
}
