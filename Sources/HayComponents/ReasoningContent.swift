import HayJSON

/// What a model thought before it replied.
public struct ReasoningContent: Sendable, Equatable {
    /// The thoughts.
    public var text: String
    /// What else the provider gave with them.
    public var extra: JSON.Object

    /// Thoughts.
    public init(_ text: String, extra: JSON.Object = [:]) {
        self.text = text
        self.extra = extra
    }
}

extension ReasoningContent {
    /// The dictionary that files hold.
    public func toDict() -> JSON { ["reasoning_text": .string(text), "extra": .object(extra)] }

    /// The thoughts of a dictionary.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ReasoningContent {
        let reader = try DictionaryReader(data, place: "ReasoningContent", known: ["reasoning_text", "extra"])
        return try ReasoningContent(reader.string("reasoning_text"), extra: reader.optionalObject("extra") ?? [:])
    }
}
