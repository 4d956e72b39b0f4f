import HayJSON

/// The members of a serialized object, read one by one; an error names the object and the key.
struct Members {
    let object: JSON.Object
    /// What the object is, for error messages.
    let name: String

    /// The members of a value that has to be an object.
    ///
    /// - Parameter known: the keys that it may have; nil for any.
    init(_ value: JSON, of name: String, known: [String]? = nil) throws {
        guard let object = value.object else {
            throw MessageError.notAnObject(name, found: value.kind)
        }
        if let known, let key = object.keys.first(where: { !known.contains($0) }) {
            throw MessageError.unexpectedKey(key, of: name, known: known)
        }
        self.object = object
        self.name = name
    }

    /// The value of a key; nil where it is absent or null.
    func value(_ key: String) -> JSON? { object[key].flatMap { $0.isNull ? nil : $0 } }

    /// A value that has to be there, as `read` takes it.
    func required<Value>(_ key: String, _ expected: String, _ read: (JSON) -> Value?) throws -> Value {
        guard let value = object[key] else { throw MessageError.missingKey(key, of: name) }
        return try taken(key, value, expected, read)
    }

    /// A value as `read` takes it; nil where it is absent or null.
    func optional<Value>(_ key: String, _ expected: String, _ read: (JSON) -> Value?) throws -> Value? {
        try value(key).map { try taken(key, $0, expected, read) }
    }

    func string(_ key: String) throws -> String { try required(key, "a string", \.string) }
    func object(_ key: String) throws -> JSON.Object { try required(key, "an object", \.object) }
    func bool(_ key: String) throws -> Bool { try required(key, "a boolean", \.bool) }
    func int(_ key: String) throws -> Int { try required(key, "an integer", \.int) }
    func optionalString(_ key: String) throws -> String? { try optional(key, "a string", \.string) }
    func optionalObject(_ key: String) throws -> JSON.Object? { try optional(key, "an object", \.object) }
    func optionalBool(_ key: String) throws -> Bool? { try optional(key, "a boolean", \.bool) }
    func optionalInt(_ key: String) throws -> Int? { try optional(key, "an integer", \.int) }

    private func taken<Value>(
        _ key: String, _ value: JSON, _ expected: String, _ read: (JSON) -> Value?
    ) throws -> Value {
        guard let taken = read(value) else {
            throw MessageError.wrongType(key, of: name, expected: expected, found: value.kind)
        }
        return taken
    }
}

extension JSON {
    /// A string, or null for none.
    init(_ text: String?) { self = text.map(JSON.string) ?? .null }
}
