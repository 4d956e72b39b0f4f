import HayJSON
import TestSupport

@testable import HayComponents

/// Replies as models write them, and texts that come close.
enum RandomTexts {
    /// Fragments of calls in no order, now and then with a whole call.
    ///
    /// - Parameter forms: whether there are calls other than as objects.
    static func fragments(using random: inout SplitMix, forms: Bool) -> String {
        let pieces =
            [
                "{", "{", "{", "}", "}", "}", "[", "]", "\"", "\"name\"", "\"name\":\"f\"", "\"name\": \"g\",",
                "\"arguments\"", "\"arguments\":{", "\"arguments\": {}", "\"parameters\":{\"a\":1}", "\"function\":{",
                "\"id\":\"1\"", ":", ",", " ", "\n", "1", "-", "0.5", "true", "null", "\"x\"", "\\", "é", "🦉", "<",
                "<tool_call>", "</tool_call>", "<|tool_call_start|>", "<|tool_call_end|>", "```", "```json\n",
                "<|python_tag|>", ";", "text",
                "{\"name\":\"h\",\"arguments\":{\"k\":[{}]}}", "\"arguments\":\"{\\\"a\\\":1}\"",
            ] + (forms ? ["[TOOL_CALLS]", "[TOOL_CALLS]", "get", "[ARGS]", "[CALL_ID]"] + RandomForms.fragments : [])
        return (0 ..< Int.random(in: 1 ... 24, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }

    /// A reply: its text, the prose within it, and its calls.
    struct Reply {
        var text = ""
        var prose = ""
        var calls: [ToolCall] = []
    }

    /// Prose and calls in every shape, one after the other.
    static func reply(using random: inout SplitMix) -> Reply {
        var reply = Reply()
        var followsCall = false
        for _ in 0 ..< Int.random(in: 1 ... 5, using: &random) {
            if Bool.random(using: &random) {
                let prose =
                    (followsCall ? ["\nDone.", " So: ", "é"] : ["Sure! ", "if a < b [1] {x} `y` ", "Köln 🦉\n"])
                    .randomElement(using: &random)!
                reply.text += prose
                reply.prose += prose
                followsCall = false
            } else {
                if followsCall { reply.text += ["", " ", "\n\n"].randomElement(using: &random)! }
                let calls = (0 ..< Int.random(in: 1 ... 2, using: &random)).map { _ in call(using: &random) }
                reply.text += block(of: calls, using: &random, calls: &reply.calls)
                followsCall = true
            }
        }
        return reply
    }

    /// One or more calls in one of the shapes. Those that can hold but one take the first.
    private static func block(
        of calls: [ToolCall], using random: inout SplitMix, calls written: inout [ToolCall]
    ) -> String {
        let first = calls[0]
        let list = calls.map { object($0, using: &random) }
        switch Int.random(in: 0 ..< 20, using: &random) {
        case 8...:
            let (text, calls) = RandomForms.block(of: calls, using: &random)
            written += calls
            return text
        case 0:
            written += calls
            return list.map { "<tool_call>\n\($0)\n</tool_call>" }.joined(separator: "\n")
        case 1:
            written += calls
            return "```json\n[\(list.joined(separator: ", "))]\n```"
        case 2:
            written += calls
            return "[TOOL_CALLS] [\(list.joined(separator: ","))]"
        case 3:
            written += calls
            return "<|python_tag|>" + list.joined(separator: "; ")
        case 4:
            written.append(ToolCall(toolName: first.toolName, arguments: first.arguments))
            return "[TOOL_CALLS]\(first.toolName)\(JSON.object(first.arguments))"
        case 5:
            written.append(first)
            let id = first.id.map { "[CALL_ID]\($0)" } ?? ""
            return "[TOOL_CALLS]\(first.toolName)\(id)[ARGS]\(JSON.object(first.arguments).text(spaced: true))"
        case 6:
            written += calls
            return "{\"tool_calls\": [\(list.joined(separator: ", "))]}"
        default:
            written.append(first)
            return list[0]
        }
    }

    private static func object(_ call: ToolCall, using random: inout SplitMix) -> String {
        let arguments = JSON.object(call.arguments)
        var members: [(String, JSON)] = [("name", .string(call.toolName))]
        switch Int.random(in: 0 ..< 4, using: &random) {
        case 0: members.append(("parameters", arguments))
        case 1: members.append(("arguments", .string(arguments.text())))
        default: members.append(("arguments", arguments))
        }
        if let id = call.id { members.append(("id", .string(id))) }
        if Int.random(in: 0 ..< 3, using: &random) == 0 { members.append(("note", ["x": [1, "}{"]])) }
        members.shuffle(using: &random)
        if Int.random(in: 0 ..< 4, using: &random) == 0 {
            members = [("type", "function"), ("function", .object(JSON.Object(members)))]
        }
        return JSON.object(JSON.Object(members)).text(spaced: Bool.random(using: &random))
    }

    private static func call(using random: inout SplitMix) -> ToolCall {
        let name = ["add", "get_weather", "a.b-c"].randomElement(using: &random)!
        var arguments: [(String, JSON)] = []
        for key in ["a", "text", "q\"}", "é"].prefix(Int.random(in: 0 ... 4, using: &random)) {
            arguments.append((key, value(using: &random, depth: 0)))
        }
        let id: String? = Bool.random(using: &random) ? "call-1" : nil
        return ToolCall(toolName: name, arguments: JSON.Object(arguments), id: id)
    }

    private static func value(using random: inout SplitMix, depth: Int) -> JSON {
        switch Int.random(in: 0 ..< (depth < 3 ? 9 : 7), using: &random) {
        case 0: .null
        case 1: .bool(true)
        case 2: .int(-17)
        case 3: .double(0.25)
        case 4: .string("}{\"\\ \n[TOOL_CALLS]x{<tool_call>")
        case 5: .string("🦉é")
        case 6: .string("")
        case 7: .array([value(using: &random, depth: depth + 1), value(using: &random, depth: depth + 1)])
        default: .object(["name": value(using: &random, depth: depth + 1), "arguments": [:]])
        }
    }
}
