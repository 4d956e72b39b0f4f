import HayJSON

/// A whole schema, in which references are looked up.
struct SchemaDocument {
    let root: Location
    private let anchors: [String: Location]
    private var tables: [Name: [Name: JSON]] = [:]

    /// How deep a schema may nest, and how many references may follow one another.
    static let depthLimit = 200

    /// Throws `GrammarError` for one that nests too deep.
    init(_ json: JSON) throws {
        root = Location(path: "#", json: json)
        anchors = try SchemaDocument.anchors(in: root)
    }

    /// Keywords whose value is a schema or a list of them, and those whose value names schemas.
    private static let schemaKeywords: Set = [
        "additionalItems", "additionalProperties", "allOf", "anyOf", "contains", "else", "if", "items", "not", "oneOf",
        "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    ]
    private static let namingKeywords: Set = [
        "$defs", "definitions", "dependentSchemas", "patternProperties", "properties",
    ]

    /// The way to a part of the schema.
    private indirect enum Way {
        case root
        case step(Way, String)
    }

    private static func anchors(in root: Location) throws -> [String: Location] {
        var anchors: [String: Location] = [:]
        var pending = [(root.json, Way.root, 0)]
        func add(_ json: JSON, _ way: Way, _ key: String, _ depth: Int) {
            pending.append((json, .step(way, key), depth))
        }
        while let (json, way, depth) = pending.popLast() {
            guard depth <= depthLimit else {
                throw GrammarError.tooLarge(path: "#", what: "levels", limit: depthLimit)
            }
            for (index, value) in (json.array ?? []).enumerated() { add(value, way, String(index), depth + 1) }
            for (key, value) in json.object ?? .init() {
                if key == "$anchor", let name = value.string { anchors[name] = place(of: json, way, in: root) }
                if schemaKeywords.contains(key) { add(value, way, key, depth + 1) }
                guard namingKeywords.contains(key) else { continue }
                for (name, value) in value.object ?? .init() { add(value, .step(way, key), name, depth + 2) }
            }
        }
        return anchors
    }

    private static func place(of json: JSON, _ way: Way, in root: Location) -> Location {
        var keys: [String] = []
        var way = way
        while case .step(let before, let key) = way {
            keys.append(key)
            way = before
        }
        return keys.reversed().reduce(root) { $0.appending($1, json) }
    }

    /// A part of a place. Members of large objects are looked up in a table.
    private mutating func part(_ key: String, of place: Location) -> Location? {
        guard let members = place.json.object, members.count > 8 else { return place.part(key) }
        if tables[place.name] == nil { tables[place.name] = members.lastMembers }
        return tables[place.name]?[Name(text: key)].map { place.appending(key, $0) }
    }

    /// The schema that a `$ref` names. Throws `GrammarError`.
    mutating func target(of reference: Location) throws -> Location {
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
            guard let next = self.part(SchemaDocument.unescaped(part), of: place) else { throw missing }
            place = next
        }
        guard place.json.object != nil || place.json.bool != nil else { throw place.wrongValue("a schema") }
        return place
    }

    /// A schema with an `$id` below the root has references of its own, which are not followed.
    private mutating func checkBase(of reference: Location) throws {
        var place = root
        for part in reference.path.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            if place.path != "#", place.json["$id"]?.string != nil {
                throw GrammarError.unsupported(
                    path: reference.path, reason: "references below an '$id' other than the root's are not followed")
            }
            place = self.part(SchemaDocument.unescaped(part), of: place) ?? place
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
