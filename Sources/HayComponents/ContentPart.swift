import HayJSON

/// A part of a message.
public enum ContentPart: Sendable, Equatable {
    /// Text; may be empty.
    case text(String)
    /// A tool that the model wants called.
    case toolCall(ToolCall)
    /// What came of a tool call.
    case toolCallResult(ToolCallResult)
    /// An image.
    case image(ImageContent)
    /// What the model thought.
    case reasoning(ReasoningContent)
}

extension ContentPart: ExpressibleByStringLiteral {
    /// Text.
    public init(stringLiteral text: String) { self = .text(text) }
}

extension ContentPart {
    /// What kind of part this is, for error messages: "a tool call", …
    var kind: String {
        switch self {
        case .text: "text"
        case .toolCall(let call): "a call of the tool '\(call.toolName)'"
        case .toolCallResult(let result): "a result of the tool '\(result.origin.toolName)'"
        case .image: "an image"
        case .reasoning: "reasoning"
        }
    }

    /// The dictionary that files hold: text by itself, other parts below the name of their kind.
    public func toDict() -> JSON {
        switch self {
        case .text(let text): ["text": .string(text)]
        case .toolCall(let call): ["tool_call": call.toDict()]
        case .toolCallResult(let result): ["tool_call_result": result.toDict()]
        case .image(let image): ["image": image.toDict()]
        case .reasoning(let reasoning): ["reasoning": reasoning.toDict()]
        }
    }

    /// The part of a dictionary. Images are checked anew, unless they say that they are not to be. Of several kinds the
    /// first counts, in the order of `readers`; text comes before them and stands alone.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ContentPart {
        if data["text"] != nil {
            return .text(try DictionaryReader(data, place: "TextContent", known: ["text"]).string("text"))
        }
        for (key, read) in readers { if let part = data[key] { return try read(part) } }
        switch data {
        case .object, .array, .string:
            throw MessageError.unsupportedPart(data.string ?? data.text(spaced: true))
        default:
            throw ComponentError.wrongValue(place: "The content part", expected: "a dictionary", found: data.kind)
        }
    }

    private static let readers: [(key: String, read: @Sendable (JSON) throws -> ContentPart)] = [
        ("tool_call", { .toolCall(try .fromDict($0)) }),
        ("tool_call_result", { .toolCallResult(try .fromDict($0)) }),
        ("image", { .image(try .fromDict($0)) }),
        ("reasoning", { .reasoning(try .fromDict($0)) }),
    ]
}
