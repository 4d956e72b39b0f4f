import HayJSON

/// A schema within a schema: its JSON pointer, and what stands there.
struct Location: Hashable, Sendable {
    /// The pointer, after `#`.
    let path: String
    let json: JSON

    /// What tells it from others.
    var name: Name { Name(text: path) }

    static func == (left: Location, right: Location) -> Bool { left.name == right.name }

    func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// A part of it.
    func appending(_ key: String, _ json: JSON) -> Location {
        let escaped =
            key.contains(where: { $0 == "~" || $0 == "/" })
            ? String(key.flatMap { $0 == "~" ? Array("~0") : $0 == "/" ? Array("~1") : [$0] }) : key
        return Location(path: path + "/" + escaped, json: json)
    }

    func appending(_ index: Int, _ json: JSON) -> Location { Location(path: "\(path)/\(index)", json: json) }

    /// The member or element that a step of a JSON pointer names.
    func part(_ key: String) -> Location? {
        if let members = json.object { return members.lastMembers[Name(text: key)].map { appending(key, $0) } }
        guard let index = Int(key), let elements = json.array, elements.indices.contains(index) else { return nil }
        return appending(index, elements[index])
    }

    /// What a keyword has, when it is there.
    func member(_ keyword: String) -> Location? { json[keyword].map { appending(keyword, $0) } }

    func wrongValue(_ expected: String) -> GrammarError {
        .wrongValue(path: path, expected: expected, found: json.kind)
    }

    /// A schema, which is an object or a boolean. Throws `GrammarError`.
    func schema() throws -> Location {
        guard json.object != nil || json.bool != nil else { throw wrongValue("a schema") }
        return self
    }

    /// A list of schemas that is not empty. Throws `GrammarError`.
    func schemas() throws -> [Location] {
        guard let elements = json.array else { throw wrongValue("a list of schemas") }
        guard !elements.isEmpty else {
            throw GrammarError.wrongValue(path: path, expected: "a list of schemas", found: "an empty one")
        }
        return try elements.enumerated().map { try appending($0.offset, $0.element).schema() }
    }

    /// An object of schemas. Throws `GrammarError`.
    func namedSchemas() throws -> [(name: String, schema: Location)] {
        guard let members = json.object else { throw wrongValue("an object of schemas") }
        // Of a name that stands twice the last counts, as with every reader.
        var places: [Name: Int] = [:]
        for (index, name) in members.keys.enumerated() { places[Name(text: name)] = index }
        return try places.values.sorted().map {
            (members.keys[$0], try appending(members.keys[$0], members.values[$0]).schema())
        }
    }

    /// The least number of things. Throws `GrammarError`.
    func leastCount(of things: String) throws -> Int {
        guard let count = try count() else {
            throw GrammarError.tooLarge(path: path, what: things, limit: .max)
        }
        return count
    }

    /// The largest number of things; nil for one above `Int.max`, which nothing reaches. Throws `GrammarError`.
    func largestCount() throws -> Int? { try count() }

    private func count() throws -> Int? {
        guard let value = Decimal(json), value.isInteger, value >= .zero else {
            throw wrongNumber("an integer that is not negative")
        }
        return Int(value.text)
    }

    func wrongNumber(_ expected: String) -> GrammarError {
        .wrongValue(path: path, expected: expected, found: json.double == nil ? json.kind : json.description)
    }

    func string() throws -> String {
        guard let text = json.string else { throw wrongValue("a string") }
        return text
    }
}
