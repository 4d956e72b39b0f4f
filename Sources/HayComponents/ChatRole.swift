/// Who speaks in a message.
public enum ChatRole: String, Sendable, CaseIterable {
    /// The person who asks.
    case user
    /// What the model is told of its task.
    case system
    /// The model.
    case assistant
    /// A tool that the model called.
    case tool

    /// The role of this name, in exactly this spelling.
    ///
    /// Throws `MessageError.unknownRole`.
    public init(parsing name: String) throws {
        guard let role = ChatRole(rawValue: name) else { throw MessageError.unknownRole(name) }
        self = role
    }
}
