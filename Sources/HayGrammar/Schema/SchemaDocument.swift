import HayJSON

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
