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
    /// Throws `MessageError`.
    public static func fromDict(_ data: JSON) throws -> ChatMessage {
        let members = try Members(data, of: "ChatMessage")
        return try ChatMessage(
            role(of: members), parts: parts(of: members),
            name: members.optionalString("name") ?? members.optionalString("_name"),
            meta: members.optionalObject("meta") ?? members.optionalObject("_meta") ?? [:])
    }

    private static func role(of members: Members) throws -> ChatRole {
        guard let key = ["role", "_role"].first(where: { members.object[$0] != nil }) else {
            throw MessageError.missingRole(keys: members.object.keys)
        }
        let name = try members.string(key)
        guard let role = ChatRole(rawValue: name) else { throw MessageError.invalidRole(name) }
        return role
    }

    private static func parts(of members: Members) throws -> [ContentPart] {
        switch members.object["content"] ?? members.object["_content"] {
        case nil: throw MessageError.missingContent(message: JSON.object(members.object).text(spaced: true))
        case .array(let parts): return try parts.map(ContentPart.fromDict)
        case .string(let text): return [.text(text)]
        case .some(let other): throw MessageError.unsupportedContent(other.text(spaced: true))
        }
    }
}
