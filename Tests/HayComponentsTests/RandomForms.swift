import HayJSON
import TestSupport

@testable import HayComponents

/// Calls in forms other than objects that name their tool.
enum RandomForms {
    /// Pieces of all of them.
    static let fragments = [
        "<function=f>", "<parameter=a>", "</parameter>", "</function>", "<tool_call>f<arg_key>", "</arg_key>",
        "<arg_value>",
        "</arg_value>", "<invoke name=\"f\">", "<parameter name=\"a\">", "</invoke>", "f(a=1)", "[f(", "a=", "'x'", ")",
        "[",
        "<|python_tag|>f.call(", "<|tool_call>call:f{", "a:", "<|\"|>", "<tool_call|>", "<|channel|>commentary to=f",
        "<|message|>", "{}", "{\"a\": 1}", "<｜tool▁call▁begin｜>", "function<｜tool▁sep｜>f\n```json\n",
        "<｜tool▁call▁end｜>",
        "<|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>", "<|tool_call_end|>", "\nf\n{}", ">>>f\n",
        "<think>",
        "[THINK]", "[/THINK]", "Action:", "to=", "<|tools_prefix|>[{\"f\": {}}]", "<|start|>assistant", "<|end|>",
    ]

    /// A text of some of the calls, and the calls that it has.
    static func block(of calls: [ToolCall], using random: inout SplitMix) -> (String, [ToolCall]) {
        let json = calls.map { ToolCall(toolName: $0.toolName, arguments: $0.arguments) }
        // Names that need no quotes.
        let plain = json.map { call in
            ToolCall(toolName: call.toolName, arguments: JSON.Object(call.arguments.filter { $0.0 != "q\"}" }))
        }
        func joined(_ calls: [ToolCall], _ separator: String, _ write: (String, JSON.Object) -> String) -> String {
            calls.map { write($0.toolName, $0.arguments) }.joined(separator: separator)
        }
        func text(_ arguments: JSON.Object) -> String { JSON.object(arguments).text(spaced: true) }
        // A name alone in GLM's tags is a call only of a known tool.
        let count = plain.allSatisfy { $0.arguments.count > 0 } ? 10 : 9
        switch Int.random(in: 0 ..< count, using: &random) {
        case 0: return (joined(json, "\n") { "<function=\($0)>\(text($1))</function>" }, json)
        case 1:
            let calls = joined(json, "\n") {
                "<｜tool▁call▁begin｜>function<｜tool▁sep｜>\($0)\n```json\n\(text($1))\n```<｜tool▁call▁end｜>"
            }
            return ("<｜tool▁calls▁begin｜>\(calls)<｜tool▁calls▁end｜>", json)
        case 2: return (joined(json, "") { "<｜tool▁call▁begin｜>\($0)<｜tool▁sep｜>\(text($1))<｜tool▁call▁end｜>" }, json)
        case 3:
            return (
                joined(json, "") {
                    "<|channel|>commentary to=functions.\($0) <|constrain|>json<|message|>\(text($1))<|call|>"
                }, json
            )
        case 4:
            let numbered = json.map {
                ToolCall(toolName: $0.toolName, arguments: $0.arguments, id: "functions.\($0.toolName):7")
            }
            return (
                joined(json, "") {
                    "<|tool_call_begin|>functions.\($0):7<|tool_call_argument_begin|>\(text($1))<|tool_call_end|>"
                }, numbered
            )
        case 5:
            return (
                "<|tool_call_start|>[" + joined(plain, ", ") { "\($0)(\(keywords($1)))" } + "]<|tool_call_end|>", plain
            )
        case 6: return (joined(plain, "") { "<|tool_call>call:\($0){\(members($1))}<tool_call|>" }, plain)
        case 7:
            return (
                joined(plain, "\n") { name, arguments in
                    let parameters = arguments.map { "<parameter=\($0.0)>\n\($0.1.text())\n</parameter>\n" }.joined()
                    return "<tool_call>\n<function=\(name)>\n\(parameters)</function>\n</tool_call>"
                }, plain
            )
        case 8:
            return (
                joined(plain, "\n") { name, arguments in
                    let parameters = arguments.map { "<parameter name=\"\($0.0)\">\($0.1.text())</parameter>" }.joined()
                    return "<invoke name=\"\(name)\">\(parameters)</invoke>"
                }, plain
            )
        default:
            return (
                joined(plain, "\n") { name, arguments in
                    let parameters = arguments.map {
                        "<arg_key>\($0.0)</arg_key>\n<arg_value>\($0.1.text())</arg_value>\n"
                    }.joined()
                    return "<tool_call>\(name)\n\(parameters)</tool_call>"
                }, plain
            )
        }
    }

    private static func keywords(_ arguments: JSON.Object) -> String {
        arguments.map { "\($0.0)=\(python($0.1))" }.joined(separator: ", ")
    }

    private static func python(_ value: JSON) -> String {
        switch value {
        case .null: "None"
        case .bool(let value): value ? "True" : "False"
        case .string(let text):
            "'"
                + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'").replacing("\n", with: "\\n") + "'"
        case .array(let elements): "[" + elements.map(python).joined(separator: ", ") + "]"
        case .object(let object):
            "{" + object.map { "\(python(.string($0.0))): \(python($0.1))" }.joined(separator: ", ") + "}"
        default: value.text()
        }
    }

    private static func members(_ object: JSON.Object) -> String {
        object.map { "\($0.0):\(gemma($0.1))" }.joined(separator: ",")
    }

    private static func gemma(_ value: JSON) -> String {
        switch value {
        case .string(let text): "<|\"|>\(text)<|\"|>"
        case .array(let elements): "[" + elements.map(gemma).joined(separator: ",") + "]"
        case .object(let object): "{\(members(object))}"
        default: value.text()
        }
    }
}
