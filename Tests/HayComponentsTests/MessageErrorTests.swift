import HayComponents
import HayJSON
import TestSupport
import Testing

@Suite("What is wrong with a message is said in a sentence")
struct MessageErrorTests {
    @Test("of a role")
    func roles() {
        expect("Unknown chat role 'function'. Supported roles are: ['user', 'system', 'assistant', 'tool']") {
            _ = try ChatRole(parsing: "function")
        }
        expect("'User' is not a valid ChatRole") { _ = try ChatMessage.fromDict(["role": "User", "content": "x"]) }
        expect(
            "The `role` field is required in the message dictionary. Expected a dictionary with 'role' field "
                + "containing one of: ['user', 'system', 'assistant', 'tool']. Common roles are 'user' (for user "
                + "messages) and 'assistant' (for AI responses). Received dictionary with keys: ['content', 'meta']"
        ) { _ = try ChatMessage.fromDict(["content": "x", "meta": [:]]) }
    }

    @Test("of a serialized message")
    func messages() {
        expect("Missing 'content' or '_content' in serialized ChatMessage: `{\"role\": \"user\"}`") {
            _ = try ChatMessage.fromDict(["role": "user"])
        }
        expect("Unsupported content type in serialized ChatMessage: `null`", .type) {
            _ = try ChatMessage.fromDict(["role": "user", "content": .null])
        }
        expect("ChatMessage must be a dictionary, found a string", .type) { _ = try ChatMessage.fromDict("x") }
        expect("ChatMessage's 'name' must be a string, found an integer", .type) {
            _ = try ChatMessage.fromDict(["role": "user", "content": "x", "name": 1])
        }
    }

    @Test("of a serialized part")
    func parts() {
        expect("TextContent has no 'type'; known are text", .type) {
            _ = try ContentPart.fromDict(["text": "a", "type": "text"])
        }
        expect("The content part must be a dictionary, found null", .type) { _ = try ContentPart.fromDict(.null) }
        expect("ToolCall has no 'arguments'", .type) { _ = try ContentPart.fromDict(["tool_call": ["tool_name": "f"]]) }
        expect(
            "Fields `result`, `origin`, `error` are required for ToolCallResult deserialization. "
                + "Received dictionary with keys ['result', 'error']"
        ) { _ = try ToolCallResult.fromDict(["result": "r", "error": false]) }
        expect(
            "Unsupported content part in the serialized ChatMessage: {\"video\": \"x\"}. The `content` field of the "
                + "serialized ChatMessage must be a list of dictionaries, where each dictionary contains one of these "
                + "keys: 'text', 'image', 'reasoning', 'tool_call', or 'tool_call_result'. Valid formats: "
                + "[{'text': 'Hello'}, {'image': {'base64_image': '...', ...}}, {'reasoning': {'reasoning_text': 'I think...', "
                + "'extra': {...}}}, {'tool_call': {'tool_name': 'search', 'arguments': {}, 'id': 'call_123'}}, "
                + "{'tool_call_result': {'result': 'data', 'origin': {...}, 'error': false}}]"
        ) { _ = try ContentPart.fromDict(["video": "x"]) }
    }

    @Test("of a user's parts")
    func userParts() {
        expect("The user message must contain at least one textual or image part.") {
            _ = try ChatMessage.user(parts: [])
        }
        expect(
            "The user message must contain only text or image parts. Unsupported part: a call of the tool 'f'"
        ) { _ = try ChatMessage.user(parts: ["a", .toolCall(ToolCall(toolName: "f", arguments: [:]))]) }
    }

    @Test("of a message to send")
    func sending() throws {
        let call = ToolCall(toolName: "f", arguments: [:])
        let empty =
            "A `ChatMessage` must contain at least one `TextContent`, `ToolCall`, `ToolCallResult`, or `ImageContent`."
        let thoughts = ChatMessage.assistant(reasoning: ReasoningContent("r"))
        expect(empty) { _ = try thoughts.openAIDict() }
        expect(empty) { _ = try ChatMessage.assistant().huggingFaceDict() }
        let results = ChatMessage(
            .tool, parts: [.toolCallResult(ToolCallResult("1", origin: call)), .text("a")])
        let rest = ", a `ChatMessage` with a `ToolCallResult` cannot contain any other content."
        expect("For OpenAI compatibility" + rest) { _ = try results.openAIDict() }
        expect("For compatibility with the Hugging Face API" + rest) { _ = try results.huggingFaceDict() }
        let missing = "`ToolCall` must have a non-null `id` attribute to be used with OpenAI."
        expect(missing) { _ = try ChatMessage.assistant(toolCalls: [call]).openAIDict() }
        expect(missing) { _ = try ChatMessage.tool("1", origin: call).openAIDict() }
    }

