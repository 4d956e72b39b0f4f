import HayComponents
import HayJSON
import Testing

@Suite("Messages")
struct MessageTests {
    private let call = ToolCall(toolName: "add", arguments: ["a": 1, "b": ["é", 0.5]], id: "c1")

    @Test("give their parts by kind, in order")
    func properties() throws {
        let image = try ImageContent(base64: "R0lGODlh")
        let message = ChatMessage(
            .assistant,
            parts: [
                "one", .reasoning(ReasoningContent("why")), .toolCall(call), "two", .image(image),
                .toolCallResult(ToolCallResult("3", origin: call)), .reasoning(ReasoningContent("so")),
            ])
        #expect(message.texts == ["one", "two"] && message.text == "one")
        #expect(message.toolCalls == [call] && message.toolCall == call)
        #expect(message.images == [image] && message.image == image)
        #expect(message.toolCallResults.map(\.result) == ["3"] && message.toolCallResult?.origin == call)
        #expect(message.reasonings.map(\.text) == ["why", "so"] && message.reasoning?.text == "why")
        #expect(message.count == 7)
        #expect(message.isFrom(.assistant) && !message.isFrom(.user))
    }

    @Test("are made with what their role says")
    func factories() throws {
        #expect(("hi" as ChatMessage) == .user("hi"))
        #expect(try ChatMessage.user(parts: ["a", "b"]).texts == ["a", "b"])
        #expect(ChatMessage.assistant().parts.isEmpty)
        #expect(
            ChatMessage.assistant("", reasoning: ReasoningContent("")).parts == [
                .reasoning(ReasoningContent("")), .text(""),
            ])
        let reply = ChatMessage.assistant("t", toolCalls: [call], reasoning: ReasoningContent("r"))
        #expect(reply.parts == [.reasoning(ReasoningContent("r")), .text("t"), .toolCall(call)])
        #expect(ChatMessage.tool("3", origin: call, isError: true).toolCallResult?.isError == true)
    }

    @Test("come back from their dictionary, which has its keys in order")
    func roundTrip() throws {
        let message = try ChatMessage(
            .assistant,
            parts: [
                "t", .toolCall(call), .reasoning(ReasoningContent("r", extra: ["id": 1])),
                .image(ImageContent(base64: "", detail: .low, meta: ["k": true])),
                .image(ImageContent(base64: "?", mimeType: "x/y", validation: false)),
                .toolCallResult(ToolCallResult("3", origin: call)),
            ], name: "bot", meta: ["m": [:]])
        let data = message.toDict()
        #expect(data.object?.keys == ["role", "meta", "name", "content"])
        #expect(try ChatMessage.fromDict(data) == message)
        #expect(try ChatMessage.fromDict(JSON.parse(data.text())) == message)
    }

    @Test("go by the format of their content where a message mixes the keys of two")
    func mixedFormats() throws {
        let former: JSON = [
            "role": "system", "_role": "user", "_content": [["text": "hi"]], "name": "bob", "_name": "ada",
            "meta": ["k": 1],
        ]
        #expect(try ChatMessage.fromDict(former) == .user("hi", name: "ada"))
        let current: JSON = [
            "role": "user", "content": "hi", "_content": [["text": "no"]], "_name": "ada", "_meta": ["k": 1],
        ]
        #expect(try ChatMessage.fromDict(current) == .user("hi"))
        #expect(throws: ComponentError.missingKey(key: "_role", place: "ChatMessage")) {
            try ChatMessage.fromDict(["role": "user", "_content": [["text": "hi"]]])
        }
        #expect(throws: ComponentError.missingKey(key: "role", place: "ChatMessage")) {
            try ChatMessage.fromDict(["_role": "user", "content": "hi"])
        }
    }

    @Test("keep the arguments of a call that are no object")
    func givenArguments() throws {
        let call = ToolCall(toolName: "f", givenArguments: [1, "a"], id: "c")
        #expect(call.arguments.count == 0)
        let message = ChatMessage.assistant(toolCalls: [call])
        #expect(try ChatMessage.fromDict(message.toDict()) == message)
        #expect(try ChatMessage(openAI: message.openAIDict()) == message)
        #expect(try message.huggingFaceDict()["tool_calls"]?.array?[0]["function"]?["arguments"] == [1, "a"])
    }

    @Test("keep all parts of a list of OpenAI's")
    func openAIParts() throws {
        let image = try ImageContent(base64: "R0lGODlh", mimeType: "image/gif", detail: .low)
        let message = try ChatMessage.user(parts: ["a", .image(image), "", "b"])
        #expect(try ChatMessage(openAI: message.openAIDict()) == message)
        let system: JSON = [
            "role": "system", "content": [["type": "text", "text": "a"], ["type": "text", "text": "b"]],
        ]
        #expect(try ChatMessage(openAI: system).texts == ["a", "b"])
    }

    @Test("leave out for OpenAI and Hugging Face what these do not take")
    func leavingOut() throws {
        let image = try ImageContent(base64: "R0lGODlh", detail: .high)
        let user = ChatMessage(.user, parts: ["a", .toolCall(call), .image(image)])
        let url = "data:image/gif;base64,R0lGODlh"
        #expect(
            try user.openAIDict() == [
                "role": "user",
                "content": [
                    ["type": "text", "text": "a"],
                    ["type": "image_url", "image_url": ["url": .string(url), "detail": "high"]],
                ],
            ])
        let assistant = ChatMessage(.assistant, parts: ["a", "b", .image(image)], name: "bot")
        #expect(try assistant.openAIDict() == ["role": "assistant", "name": "bot", "content": "a"])
        #expect(
            try assistant.huggingFaceDict() == [
                "role": "assistant",
                "content": [
                    ["type": "text", "text": "a"], ["type": "text", "text": "b"],
                    ["type": "image_url", "image_url": ["url": .string(url)]],
                ],
            ])
        let result = ChatMessage.tool("3", origin: ToolCall(toolName: "f", arguments: [:], id: ""))
        #expect(try result.openAIDict() == ["role": "tool", "content": "3", "tool_call_id": ""])
        #expect(try result.huggingFaceDict() == ["role": "tool", "content": "3"])
    }

    @Test("come back from OpenAI's dictionary")
    func openAIRoundTrip() throws {
        let message = ChatMessage.assistant("t", toolCalls: [call], name: "bot")
        #expect(try ChatMessage(openAI: message.openAIDict()) == message)
        let parts: JSON = [
            "role": "user", "content": [["type": "text", "text": "a"], ["type": "text", "text": "b"]],
        ]
        #expect(try ChatMessage(openAI: parts) == ChatMessage(.user, parts: ["a", "b"]))
        #expect(
            try ChatMessage(openAI: [
                "role": "assistant", "content": "",
                "tool_calls": [
                    ["function": ["name": "f", "arguments": "{}"]]
                ],
            ]) == .assistant("", toolCalls: [ToolCall(toolName: "f", arguments: [:])]))
    }
}
