/// The text that a request is allowed by; it is not shown when printed.
public struct Credential: Sendable, Equatable {
    /// The text.
    public let text: String

    /// A text that is not to be shown.
    public init(_ text: String) { self.text = text }

    /// Allows requests as OpenAI and Hugging Face want it.
    var bearer: OpenAIService.Authorization { { ("authorization", "Bearer \(text)", text) } }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// That there is one; never the text.
    public var description: String { "Credential" }
    /// That there is one; never the text.
    public var debugDescription: String { description }
    /// Nothing, so that a dump does not show the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
