/// Why a message, a part of one or a chunk cannot be made, read or written.
///
/// What is wrong with a dictionary as such, a key that is missing or a value of another type, is a `ComponentError`.
public enum MessageError: ClassifiedError, Equatable {
    /// A role by a name that no role has.
    case unknownRole(String)
    /// A serialized message whose role, shown as it is written, is not one of the four.
    case invalidRole(String)
    /// A serialized message without a role.
    case missingRole(keys: [String])
    /// A serialized message without content.
    case missingContent(message: String)
    /// A serialized message whose content is neither a list nor text.
    case unsupportedContent(String)
    /// A serialized part of a kind that messages do not have.
    case unsupportedPart(String)
    /// A serialized tool result that lacks one of its fields.
    case incompleteToolCallResult(keys: [String])
    /// A user message without parts.
    case emptyUserMessage
    /// A user message with a part that is neither text nor image.
    case unsupportedUserPart(String)
    /// An image that is not base64.
    case invalidBase64
    /// An image of a type that is none.
    case invalidImageType(String)
    /// An image with a level of detail that is not known.
    case unknownImageDetail(String)
    /// A file that cannot be read.
    case unreadableFile(String, reason: String)
    /// A file of more bytes than allowed.
    case largeFile(String, limit: Int)
    /// A file that holds no image that is known.
    case notAnImage(String, found: String)
    /// A message that has nothing to send.
    case emptyMessage
    /// A message for a provider with a tool result and something else.
    case mixedToolCallResult(provider: String)
    /// A tool call without id, for OpenAI.
    case missingToolCallID
    /// A message of OpenAI's without a role.
    case missingOpenAIRole
    /// A message of OpenAI's whose role is not known.
    case unsupportedOpenAIRole(String)
    /// An assistant's message of OpenAI's that says nothing.
    case emptyOpenAIAssistantMessage
    /// Another message of OpenAI's that says nothing.
    case emptyOpenAIMessage(role: String)
    /// A message of OpenAI's with a part that cannot be read there.
    case unsupportedOpenAIPart(String, expected: String)
    /// A tool call of OpenAI's that names no function.
    case missingOpenAIFunction
    /// A tool call of OpenAI's whose arguments are not the text of a JSON value.
    case malformedArguments(tool: String, reason: String)
    /// A serialized chunk without content.
    case missingChunkContent
    /// A chunk with more than one of text, tool calls, tool result and reasoning.
    case mixedChunk(fields: [String])
    /// A chunk that does not say which block it belongs to.
    case missingChunkIndex
    /// A reply of no chunks.
    case emptyStream

    /// The sort of mistake.
    public var kind: ErrorKind {
        switch self {
        case .unsupportedContent: .type
        case .unreadableFile, .emptyStream: .runtime
        default: .value
        }
    }

    /// The error in one sentence.
    public var description: String {
        switch self {
        case .unknownRole(let role):
            "Unknown chat role '\(role)'. Supported roles are: [\(ChatRole.allCases.map(\.rawValue).quoted)]"
        case .invalidRole(let role): "\(role) is not a valid ChatRole"
        case .missingRole(let keys):
            "The `role` field is required in the message dictionary. Expected a dictionary with 'role' field "
                + "containing one of: [\(ChatRole.allCases.map(\.rawValue).quoted)]. Common roles are 'user' "
                + "(for user messages) and 'assistant' (for AI responses). Received dictionary with keys: [\(keys.quoted)]"
        case .missingContent(let message): "Missing 'content' or '_content' in serialized ChatMessage: `\(message)`"
        case .unsupportedContent(let content): "Unsupported content type in serialized ChatMessage: `\(content)`"
        case .unsupportedPart(let part):
            "Unsupported content part in the serialized ChatMessage: \(part). The `content` field of the serialized "
                + "ChatMessage must be a list of dictionaries, where each dictionary contains one of these keys: "
                + "'text', 'image', 'reasoning', 'tool_call', or 'tool_call_result'. Valid formats: [{'text': 'Hello'}, "
                + "{'image': {'base64_image': '...', ...}}, {'reasoning': {'reasoning_text': 'I think...', 'extra': "
                + "{...}}}, {'tool_call': {'tool_name': 'search', 'arguments': {}, 'id': 'call_123'}}, "
                + "{'tool_call_result': {'result': 'data', 'origin': {...}, 'error': false}}]"
        case .incompleteToolCallResult(let keys):
            "Fields `result`, `origin`, `error` are required for ToolCallResult deserialization. "
                + "Received dictionary with keys [\(keys.quoted)]"
        case .emptyUserMessage: "The user message must contain at least one textual or image part."
        case .unsupportedUserPart(let part):
            "The user message must contain only text or image parts. Unsupported part: \(part)"
        case .invalidBase64: "The base64 string is not valid"
        case .invalidImageType(let type): "\(type) is not a valid image MIME type."
        case .unknownImageDetail(let detail):
            "the image's detail is '\(detail)', expected one of [\(ImageDetail.allCases.map(\.rawValue).quoted)]"
        case .unreadableFile(let path, let reason): "\(path) cannot be read: \(reason)"
        case .largeFile(let path, let limit): "\(path) has more than \(limit) bytes, the most that is read"
        case .notAnImage(let path, let found): "\(path) is \(found), expected an image"
        case .emptyMessage:
            "A `ChatMessage` must contain at least one `TextContent`, `ToolCall`, `ToolCallResult`, or `ImageContent`."
        case .mixedToolCallResult("OpenAI"):
            "For OpenAI compatibility, a `ChatMessage` with a `ToolCallResult` cannot contain any other content."
        case .mixedToolCallResult(let provider):
            "For compatibility with \(provider), a `ChatMessage` with a `ToolCallResult` cannot contain any other content."
        case .missingToolCallID: "`ToolCall` must have a non-null `id` attribute to be used with OpenAI."
        case .missingOpenAIRole: "The `role` field is required in the message dictionary."
        case .unsupportedOpenAIRole(let role): "Unsupported role: \(role)"
        case .emptyOpenAIAssistantMessage:
            "For assistant messages, either `content` or `tool_calls` must be present."
        case .emptyOpenAIMessage(let role): "The `content` field is required for \(role) messages."
        case .unsupportedOpenAIPart(let part, let expected): "the content has the part \(part), expected \(expected)"
        case .missingOpenAIFunction: "Tool calls must contain the `function` field"
        case .malformedArguments(let tool, let reason):
            "the arguments of the call of '\(tool)' are not JSON: \(reason)"
        case .missingChunkContent: "Missing required field `content` in StreamingChunk deserialization."
        case .mixedChunk(let fields):
            "Only one of `content`, `tool_call`, `tool_call_result` or `reasoning` may be set in a StreamingChunk. "
                + "Got \(fields.joined(separator: ", "))."
        case .missingChunkIndex:
            "If `tool_call`, `tool_call_result` or `reasoning` is set, `index` must also be set."
        case .emptyStream: "the stream ended without a chunk, so there is no reply"
        }
    }
}
