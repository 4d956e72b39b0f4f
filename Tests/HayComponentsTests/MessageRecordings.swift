import HayComponents
import HayJSON
import Testing

@Suite("Messages are those of Haystack", .disabled(if: RecordedData.isMissing, "no fixtures"))
struct MessageRecordings {
    @Test("Names of roles are read as recorded")
    func roles() {
        for recording in RecordedData.cases(of: { $0.hasCase(with: "enum") })
        where recording["enum"]?.string == "ChatRole" {
            let name = recording["from_str"]?.string ?? ""
            expectRecorded(recording, in: name) { .string(try ChatRole(named: name).rawValue) }
        }
    }

    @Test("Serialized messages of all formats are read as recorded, and written anew")
    func fromDict() throws {
        let cases = RecordedData.cases { $0.hasResult(with: "role") && $0.hasCase(with: "data") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let name = recording["name"]?.string ?? ""
            expectRecorded(recording, in: name) {
                let message = try ChatMessage.fromDict(recording["data"] ?? .null)
                #expect(try ChatMessage.fromDict(message.toDict()) == message, "\(name)")
                return message.toDict()
            }
        }
    }

    @Test("Factories make the recorded messages, and the properties give what they hold")
    func factories() throws {
        let cases = RecordedData.cases { $0.hasCase(with: "factory") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let name = recording["name"]?.string ?? ""
            let arguments = recording["args"] ?? .null
            // Neither or both cannot be said in Swift.
            let givesOne = (arguments["text"] == nil) != (arguments["content_parts"] == nil)
            if recording["factory"]?.string == "from_user", !givesOne { continue }
            expectRecorded(recording, in: name) {
                try described(made(by: recording["factory"]?.string ?? "", of: arguments))
            }
        }
    }

    private func made(by factory: String, of arguments: JSON) throws -> ChatMessage {
        let name = arguments["name"]?.string
        let meta = arguments["meta"]?.object ?? [:]
        let text = arguments["text"]?.string
        switch factory {
        case "from_user":
            if let text { return .user(text, name: name, meta: meta) }
            let parts = try (arguments["content_parts"]?.array ?? []).map { part in
                try part.string.map(ContentPart.text) ?? .fromDict(part)
            }
            return try .user(parts: parts, name: name, meta: meta)
        case "from_system": return .system(text ?? "", name: name, meta: meta)
        case "from_assistant":
            return try .assistant(
                text, toolCalls: (arguments["tool_calls"]?.array ?? []).map(ToolCall.fromDict),
                reasoning: arguments["reasoning"]?.string.map { ReasoningContent($0) }, name: name, meta: meta)
        case "from_tool":
            return try .tool(
                arguments["tool_result"]?.string ?? "", origin: .fromDict(arguments["origin"] ?? .null),
                isError: arguments["error"]?.bool ?? false, meta: meta)
        default: throw UnknownFactory(name: factory)
        }
    }

    private struct UnknownFactory: Error { let name: String }

    /// What the recordings tell of a message.
    private func described(_ message: ChatMessage) -> JSON {
        [
            "to_dict": message.toDict(), "text": message.text.map(JSON.string) ?? .null,
            "texts": .array(message.texts.map(JSON.string)), "n_tool_calls": .int(message.toolCalls.count),
            "has_image": .bool(message.image != nil),
            "reasoning": message.reasoning.map { .string($0.text) } ?? .null, "len": .int(message.count),
        ]
    }

    @Test("Dictionaries for OpenAI and Hugging Face are the recorded ones")
    func wireFormats() throws {
        let cases = RecordedData.cases { $0.hasCase(with: "huggingface") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let name = recording["name"]?.string ?? ""
            let message = try ChatMessage.fromDict(recording["message"] ?? .null)
            let needsIDs = recording["require_tool_call_ids"]?.bool ?? true
            expectRecorded(recording["openai"] ?? .null, in: name, same: isSameWithArgumentsRead) {
                try message.openAIDict(requiringToolCallIDs: needsIDs)
            }
            expectRecorded(recording["huggingface"] ?? .null, in: name) { try message.huggingFaceDict() }
        }
    }

    /// Whether two dictionaries are the same when the arguments' text is read.
    private func isSameWithArgumentsRead(_ a: JSON, _ b: JSON) -> Bool {
        withArgumentsRead(a).isSame(as: withArgumentsRead(b))
    }

    private func withArgumentsRead(_ value: JSON) -> JSON {
        switch value {
        case .object(let object):
            .object(
                JSON.Object(
                    object.map { key, value in
                        (
                            key,
                            key == "arguments"
                                ? (try? JSON.parse(value.string ?? "")) ?? value : withArgumentsRead(value)
                        )
                    }))
        case .array(let elements): .array(elements.map(withArgumentsRead))
        default: value
        }
    }

    @Test("Messages of OpenAI's are read as recorded")
    func fromOpenAI() {
        let cases = RecordedData.cases { $0.hasCase(with: "openai_message") }
        #expect(!cases.isEmpty)
        for recording in cases {
            expectRecorded(recording, in: recording["name"]?.string ?? "") {
                try ChatMessage(openAI: recording["openai_message"] ?? .null).toDict()
            }
        }
    }
}
