import HayJSON
import TestSupport
import Testing

@testable import HayComponents

@Suite("A stream of tool calls")
struct ToolCallStreamTests {
    private typealias Piece = ToolCallStream.Piece

    @Test("passes a call on as soon as its arguments begin, and its arguments as they come")
    func early() {
        var stream = ToolCallStream()
        #expect(stream.append("Sure. <tool_") == [.text("Sure. ")])
        #expect(stream.append("call>\n{\"name\": \"add\", \"argum") == [])
        #expect(
            stream.append("ents\": {\"a\": ")
                == [
                    .call(ToolCallDelta(index: 0, toolName: "add")),
                    .call(ToolCallDelta(index: 0, arguments: "{\"a\": ")),
                ])
        #expect(stream.append("{}}, \"id\": 1}\n") == [.call(ToolCallDelta(index: 0, arguments: "{}}"))])
        #expect(stream.append("</tool_call>\n") == [])
        #expect(stream.append("Done") == [.text("\nDone")])
        #expect(stream.finish() == [])
    }

    @Test("passes on at once what cannot belong to a call")
    func text() {
        var stream = ToolCallStream()
        for text in ["a < b, ", "x[1] ", "{x} ", "`y` ", "1, 2; [ ] "] { #expect(stream.append(text) == [.text(text)]) }
        #expect(stream.append("{\"a\": ") == [])
        #expect(stream.append("1}") == [.text("{\"a\": 1}")])
        #expect(stream.append("[TOOL_CALLS]") == [])
        #expect(stream.append(" none") == [])
        #expect(stream.append(" yet") == [.text("[TOOL_CALLS] none yet")])
        #expect(stream.append("``") == [])
        #expect(stream.append("`swift") == [.text("```swift")])
        #expect(stream.append("{\"name\": \"f\"") == [])
        #expect(stream.finish() == [.text("{\"name\": \"f\"")])
    }

    @Test(
        "gives the calls of each shape and drops what is around them",
        arguments: [
            #"{"name": "f", "arguments": {"a": 1}}"#,
            #"{"arguments": {"a": 1}, "name": "f"}"#,
            #"{"name": "f", "arguments": "{\"a\": 1}"}"#,
            #"{"type": "function", "function": {"name": "f", "parameters": {"a": 1}}}"#,
            "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>\n",
            "```json\n[ {\"name\": \"f\", \"arguments\": {\"a\": 1}} ]\n```\n",
            "```\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n```",
            #"{"tool_calls": [{"name": "f", "arguments": {"a": 1}}]}"#,
            #"<|python_tag|>{"name": "f", "parameters": {"a": 1}}"#,
            #"[TOOL_CALLS] [{"name": "f", "arguments": {"a": 1}}]"#,
            #"[TOOL_CALLS]f{"a": 1}"#, #"[TOOL_CALLS]f[ARGS]{"a": 1}"#,
        ])
    func shapes(text: String) {
        let arguments = #"{"a": 1}"#
        #expect(
            joined([text]) == [
                .call(ToolCallDelta(index: 0, toolName: "f", arguments: arguments))
            ], "\(text)")
    }

    @Test("gives ids where they come, and counts calls")
    func ids() {
        let text = #"{"name": "f", "arguments": {}, "id": "1"}; [TOOL_CALLS]g[CALL_ID]2[ARGS]{}"#
        #expect(
            joined([text]) == [
                .call(ToolCallDelta(index: 0, toolName: "f", arguments: "{}", id: "1")),
                .call(ToolCallDelta(index: 1, toolName: "g", arguments: "{}", id: "2")),
            ])
    }

    @Test("passes on a call that breaks off as far as it goes, and then text")
    func brokenOff() {
        #expect(
            joined([#"{"name": "f", "arguments": {"a": oops, {"name": "g", "arguments": {"#]) == [
                .call(ToolCallDelta(index: 0, toolName: "f", arguments: #"{"a": "#)), .text("oops, "),
                .call(ToolCallDelta(index: 1, toolName: "g", arguments: "{")),
            ])
    }

    @Test("passes on what separates a call from no call")
    func separators() {
        let text = #"[{"name": "f", "arguments": {}}, {"b": 1}]"#
        #expect(
            joined([text]) == [
                .call(ToolCallDelta(index: 0, toolName: "f", arguments: "{}")), .text(#", {"b": 1}]"#),
            ])
    }

    @Test("gives the same however the text is cut")
    func cuts() {
        var random = SplitMix(seed: 3)
        for round in 0 ..< 3000 {
            let text =
                round % 3 == 0
                ? RandomTexts.reply(using: &random).text : RandomTexts.fragments(using: &random, forms: true)
            let whole = joined([text])
            #expect(joined(text.split(size: 1)) == whole, "\(text)")
            #expect(joined(text.split(size: Int.random(in: 2 ... 9, using: &random))) == whole, "\(text)")
        }
    }

    @Test("gives the calls and the prose that random replies were written with")
    func replies() {
        var random = SplitMix(seed: 4)
        for _ in 0 ..< 1500 {
            let reply = RandomTexts.reply(using: &random)
            let pieces = joined([reply.text])
            let prose = pieces.map { if case .text(let text) = $0 { text } else { "" } }.joined()
            #expect(prose == reply.prose, "\(reply.text)")
            let deltas = pieces.compactMap { if case .call(let delta) = $0 { delta } else { nil } }
            #expect(deltas.map(\.index) == Array(0 ..< deltas.count))
            let calls = deltas.map { delta in
                ToolCall(
                    toolName: delta.toolName ?? "",
                    arguments: (try? JSON.parse(delta.arguments ?? ""))?.object ?? ["broken": true], id: delta.id)
            }
            #expect(calls == reply.calls, "\(reply.text)")
        }
    }

    /// The pieces that come of a text in pieces, texts and deltas of one call joined.
    private func joined(_ texts: [String]) -> [Piece] {
        var stream = ToolCallStream()
        var joined: [Piece] = []
        for piece in texts.flatMap({ stream.append($0) }) + stream.finish() {
            switch (joined.last, piece) {
            case (.text(let before), .text(let text)): joined[joined.count - 1] = .text(before + text)
            case (.call(var call), .call(let delta)) where call.index == delta.index:
                call.toolName = call.toolName.map { $0 + (delta.toolName ?? "") } ?? delta.toolName
                call.arguments = call.arguments.map { $0 + (delta.arguments ?? "") } ?? delta.arguments
                call.id = delta.id ?? call.id
                joined[joined.count - 1] = .call(call)
            default: joined.append(piece)
            }
        }
        return joined
    }
}
