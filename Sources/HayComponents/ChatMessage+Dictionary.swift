import HayJSON

extension ChatMessage {
    /// The dictionary that files hold: `role`, `meta`, `name` and `content`, a list of parts.
    public func toDict() -> JSON {
        [
            "role": .string(role.rawValue), "meta": .object(meta), "name": JSON(name),
            "content": .array(parts.map { $0.toDict() }),
        ]
    }

    /// The message of a dictionary, as Haystack writes it or as it did before 2.12 (`_role`, `_content`, …) or before
    /// 2.9 (`content` is text).
    ///
    /// Throws `MessageError` and `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> ChatMessage {
        let reader = try DictionaryReader(data, place: "ChatMessage")
        return try ChatMessage(
            role(of: reader), parts: parts(of: reader),
            name: reader.optionalString("name") ?? reader.optionalString("_name"),
            meta: reader.optionalObject("meta") ?? reader.optionalObject("_meta") ?? [:])
    }

    private static func role(of reader: DictionaryReader) throws -> ChatRole {
        guard let key = ["role", "_role"].first(where: { reader.members[$0] != nil }) else {
            throw MessageError.missingRole(keys: reader.members.keys)
        }
        let name = try reader.string(key)
        guard let role = ChatRole(rawValue: name) else { throw MessageError.invalidRole(name) }
        return role
    }

    private static func parts(of reader: DictionaryReader) throws -> [ContentPart] {
        switch reader.members["content"] ?? reader.members["_content"] {
        case nil: throw MessageError.missingContent(message: JSON.object(reader.members).text(spaced: true))
        case .array(let parts): return try parts.map(ContentPart.fromDict)
        case .string(let text): return [.text(text)]
        case .some(let other): throw MessageError.unsupportedContent(other.text(spaced: true))
        }
    }
}
