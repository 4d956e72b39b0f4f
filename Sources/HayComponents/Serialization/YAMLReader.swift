import HayJSON
internal import Yams

/// Reads a YAML document as the JSON value that it stands for.
///
/// Tags are refused, keys are texts, and what aliases may make of a text is limited.
struct YAMLReader {
    /// The longest text that is read, in bytes.
    static let longestText = 1 << 20
    /// The most values that are made of a text, what aliases repeat counted each time.
    static let mostValues = 200_000
    /// The most copies that aliases of aliases may ask for, and the longest text that these may amount to.
    private static let mostCopies = 4096
    private static let longestCopies = 64 << 20

    /// What error messages call the text.
    let name: String
    private var count = 0

    /// A reader of texts that error messages call by this name.
    init(name: String) { self.name = name }

    /// The value of a text; null where it has no document.
    ///
    /// Throws `ComponentError.document`.
    mutating func read(_ text: String) throws -> JSON {
        guard text.utf8.count <= YAMLReader.longestText else {
            throw error("is longer than \(YAMLReader.longestText) bytes", at: nil)
        }
        try checkAliases(text)
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let problem as YamlError {
            throw ComponentError.document(place: name, problem: YAMLReader.text(problem))
        }
        return try root.map { try value($0, depth: 0) } ?? .null
    }

    private mutating func value(_ node: Node, depth: Int) throws -> JSON {
        guard depth < JSON.maximumDepth else {
            throw error("is nested deeper than \(JSON.maximumDepth)", at: node.mark)
        }
        count += 1
        guard count <= YAMLReader.mostValues else {
            throw error("has more than \(YAMLReader.mostValues) values", at: nil)
        }
        switch node {
        case .scalar(let scalar):
            let isText = try checkTag(scalar.tag, allowed: "str", node.mark)
            if isText || scalar.style != .plain { return .string(scalar.string) }
            return YAMLScalar.value(scalar.string)
        case .sequence(let sequence):
            try checkTag(sequence.tag, allowed: "seq", node.mark)
            return .array(try sequence.map { try value($0, depth: depth + 1) })
        case .mapping(let mapping):
            try checkTag(mapping.tag, allowed: "map", node.mark)
            var members = JSON.Object()
            for (key, element) in mapping { members.append(try self.key(key), try value(element, depth: depth + 1)) }
            return .object(members)
        case .alias: throw error("has an alias of nothing", at: node.mark)
        }
    }

    private func key(_ node: Node) throws -> String {
        guard let scalar = node.scalar else { throw error("has a key that is not a text", at: node.mark) }
        try checkTag(scalar.tag, allowed: "str", node.mark)
        if scalar.style == .plain {
            guard YAMLScalar.value(scalar.string) == .string(scalar.string) else {
                throw error("has the key \(scalar.string), which is not a text unless it is quoted", at: node.mark)
            }
            guard scalar.string != "<<" else { throw error("has a merge key, which is not read", at: node.mark) }
        }
        return scalar.string
    }

    /// Whether a tag is written out and the one that is allowed. Throws for others.
    @discardableResult
    private func checkTag(_ tag: Tag, allowed: String, _ mark: Mark?) throws -> Bool {
        switch tag.rawValue {
        case "": return false
        case "!", "tag:yaml.org,2002:\(allowed)": return true
        case let other: throw error("has the tag \(other), which is not read", at: mark)
        }
    }

    /// Throws where aliases could make more of a text than may be.
    ///
    /// Each name that stands after both `&` and `*` somewhere counts, so nothing is missed: with c aliases of it, what
    /// contains them grows at most by the factor c + 1, for each time that it is given anew.
    private func checkAliases(_ text: String) throws {
        let anchors = YAMLReader.names(after: UInt8(ascii: "&"), in: text)
        guard !anchors.isEmpty else { return }
        let aliases = YAMLReader.names(after: UInt8(ascii: "*"), in: text)
        var copies = 1
        for (name, definitions) in anchors {
            guard let uses = aliases[name] else { continue }
            for _ in 0 ..< definitions {
                copies *= uses + 1
                guard copies <= YAMLReader.mostCopies, copies * text.utf8.count <= YAMLReader.longestCopies else {
                    throw error("has too many aliases", at: nil)
                }
            }
        }
    }

    /// How often each name follows a sign.
    private static func names(after sign: UInt8, in text: String) -> [Substring: Int] {
        var counts: [Substring: Int] = [:]
        var rest = text.utf8[...]
        while let found = rest.firstIndex(of: sign) {
            rest = rest[rest.index(after: found)...]
            let name = rest.prefix { byte in
                byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                    || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
            }
            if !name.isEmpty { counts[Substring(name), default: 0] += 1 }
        }
        return counts
    }

    private func error(_ problem: String, at mark: Mark?) -> ComponentError {
        .document(place: mark.map { "\(name), line \($0.line)" } ?? name, problem: "the text \(problem)")
    }

    /// What the library found wrong, without the text itself.
    private static func text(_ error: YamlError) -> String {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(context.map { "\($0.text), " } ?? "")\(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            "line \(context.mark.line): the key '\(duplicates.first ?? "")' stands twice"
        case .reader(let problem, _, _, _): problem
        default: "the text cannot be read"
        }
    }
}
