import HayComponents
import HayJSON
import HaystackRecordings
import Testing

@Suite("Messages are those of Haystack", .enabled(if: Recordings.areThere, "there are no recordings"))
struct MessageRecordingTests {
    @Test("Names of roles are read as recorded")
    func roles() {
        for recording in Recordings.cases(in: "data", where: { $0.haveCase(with: "enum") })
        where recording["enum"]?.string == "ChatRole" {
            let name = recording["from_str"]?.string ?? ""
            #expect(recording.members.difference { .string(try ChatRole(parsing: name).rawValue) } == nil)
        }
    }

    @Test("Serialized messages of all formats are read as recorded, and written anew")
    func fromDict() throws {
        let cases = Recordings.cases(in: "data") { $0.haveResult(with: "role") && $0.haveCase(with: "data") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let difference = recording.members.difference {
                let message = try ChatMessage.fromDict(recording["data"] ?? .null)
                #expect(try ChatMessage.fromDict(message.toDict()) == message, "\(recording)")
                return message.toDict()
            }
            #expect(difference == nil, "\(recording)")
        }
    }

    @Test("Factories make the recorded messages, and the properties give what they hold")
    func factories() throws {
        let cases = Recordings.cases(in: "data") { $0.haveCase(with: "factory") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let arguments = recording["args"] ?? .null
            // Neither or both cannot be said in Swift.
            let given = ["text", "content_parts"].filter { arguments[$0]?.isNull == false }
            if recording["factory"]?.string == "from_user", given.count != 1 { continue }
            // Nor can thoughts that are neither a text nor an object.
            if let reasoning = arguments["reasoning"], reasoning.string == nil, reasoning.object == nil {
                #expect(reasoning.isFilled == (recording["error"] != nil), "\(recording)")
                if reasoning.isFilled { continue }
            }
            let difference = recording.members.difference {
                try described(made(by: recording["factory"]?.string ?? "", of: arguments))
            }
            #expect(difference == nil, "\(recording)")
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
                reasoning: reasoning(arguments["reasoning"] ?? .null), name: name, meta: meta)
        case "from_tool":
            return try .tool(
                arguments["tool_result"]?.string ?? "", origin: .fromDict(arguments["origin"] ?? .null),
                isError: arguments["error"]?.bool ?? false, meta: meta)
        default: throw UnknownFactory(name: factory)
        }
    }

    /// Thoughts: a text, or an object as files hold it, below the name of its kind or not.
    private func reasoning(_ value: JSON) throws -> ReasoningContent? {
        guard value.isFilled else { return nil }
        if let text = value.string { return ReasoningContent(text) }
        return try .fromDict(value["reasoning"] ?? value)
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
        let cases = Recordings.cases(in: "data") { $0.haveCase(with: "huggingface") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let message = try ChatMessage.fromDict(recording["message"] ?? .null)
            let needsIDs = recording["require_tool_call_ids"]?.bool ?? true
            let openAI = recording["openai"]?.difference(withArgumentsRead) {
                try message.openAIDict(requiringToolCallIDs: needsIDs)
            }
            #expect(openAI == nil, "\(recording)")
            let huggingFace = recording["huggingface"]?.difference { try message.huggingFaceDict() }
            #expect(huggingFace == nil, "\(recording)")
        }
    }

    /// A dictionary with the text of arguments read.
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
        let cases = Recordings.cases(in: "data") { $0.haveCase(with: "openai_message") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let difference = expected(recording).difference {
                try ChatMessage(openAI: recording["openai_message"] ?? .null).toDict()
            }
            #expect(difference == nil, "\(recording)")
        }
    }

    /// What was recorded; but of a list of parts Haystack makes one text, which is the list: here its parts are read, or it
    /// is an error where they cannot be.
    private func expected(_ recording: RecordedCase) -> JSON {
        guard let result = recording.result?.object, let list = recording["openai_message"]?["content"]?.array else {
            return recording.members
        }
        let isUsers = recording["openai_message"]?["role"] == "user"
        var parts: [JSON] = []
        for part in list {
            let url = isUsers && part["type"] == "image_url" ? part["image_url"]?["url"]?.string : nil
            let pieces = (url ?? "").wholeMatch(of: #/data:(.*);base64,(.*)/#)
            if part["type"] == "text", let text = part["text"] {
                parts.append(["text": text])
            } else if let pieces {
                parts.append([
                    "image": [
                        "base64_image": .string(String(pieces.2)), "mime_type": .string(String(pieces.1)),
                        "detail": part["image_url"]?["detail"] ?? .null, "meta": [:], "validation": true,
                    ]
                ])
            } else {
                return ["error": ["kind": "value_error", "message": "the content has the part"]]
            }
        }
        let others = result["content"]?.array?.filter { $0["text"] == nil && $0["tool_call_result"] == nil } ?? []
        guard result["role"] != "tool" else {
            let text = parts.compactMap { $0["text"]?.string }.joined()
            return ["result": .object(result).replacing("result", with: .string(text))]
        }
        return ["result": .object(result.overlaid(by: ["content": .array(parts + others)]))]
    }
}

extension JSON {
    /// The value with another one wherever a key stands.
    fileprivate func replacing(_ key: String, with value: JSON) -> JSON {
        switch self {
        case .object(let members):
            .object(JSON.Object(members.map { ($0, $0 == key ? value : $1.replacing(key, with: value)) }))
        case .array(let elements): .array(elements.map { $0.replacing(key, with: value) })
        default: self
        }
    }
}
