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

    /// A number of things. Throws `GrammarError`.
    func count() throws -> Int {
        guard let value = json.int, value >= 0 else {
            throw wrongNumber("a whole number that is not negative")
        }
        return value
    }

    func wrongNumber(_ expected: String) -> GrammarError {
        .wrongValue(path: path, expected: expected, found: json.double == nil ? json.kind : json.description)
    }

    func string() throws -> String {
        guard let text = json.string else { throw wrongValue("a string") }
        return text
    }
}

/// A whole schema, in which references are looked up.
struct SchemaDocument {
    let root: Location
    private let anchors: [String: Location]

    /// How deep a schema may nest, and how many references may follow one another.
    static let depthLimit = 200

    /// Throws `GrammarError` for one that nests too deep.
    init(_ json: JSON) throws {
        root = Location(path: "#", json: json)
        anchors = try SchemaDocument.anchors(in: root)
    }

    private static func anchors(in root: Location) throws -> [String: Location] {
        var anchors: [String: Location] = [:]
        var pending = [(root, 0)]
        while let (place, depth) = pending.popLast() {
            guard depth <= depthLimit else {
                throw GrammarError.tooLarge(path: "#", what: "levels", limit: depthLimit)
            }
            if let name = place.json["$anchor"]?.string { anchors[name] = place }
            for (key, value) in place.json.object ?? .init() {
                if key != "enum", key != "const" { pending.append((place.appending(key, value), depth + 1)) }
            }
            for (index, value) in (place.json.array ?? []).enumerated() {
                pending.append((place.appending(index, value), depth + 1))
            }
        }
        return anchors
    }

    /// The schema that a `$ref` names. Throws `GrammarError`.
    func target(of reference: Location) throws -> Location {
        let text = try reference.string()
        let missing = GrammarError.missingReference(path: reference.path, reference: text)
        var fragment = text
        if let id = root.json["$id"]?.string, !id.isEmpty, text.hasPrefix(id) {
            fragment = String(text.dropFirst(id.count))
        }
        if fragment.isEmpty { return root }
        guard fragment.hasPrefix("#") else {
            throw GrammarError.unsupported(
                path: reference.path,
                reason: "'\(text)' is in another document; only references that begin with '#' are followed")
        }
        try checkBase(of: reference)
        guard let pointer = SchemaDocument.percentDecoded(String(fragment.dropFirst())) else { throw missing }
        if pointer.isEmpty { return root }
        guard pointer.hasPrefix("/") else {
            guard let place = anchors[pointer] else { throw missing }
            return place
        }
        var place = root
        for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let next = place.part(SchemaDocument.unescaped(part)) else { throw missing }
            place = next
        }
        guard place.json.object != nil || place.json.bool != nil else { throw place.wrongValue("a schema") }
        return place
    }

    /// A schema with an `$id` below the root has references of its own, which are not followed.
    private func checkBase(of reference: Location) throws {
        var place = root
        for part in reference.path.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            if place.path != "#", place.json["$id"]?.string != nil {
                throw GrammarError.unsupported(
                    path: reference.path, reason: "references below an '$id' other than the root's are not followed")
            }
            place = place.part(SchemaDocument.unescaped(part)) ?? place
        }
    }

    private static func unescaped(_ part: Substring) -> String {
        String(part.replacing("~1", with: "/").replacing("~0", with: "~"))
    }

    private static func percentDecoded(_ text: String) -> String? {
        guard text.contains("%") else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
