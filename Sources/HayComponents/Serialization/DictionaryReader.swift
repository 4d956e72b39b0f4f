import HayJSON

/// Reads the members of a dictionary; each error names the place and the member.
package struct DictionaryReader {
    /// What error messages call the dictionary: "The secret".
    package let place: String
    /// Its members.
    package let members: JSON.Object
    /// Whether the members are the arguments of an initializer, so that one that is missing is a type error.
    private let areArguments: Bool

    /// The members of a value that has to be a dictionary.
    ///
    /// - Parameter known: the names that members may have, as the arguments of an initializer have; nil for any.
    package init(_ data: JSON, place: String, known: [String]? = nil) throws {
        guard let members = data.object else {
            throw ComponentError.wrongValue(place: place, expected: "a dictionary", found: data.kind)
        }
        self.place = place
        self.members = members
        areArguments = known != nil
        if let known, let key = members.keys.first(where: { !known.contains($0) }) {
            throw ComponentError.unknownKey(key: key, place: place, known: known)
        }
    }

    /// Whether there is a member of a name, null or not.
    package func has(_ key: String) -> Bool { members[key] != nil }

    /// A member that has to be there.
    package func value(_ key: String) throws -> JSON {
        if let value = members[key] { return value }
        throw areArguments
            ? ComponentError.missingArgument(name: key, place: place) : .missingKey(key: key, place: place)
    }

    /// A member that is there and not null.
    package func optional(_ key: String) -> JSON? { members[key].flatMap { $0.isNull ? nil : $0 } }

    /// A member that is there and says something: not null, false, 0 or empty.
    package func filled(_ key: String) -> JSON? { members[key].flatMap { $0.isFilled ? $0 : nil } }

    /// A member that is a text.
    package func string(_ key: String) throws -> String { try read(key, "a string", \.string) }

    /// A member that is a truth value.
    package func bool(_ key: String) throws -> Bool { try read(key, "a boolean", \.bool) }

    /// A member that is an integer.
    package func int(_ key: String) throws -> Int { try read(key, "an integer", \.int) }

    /// A member that is a dictionary.
    package func object(_ key: String) throws -> JSON.Object { try read(key, "a dictionary", \.object) }

    /// A text; nil where it is absent or null.
    package func optionalString(_ key: String) throws -> String? { try readOptional(key, "a string", \.string) }

    /// A truth value; nil where it is absent or null.
    package func optionalBool(_ key: String) throws -> Bool? { try readOptional(key, "a boolean", \.bool) }

    /// An integer; nil where it is absent or null.
    package func optionalInt(_ key: String) throws -> Int? { try readOptional(key, "an integer", \.int) }

    /// A number; nil where it is absent or null.
    package func optionalDouble(_ key: String) throws -> Double? { try readOptional(key, "a number", \.double) }

    /// A dictionary; nil where it is absent or null.
    package func optionalObject(_ key: String) throws -> JSON.Object? {
        try readOptional(key, "a dictionary", \.object)
    }

    /// A list; nil where it is absent or null.
    package func optionalArray(_ key: String) throws -> [JSON]? { try readOptional(key, "a list", \.array) }

    /// A list of texts; nil where it is absent or null.
    package func optionalStrings(_ key: String) throws -> [String]? { try optional(key).map { _ in try strings(key) } }

    /// A member that is a list of texts.
    package func strings(_ key: String) throws -> [String] {
        try read(key, "a list of strings") { value in
            guard let elements = value.array else { return nil }
            let texts = elements.compactMap(\.string)
            return texts.count == elements.count ? texts : nil
        }
    }

    /// A member as something else; nil says that it is not what is expected.
    package func read<Value>(_ key: String, _ expected: String, _ convert: (JSON) throws -> Value?) throws -> Value {
        try converted(key, value(key), expected, convert)
    }

    /// All members as something else, in order, each where it stands; nil says that one is not what is expected.
    package func readAll<Value>(
        _ expected: String, _ convert: (JSON) throws -> Value?
    ) throws -> [(String, Value)] {
        try members.map { key, value in (key, try converted(key, value, expected, convert)) }
    }

    private func readOptional<Value>(_ key: String, _ expected: String, _ convert: (JSON) -> Value?) throws -> Value? {
        try optional(key).map { try converted(key, $0, expected, convert) }
    }

    private func converted<Value>(
        _ key: String, _ value: JSON, _ expected: String, _ convert: (JSON) throws -> Value?
    ) throws -> Value {
        guard let converted = try convert(value) else {
            throw ComponentError.wrongValue(place: "\(place)'s '\(key)'", expected: expected, found: value.kind)
        }
        return converted
    }
}
