import HayComponents
import HayJSON
import TestSupport
import Testing

@testable import HayProviders

/// Both generators on a server of llama.cpp's that `run_peer.py` starts; its address is in HAYLOFT_PEER.
@Suite(
    "A server of another make",
    .enabled(if: processEnvironment["HAYLOFT_PEER"] != nil, "run_peer.py sets HAYLOFT_PEER"), .serialized)
struct PeerTests {
    private let url = processEnvironment["HAYLOFT_PEER"] ?? ""
    private let kwargs: GenerationKwargs = ["max_tokens": 24, "temperature": 0, "seed": 3]

    private func plain() throws -> OpenAIGenerator {
        try OpenAIGenerator(
            apiKey: .token("none"), model: "random", apiBaseURL: url, generationKwargs: kwargs, timeout: 120,
            environment: [:])
    }

    private func chat(_ tools: [Tool] = []) throws -> OpenAIChatGenerator {
        try OpenAIChatGenerator(
            apiKey: .token("none"), model: "random", apiBaseURL: url, generationKwargs: kwargs, timeout: 120,
            tools: tools, environment: [:])
    }

    private func weather() throws -> Tool {
        try Tool(
            name: "weather", description: "The weather in a city",
            parameters: [
                "type": "object", "properties": ["city": ["type": "string", "maxLength": 8]], "required": ["city"],
            ],
            function: ToolFunction { .string("sunny in \($0["city"]?.string ?? "")") })
    }

    @Test("a prompt is answered, and streamed alike")
    func prompts() async throws {
        let generator = try plain()
        let whole = try await generator.run("Say something.")
        #expect(whole.replies.count == 1 && !whole.replies[0].isEmpty)
        #expect(whole.meta[0]["finish_reason"] == "length" && whole.meta[0]["model"] == "random")
        #expect(whole.meta[0]["usage"]?["completion_tokens"]?.int == 24)
        let chunks = Collected<StreamingChunk>()
        let streamed = try await generator.run(
            "Say something.", streamingCallback: StreamingCallback { chunks.append($0) })
        #expect(streamed.replies == whole.replies)
        #expect(chunks.all.map(\.content).joined() == whole.replies[0] && chunks.all.count > 20)
        var text = ""
        for try await chunk in generator.stream("Say something.") { text += chunk.content }
        #expect(text == whole.replies[0])
    }

    @Test("a conversation is answered, and streamed alike")
    func conversations() async throws {
        let generator = try chat()
        let messages: [ChatMessage] = [.system("Be brief."), .user("Hi"), .assistant("Yes?"), .user("Say something.")]
        let whole = try await generator.run(messages).replies[0]
        let streamed = try await generator.run(messages, streamingCallback: StreamingCallback { _ in }).replies[0]
        #expect(whole.text?.isEmpty == false && whole.text == streamed.text)
        #expect(streamed.meta["finish_reason"] == "length" && streamed.meta["completion_start_time"] != nil)
    }

    @Test("a tool is called, and streamed alike; its result is taken")
    func tools() async throws {
        let generator = try chat([weather()])
        let choice: GenerationKwargs = [
            "tool_choice": ["type": "function", "function": ["name": "weather"]], "max_tokens": 64,
        ]
        let whole = try await generator.run("How is the weather?", generationKwargs: choice).replies[0]
        let call = try #require(whole.toolCall)
        #expect(call.toolName == "weather" && call.arguments["city"]?.string != nil && call.id != nil)
        let deltas = Collected<ToolCallDelta>()
        let streamed = try await generator.run(
            "How is the weather?", streamingCallback: StreamingCallback { ($0.toolCalls ?? []).forEach(deltas.append) },
            generationKwargs: choice
        ).replies[0]
        #expect(streamed.toolCall?.toolName == "weather" && streamed.toolCall?.arguments == call.arguments)
        #expect(deltas.all.count > 3)
        var arguments = ""
        for try await chunk in generator.stream("How is the weather?", generationKwargs: choice) {
            arguments += (chunk.toolCalls ?? []).compactMap(\.arguments).joined()
        }
        #expect(try JSON.parse(arguments) == .object(call.arguments))
        let answer = try await generator.run(
            [
                // Its template wants a text in every message.
                .user("How is the weather?"), .assistant("", toolCalls: [call]), .tool("sunny", origin: call),
            ],
            generationKwargs: ["tool_choice": "none"])
        #expect(answer.replies.count == 1)
    }

    @Test("a reply holds to a format")
    func formats() async throws {
        let schema: JSON = [
            "type": "object", "properties": ["ok": ["type": "boolean"]], "required": ["ok"],
            "additionalProperties": false,
        ]
        let reply = try await chat().run(
            "Is it?",
            generationKwargs: ["response_format": ["type": "json_object", "schema": schema], "max_tokens": 64]
        ).replies[0]
        #expect(try JSON.parse(reply.text ?? "")["ok"]?.bool != nil)
    }

    @Test("what the server refuses is told with its words, and not tried again")
    func refusals() async throws {
        do {
            _ = try await plain().run(String(repeating: "too long ", count: 1000))
            Issue.record("no error")
        } catch RemoteError.status(let status) {
            #expect(status.status == 400 && status.code == "context_length_exceeded" && status.param == "messages")
            #expect(status.message.contains("4096"))
        }
    }

    @Test("many at a time are answered")
    func crowd() async throws {
        let generator = try chat()
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0 ..< 12 {
                group.addTask {
                    var text = ""
                    for try await chunk in generator.stream("Say something.") { text += chunk.content }
                    return text
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(texts.count == 1 && texts.first?.isEmpty == false)
    }
}
