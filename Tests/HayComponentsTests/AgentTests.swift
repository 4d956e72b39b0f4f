import HayComponents
import HayJSON
import TestSupport
import Testing

/// A generator that gives prepared replies, one a call, and notes what it was asked.
private final class PreparedReplies: ChatGenerator {
    static let type = "tests.PreparedReplies"
    let conversations = Collected<[ChatMessage]>()
    private let replies: [ChatMessage]

    init(_ replies: [ChatMessage]) { self.replies = replies }

    func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?,
        tools: (any ToolSource)?
    ) async throws -> ChatReplies {
        let place = conversations.all.count
        conversations.append(messages)
        return ChatReplies(replies: replies.isEmpty ? [] : [replies[min(place, replies.count - 1)]])
    }

    func stream(_ messages: [ChatMessage], generationKwargs: GenerationKwargs?, tools: (any ToolSource)?) -> ChunkStream
    {
        ChunkStream { $0.finish() }
    }

    func toDict() throws -> JSON { .null }
    static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> PreparedReplies { PreparedReplies([]) }
}

private func tool(_ name: String, _ body: @escaping @Sendable (JSON.Object) async throws -> JSON) throws -> Tool {
    try Tool(name: name, description: "", parameters: ["type": "object"], function: ToolFunction(nil, body))
}

private func calls(_ names: String...) -> ChatMessage {
    .assistant(toolCalls: names.map { ToolCall(toolName: $0, arguments: ["a": 1]) })
}

@Suite("Agents")
struct AgentTests {
    private struct Broken: Error, CustomStringConvertible { let description = "it broke" }

    @Test("results come in the order of the calls, whichever is ready first, and are fed back")
    func order() async throws {
        let slow = try tool("slow") { _ in
            try await Task.sleep(for: .milliseconds(30))
            return ["seconds": 0.03]
        }
        let fast = try tool("fast") { $0["a"] ?? .null }
        let generator = PreparedReplies([calls("slow", "fast"), .assistant("done")])
        let result = try await Agent(generator, tools: [slow, fast], systemPrompt: "Be brief.").run("go")
        #expect(result.ending == .answered && result.lastMessage.text == "done" && result.steps == 2)
        #expect(result.messages.map(\.role) == [.system, .user, .assistant, .tool, .tool, .assistant])
        #expect(result.messages.compactMap(\.toolCallResult).map(\.result) == ["{\"seconds\": 0.03}", "1"])
        #expect(generator.conversations.all[1].count == 5)
    }

    @Test("a conversation that begins with a system message keeps it")
    func systemMessage() async throws {
        let generator = PreparedReplies([.assistant("hi")])
        let agent = try Agent(generator, tools: [Tool](), systemPrompt: "other")
        #expect(try await agent.run([.system("own"), .user("x")]).messages.count == 3)
    }

    @Test("the model is told what went wrong: unknown tools, failures, tools that take too long, long results")
    func failures() async throws {
        let broken = try tool("broken") { _ in throw Broken() }
        let hanging = try tool("hanging") { _ in
            // Heeds no cancellation.
            while true { await Task.yield() }
        }
        let long = try tool("long") { _ in .string(String(repeating: "x", count: 100)) }
        var limits = Agent.Limits()
        limits.callDuration = .milliseconds(50)
        limits.resultLength = 10
        let generator = PreparedReplies([calls("absent", "broken", "long"), .assistant("done")])
        let result = try await Agent(generator, tools: [broken, long], limits: limits).run("go")
        let results = result.messages.compactMap(\.toolCallResult)
        #expect(results.map(\.isError) == [true, true, false])
        #expect(results[2].result == "xxxxxxxxxx\n[cut off after 10 characters]")
        limits.resultLength = 200
        let slow = try await Agent(
            PreparedReplies([calls("absent", "broken"), calls("hanging"), .assistant("done")]),
            tools: [broken, hanging], limits: limits
        ).run("go")
        #expect(
            slow.messages.compactMap(\.toolCallResult).map(\.result) == [
                "There is no tool `absent`; the tools are broken, hanging",
                "Failed to invoke Tool `broken` with parameters {\"a\":1}. Error: it broke",
                "Tool `hanging` has not answered within 0.05 seconds",
            ])
    }

    @Test("failures end the run where they are to be raised")
    func raising() async throws {
        let broken = try tool("broken") { _ in throw Broken() }
        let agent = try Agent(PreparedReplies([calls("broken")]), tools: [broken], raisesToolErrors: true)
        await #expect(throws: ComponentError.self) { try await agent.run("go") }
    }

    @Test("replies and calls are limited, and a generator without a reply is an error")
    func limits() async throws {
        let echo = try tool("echo") { _ in "x" }
        var limits = Agent.Limits()
        limits.steps = 3
        let steps = try await Agent(PreparedReplies([calls("echo")]), tools: [echo], limits: limits).run("go")
        #expect(steps.ending == .stepLimit && steps.steps == 3)
        limits.calls = 3
        let many = try await Agent(PreparedReplies([calls("echo", "echo")]), tools: [echo], limits: limits).run("go")
        #expect(many.ending == .callLimit && many.steps == 2)
        #expect(many.messages.compactMap(\.toolCallResult).count == 2)
        await #expect(throws: ComponentError.noReply) {
            try await Agent(PreparedReplies([]), tools: [echo]).run("go")
        }
    }

    @Test("a callback is given each result, and a cancelled run ends")
    func callback() async throws {
        let echo = try tool("echo") { _ in "x" }
        let waiting = try tool("waiting") { _ in
            try await Task.sleep(for: .seconds(100))
            return .null
        }
        let chunks = Collected<StreamingChunk>()
        let generator = PreparedReplies([calls("echo"), .assistant("done")])
        _ = try await Agent(generator, tools: [echo]).run(
            "go", streamingCallback: StreamingCallback { chunks.append($0) })
        #expect(chunks.all.map(\.toolCallResult?.result) == ["x"])
        #expect(chunks.all.map(\.finishReason) == ["tool_call_results"])
        let task = Task {
            try await Agent(PreparedReplies([calls("waiting")]), tools: [waiting]).run("go")
        }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
    }
}