    @Test("of a message of OpenAI's")
    func openAI() {
        func read(_ data: JSON) throws { _ = try ChatMessage(openAI: data) }
        expect("The `role` field is required in the message dictionary.") { try read(["content": "x"]) }
        expect("Unsupported role: function") { try read(["role": "function", "content": "x"]) }
        expect("For assistant messages, either `content` or `tool_calls` must be present.") {
            try read(["role": "assistant", "content": .null, "tool_calls": []])
        }
        expect("The `content` field is required for developer messages.") { try read(["role": "developer"]) }
        expect("The `content` field is required for tool messages.") { try read(["role": "tool", "content": ""]) }
        expect(
            "the content has the part {\"type\": \"image_url\"}, expected parts of type 'text', or 'image_url' with a "
                + "data URL of base64"
        ) { try read(["role": "user", "content": [["type": "image_url"]]]) }
        expect("the content has the part {\"type\": \"image_url\"}, expected parts of type 'text'") {
            try read(["role": "system", "content": [["type": "image_url"]]])
        }
        expect("Unsupported role: null") { try read(["role": .null, "content": "x"]) }
        expect("The message's 'content' must be a string or a list of parts, found an integer", .type) {
            try read(["role": "user", "content": 1])
        }
        func call(_ arguments: JSON) -> JSON {
            ["role": "assistant", "tool_calls": [["function": ["name": "f", "arguments": arguments]]]]
        }
        expect(
            "the arguments of the call of 'f' are not JSON: line 1, column 2: expected a key in double quotes"
        ) { try read(call("{x")) }
        expect("Tool calls must contain the `function` field") {
            try read(["role": "assistant", "tool_calls": [["id": "1"]]])
        }
    }

    @Test("of an image")
    func images() {
        expect("The base64 string is not valid") { _ = try ImageContent(base64: "a") }
        expect("text/plain is not a valid image MIME type.") {
            _ = try ImageContent(base64: "", mimeType: "text/plain")
        }
        expect("the image's detail is 'full', expected one of ['auto', 'high', 'low']") {
            _ = try ImageContent.fromDict(["base64_image": "", "detail": "full"])
        }
    }

    @Test("of a file")
    func files() {
        let folder = TemporaryFolder()
        let text = folder.write("hello", to: "a.png")
        let document = folder.write("%PDF-1.7", to: "b.png")
        let missing = folder.path + "/none.png"
        expect("\(missing) cannot be read: No such file or directory", .runtime) { _ = try ImageContent(file: missing) }
        expect("\(folder.path) cannot be read: Is a directory", .runtime) { _ = try ImageContent(file: folder.path) }
        expect("\(text) is of no type that is known, expected an image") { _ = try ImageContent(file: text) }
        expect("\(document) is a PDF document, expected an image") { _ = try ImageContent(file: document) }
        expect("\(text) has more than 4 bytes, the most that is read") {
            _ = try ImageContent(file: text, sizeLimit: 4)
        }
    }

    @Test("of a chunk or a stream")
    func chunks() {
        let result = ToolCallResult("1", origin: ToolCall(toolName: "f", arguments: [:]))
        expect(
            "Only one of `content`, `tool_call`, `tool_call_result` or `reasoning` may be set in a StreamingChunk. "
                + "Got content, tool_calls, tool_call_result, reasoning."
        ) {
            _ = try StreamingChunk(
                content: "x", index: 0, toolCalls: [ToolCallDelta(index: 0)], toolCallResult: result,
                reasoning: ReasoningContent("r"))
        }
        expect("If `tool_call`, `tool_call_result` or `reasoning` is set, `index` must also be set.") {
            _ = try StreamingChunk(content: "", reasoning: ReasoningContent("r"))
        }
        expect("Missing required field `content` in StreamingChunk deserialization.") {
            _ = try StreamingChunk.fromDict([:])
        }
        expect("StreamingChunk's 'tool_calls' must be a list, found a string", .type) {
            _ = try StreamingChunk.fromDict(["content": "", "tool_calls": "f"])
        }
        expect("the stream ended without a chunk, so there is no reply", .runtime) {
            _ = try ReplyAssembly().message()
        }
    }

    private func expect(
        _ message: String, _ kind: ErrorKind = .value, at location: SourceLocation = #_sourceLocation,
        _ attempt: () throws -> Void
    ) {
        let thrown = #expect(throws: (any Error).self, sourceLocation: location, performing: attempt)
        let error = thrown as? any ClassifiedError
        #expect(error?.description == message, sourceLocation: location)
        #expect(error?.kind == kind, sourceLocation: location)
    }
}
