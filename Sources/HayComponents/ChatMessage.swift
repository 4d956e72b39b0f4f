import HayJSON

/// What one side of a chat said.
public struct ChatMessage: Sendable, Equatable {
    /// Who said it.
    public var role: ChatRole
    /// What was said, in order.
    public var parts: [ContentPart]
    /// The speaker's name.
    public var name: String?
    /// What else is known of it.
    public var meta: JSON.Object

    /// A message of any parts.
    public init(_ role: ChatRole, parts: [ContentPart], name: String? = nil, meta: JSON.Object = [:]) {
        self.role = role
        self.parts = parts
        self.name = name
        self.meta = meta
    }
}

extension ChatMessage {
    /// A user's text.
    public static func user(_ text: String, name: String? = nil, meta: JSON.Object = [:]) -> ChatMessage {
        ChatMessage(.user, parts: [.text(text)], name: name, meta: meta)
    }

    /// A user's texts and images.
    ///
    /// Throws `MessageError` where there are no parts, or parts of other kinds.
    public static func user(
        parts: [ContentPart], name: String? = nil, meta: JSON.Object = [:]
    ) throws -> ChatMessage {
        guard !parts.isEmpty else { throw MessageError.emptyUserMessage }
        for part in parts {
            switch part {
            case .text, .image: continue
            default: throw MessageError.unsupportedUserPart(part.kind)
            }
        }
        return ChatMessage(.user, parts: parts, name: name, meta: meta)
    }

    /// What a model is told of its task.
    public static func system(_ text: String, name: String? = nil, meta: JSON.Object = [:]) -> ChatMessage {
        ChatMessage(.system, parts: [.text(text)], name: name, meta: meta)
    }

    /// A model's reply: its thoughts, its text, its tool calls, in this order.
    ///
    /// - Parameters:
    ///   - text: nil adds no part, empty text an empty one.
    public static func assistant(
        _ text: String? = nil, toolCalls: [ToolCall] = [], reasoning: ReasoningContent? = nil, name: String? = nil,
        meta: JSON.Object = [:]
    ) -> ChatMessage {
        var parts: [ContentPart] = []
        if let reasoning { parts.append(.reasoning(reasoning)) }
        if let text { parts.append(.text(text)) }
        parts += toolCalls.map(ContentPart.toolCall)
        return ChatMessage(.assistant, parts: parts, name: name, meta: meta)
    }

    /// What came of a tool call.
    public static func tool(
        _ result: String, origin: ToolCall, isError: Bool = false, meta: JSON.Object = [:]
    ) -> ChatMessage {
        ChatMessage(
            .tool, parts: [.toolCallResult(ToolCallResult(result, origin: origin, isError: isError))], meta: meta)
    }
}

extension ChatMessage: ExpressibleByStringLiteral {
    /// A user's text.
    public init(stringLiteral text: String) { self = .user(text) }
}

extension ChatMessage {
    /// How many parts there are.
    public var count: Int { parts.count }

    /// Whether this role said it.
    public func isFrom(_ role: ChatRole) -> Bool { self.role == role }

    /// All texts, in order.
    public var texts: [String] { parts.compactMap { if case .text(let text) = $0 { text } else { nil } } }

    /// The first text.
    public var text: String? { texts.first }

    /// All tool calls, in order.
    public var toolCalls: [ToolCall] { parts.compactMap { if case .toolCall(let call) = $0 { call } else { nil } } }

    /// The first tool call.
    public var toolCall: ToolCall? { toolCalls.first }

    /// All results of tools, in order.
    public var toolCallResults: [ToolCallResult] {
        parts.compactMap { if case .toolCallResult(let result) = $0 { result } else { nil } }
    }

    /// The first result of a tool.
    public var toolCallResult: ToolCallResult? { toolCallResults.first }

    /// All images, in order.
    public var images: [ImageContent] { parts.compactMap { if case .image(let image) = $0 { image } else { nil } } }

    /// The first image.
    public var image: ImageContent? { images.first }

    /// All thoughts, in order.
    public var reasonings: [ReasoningContent] {
        parts.compactMap { if case .reasoning(let reasoning) = $0 { reasoning } else { nil } }
    }

    /// The first thoughts.
    public var reasoning: ReasoningContent? { reasonings.first }
}
