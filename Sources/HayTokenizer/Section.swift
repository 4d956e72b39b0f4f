import HayJSON

/// A value inside a JSON file together with its place, so that every complaint names file and key.
struct Section {
    let json: JSON
    let file: String
    /// The way from the file's root: `model.merges[3]`; empty for the root.
    let path: String

    init(_ json: JSON, file: String, path: String = "") {
        self.json = json
        self.file = file
        self.path = path
    }

    /// The member of a key; throws where there is none or it is null.
    func member(_ key: String) throws -> Section {
        guard let value = try optional(key) else { throw TokenizerError.missingKey(file: file, key: name(of: key)) }
        return value
    }

    /// The member of a key; nil where there is none or it is null.
    func optional(_ key: String) throws -> Section? {
        guard let object = json.object else { throw wrongValue("an object") }
        guard let value = object[key], !value.isNull else { return nil }
        return Section(value, file: file, path: name(of: key))
    }

    func string() throws -> String { try json.string ?? { throw wrongValue("a string") }() }
    func int() throws -> Int { try json.int ?? { throw wrongValue("an integer") }() }
    func bool() throws -> Bool { try json.bool ?? { throw wrongValue("true or false") }() }
    func object() throws -> JSON.Object { try json.object ?? { throw wrongValue("an object") }() }

    /// The elements of an array, each with its place.
    func elements() throws -> [Section] {
        guard let array = json.array else { throw wrongValue("an array") }
        return array.enumerated().map { Section($1, file: file, path: "\(path)[\($0)]") }
    }

    func string(_ key: String) throws -> String { try member(key).string() }
    func int(_ key: String) throws -> Int { try member(key).int() }
    func bool(_ key: String) throws -> Bool { try member(key).bool() }
    func bool(_ key: String, default value: Bool) throws -> Bool { try optional(key)?.bool() ?? value }

    /// The string of a key that must be one Unicode scalar, as UTF-8.
    func scalar(_ key: String) throws -> [UInt8] {
        let text = try string(key)
        guard text.unicodeScalars.count == 1 else {
            throw TokenizerError.wrongValue(
                file: file, key: name(of: key), expected: "one character", found: "'\(text)'")
        }
        return Array(text.utf8)
    }

    func unsupported(_ component: String) -> TokenizerError {
        .unsupported(file: file, key: path, component: component)
    }

    func wrongValue(_ expected: String, found: String? = nil) -> TokenizerError {
        .wrongValue(file: file, key: path, expected: expected, found: found ?? json.kind)
    }

    func name(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
