import HayJSON

extension ChatMessage {
    /// The dictionary that files hold: `role`, `meta`, `name` and `content`, a list of parts.
    public func toDict() -> JSON {
        [
            "role": .string(role.rawValue), "meta": .object(meta), "name": JSON(name),
            "content": .array(parts.map { $0.toDict() }),
        ]
    }

    /// The message of a dictionary, as Haystack writes it, or as it did before 2.12 (`_role`, `_content`, …) or before 2.9
    /// (`content` is text). Where there is `content`, the keys of the form before 2.12 say nothing.
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ChatMessage {
        let reader = try DictionaryReader(data, place: "ChatMessage")
        guard reader.has("role") || reader.has("_role") else {
            throw MessageError.missingRole(keys: reader.members.keys)
        }
        let isCurrent = reader.has("content"), prefix = isCurrent ? "" : "_"
        guard isCurrent || reader.has("_content") else {
            throw MessageError.missingContent(message: data.text(spaced: true))
        }
        return try ChatMessage(
            role(reader.value(prefix + "role")),
            parts: isCurrent ? parts(reader.value("content")) : formerParts(reader.value("_content")),
            name: reader.optionalString(prefix + "name"),
            meta: reader.filled(prefix + "meta") == nil ? [:] : reader.object(prefix + "meta"))
    }

    private static func role(_ value: JSON) throws -> ChatRole {
        guard let role = value.string.flatMap(ChatRole.init) else {
            throw MessageError.invalidRole(value.string.map { "'\($0)'" } ?? value.text(spaced: true))
        }
        return role
    }

    private static func parts(_ content: JSON) throws -> [ContentPart] {
        switch content {
        case .array(let parts): return try parts.map(ContentPart.fromDict)
        case .string(let text): return [.text(text)]
        default: throw MessageError.unsupportedContent(content.text(spaced: true))
        }
    }

    /// The parts of the form before 2.12. A text is none: its letters would be the parts.
    private static func formerParts(_ content: JSON) throws -> [ContentPart] {
        switch content {
        case .array(let parts): return try parts.map(ContentPart.fromDict)
        case .string(""): return []
        case .string(let text): throw MessageError.unsupportedPart(String(text.prefix(1)))
        default: throw MessageError.unsupportedContent(content.text(spaced: true))
        }
    }
}
