import HayComponents
import HayJSON
import TestSupport
import Testing

@Suite("Chunks")
struct ChunkTests {
    @Test("make a message of text, thoughts and calls in the order of their indices")
    func assembly() throws {
        var assembly = ReplyAssembly()
        assembly.add(StreamingChunk(text: "", meta: ["received_at": "t0"]))
        assembly.add(try StreamingChunk(content: "", index: 0, reasoning: ReasoningContent("be")))
        assembly.add(try StreamingChunk(content: "", index: 0, reasoning: ReasoningContent("cause", extra: ["id": 1])))
        assembly.add(StreamingChunk(text: "So", meta: ["received_at": "t1"], index: 0, start: true))
        let pieces = [
            ToolCallDelta(index: 7, toolName: "se", id: "x"), ToolCallDelta(index: 2, toolName: "add", arguments: "{"),
            ToolCallDelta(index: 7, toolName: "arch"), ToolCallDelta(index: 2, arguments: "\"a\":1}", id: "y"),
        ]
        for piece in pieces { assembly.add(try StreamingChunk(content: "", index: 1, toolCalls: [piece])) }
        assembly.add(StreamingChunk(text: ".", finishReason: "tool_calls"))
        assembly.add(StreamingChunk(text: "", meta: ["model": "m", "usage": ["total_tokens": 3]]))
        #expect(
            try assembly.message()
                == .assistant(
                    "So.",
                    toolCalls: [
                        ToolCall(toolName: "add", arguments: ["a": 1], id: "y"),
                        ToolCall(toolName: "search", arguments: [:], id: "x"),
                    ],
                    reasoning: ReasoningContent("because", extra: ["id": 1]),
                    meta: [
                        "model": "m", "index": 0, "finish_reason": "tool_calls", "completion_start_time": "t0",
                        "usage": ["total_tokens": 3],
                    ]))
    }

    @Test("of a call that says its id and name with every piece the name counts once")
    func repeatedNames() throws {
        var assembly = ReplyAssembly()
        let pieces = [
            ToolCallDelta(index: 0, toolName: "add", arguments: "{", id: "x"),
            ToolCallDelta(index: 0, toolName: "add", arguments: "}", id: "x"),
            ToolCallDelta(index: 1, toolName: "go", id: "y"), ToolCallDelta(index: 1, toolName: "go"),
        ]
        for piece in pieces { assembly.add(try StreamingChunk(content: "", index: 0, toolCalls: [piece])) }
        #expect(try assembly.message().toolCalls.map(\.toolName) == ["add", "gogo"])
    }

    @Test("of calls whose arguments are no object keep what was given", arguments: ["[1]", "null", "1"])
    func givenArguments(arguments: String) throws {
        var assembly = ReplyAssembly()
        let delta = ToolCallDelta(index: 0, toolName: "f", arguments: arguments)
        assembly.add(try StreamingChunk(content: "", index: 0, toolCalls: [delta]))
        #expect(try assembly.message().toolCall?.givenArguments == JSON.parse(arguments))
    }

    @Test("of calls whose arguments are not JSON are left out with a warning", arguments: ["{x", "]", "{} 1"])
    func skippedCalls(arguments: String) throws {
        let warnings = Collected<String>()
        var assembly = ReplyAssembly(warn: warnings.append)
        let deltas = [
            ToolCallDelta(index: 0, toolName: "f", arguments: arguments), ToolCallDelta(index: 1, toolName: "g"),
        ]
        assembly.add(try StreamingChunk(content: "", index: 0, toolCalls: deltas))
        #expect(try assembly.message().toolCalls == [ToolCall(toolName: "g", arguments: [:], id: "")])
        #expect(warnings.all.count == 1)
        #expect(warnings.all.first?.hasPrefix("The call of the tool 'f' (id '') is left out") == true)
        #expect(warnings.all.first?.hasSuffix(": \(arguments)") == true)
    }

    @Test("are printed with a heading for each block, and an empty line before calls after the first block")
    func printing() throws {
        let calls = [ToolCallDelta(index: 1, toolName: "f", arguments: "{}"), ToolCallDelta(index: 2, toolName: "g")]
        let chunk = try StreamingChunk(content: "", index: 1, toolCalls: calls, start: true)
        #expect(
            chunk.printedText == "\n\n[TOOL CALL]\nTool: f \nArguments: {}\n\n[TOOL CALL]\nTool: g \nArguments: ")
        let first = try StreamingChunk(content: "", index: 0, toolCalls: calls, start: true)
        #expect(first.printedText == "[TOOL CALL]\nTool: f \nArguments: {}[TOOL CALL]\nTool: g \nArguments: ")
        let thoughts = try StreamingChunk(content: "", index: 2, start: true, reasoning: ReasoningContent("r"))
        #expect(thoughts.printedText == "\n\n[REASONING]\nr")
        #expect(
            StreamingChunk(text: "a", index: 0, start: true, finishReason: "stop").printedText == "[ASSISTANT]\na\n\n")
        #expect(StreamingCallback.printChunk.name == "haystack.components.generators.utils.print_streaming_chunk")
    }

    @Test("without tool calls are written as such")
    func emptyCalls() throws {
        let chunk = try StreamingChunk(content: "x", toolCalls: [])
        #expect(chunk.toDict()["tool_calls"] == .null)
        #expect(try StreamingChunk.fromDict(["content": "x"]).toDict() == chunk.toDict())
    }
}
