import HayJSON

/// A text of a schema, the same as another only where its bytes are; Swift takes texts for equal that JSON does not.
struct Name: Hashable, Comparable, Sendable {
    let text: String

    static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    static func < (left: Name, right: Name) -> Bool { left.text.utf8.lexicographicallyPrecedes(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension JSON.Object {
    /// The members by name, the last of each.
    var lastMembers: [Name: JSON] {
        var members: [Name: JSON] = [:]
        for (key, value) in self { members[Name(text: key)] = value }
        return members
    }
}
