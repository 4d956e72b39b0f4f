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
