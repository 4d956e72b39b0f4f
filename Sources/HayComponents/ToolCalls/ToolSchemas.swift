import HayJSON

/// The names of tools, and the schemas of their parameters, by which arguments that are written as texts become values.
public struct ToolSchemas: Sendable, ExpressibleByDictionaryLiteral {
    private let parameters: [String: JSON]

    /// The schemas of tools.
    public init(_ tools: [Tool]) {
        parameters = Dictionary(tools.map { ($0.name, $0.parameters) }) { first, _ in first }
    }

    /// Schemas by the tools' names.
    public init(dictionaryLiteral schemas: (String, JSON)...) {
        parameters = Dictionary(schemas) { first, _ in first }
    }

    /// Whether there is a tool of a name.
    func contains(_ name: String) -> Bool { parameters[name] != nil }

    /// Whether a text begins with a name of a tool, as far as it has come.
    func haveName(at text: ArraySlice<UInt8>) -> Bool {
        parameters.keys.contains { zip($0.utf8, text).allSatisfy { $0 == $1 } }
    }

    /// The bytes that names begin with.
    var firstBytes: Set<UInt8> { Set(parameters.keys.compactMap(\.utf8.first)) }

    /// The schema of a tool's parameter.
    func type(of parameter: String, tool: String) -> ArgumentType {
        guard let schema = parameters[tool] else { return ArgumentType(kinds: nil) }
        let property = schema["properties"]?[parameter] ?? schema["additionalProperties"]
        return ArgumentType(property ?? .null, root: schema)
    }
}

/// The types that a schema allows an argument, and the value of a text that they lead to.
struct ArgumentType {
    /// Names of JSON's types; nil where anything is allowed.
    let kinds: Set<String>?

    init(kinds: Set<String>?) { self.kinds = kinds }

    /// The types of a schema.
    ///
    /// - Parameter root: the schema that references are looked up in.
    init(_ schema: JSON, root: JSON) {
        var visits = 0
        kinds = ArgumentType.kinds(schema, root, &visits)
    }

    /// - Parameter visits: how many schemas were read, so that references to themselves end.
    private static func kinds(_ schema: JSON, _ root: JSON, _ visits: inout Int) -> Set<String>? {
        visits += 1
        guard visits < 1000 else { return nil }
        if let type = schema["type"]?.string { return [type] }
        if let types = schema["type"]?.array { return Set(types.compactMap(\.string)) }
        if let values = schema["enum"]?.array ?? schema["const"].map({ [$0] }) { return Set(values.map(kind)) }
        if let choices = schema["anyOf"]?.array ?? schema["oneOf"]?.array {
            var all: Set<String> = []
            for choice in choices {
                guard let kinds = kinds(choice, root, &visits) else { return nil }
                all.formUnion(kinds)
            }
            return all
        }
        if let parts = schema["allOf"]?.array {
            let known = parts.compactMap { kinds($0, root, &visits) }
            return known.dropFirst().reduce(known.first) { $0?.intersection($1) }
        }
        guard let path = schema["$ref"]?.string, path.hasPrefix("#/") else { return nil }
        var target: JSON? = root
        for key in path.dropFirst(2).split(separator: "/") { target = target?[String(key)] }
        return target.flatMap { kinds($0, root, &visits) }
    }

    private static func kind(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .int, .largeInt: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    private func allows(_ value: JSON) -> Bool {
        guard let kinds else { return true }
        let kind = ArgumentType.kind(value)
        return kinds.contains(kind) || kind == "integer" && kinds.contains("number")
    }

    /// The value of a text: a string where only that is allowed; else what it is as JSON, or as a literal of Python, if
    /// that is allowed; else a string.
    func value(_ text: String) -> JSON {
        if kinds == ["string"] { return .string(text) }
        let readings = [try? JSON.parse(text), LiteralNotation.python.value(of: text.trimmed)].compactMap { $0 }
        // A string in quotes stays as it is where the schema asks for a string.
        let isString = kinds?.contains("string") ?? false
        if let value = readings.first(where: { allows($0) && !(isString && $0.string != nil) }) { return value }
        if isString { return .string(text) }
        if let kinds, kinds.contains("integer"), let value = readings.first?.int { return .int(value) }
        if let kinds, kinds.contains("boolean") {
            switch text.trimmed.lowercased() {
            case "true", "1": return true
            case "false", "0": return false
            default: break
            }
        }
        return readings.first ?? .string(text)
    }
}

extension TaggedArgument {
    /// The argument's value.
    func value(_ type: ArgumentType) -> JSON {
        if isString == true { return .string(text) }
        if isString == false, let value = try? JSON.parse(text) { return value }
        return type.value(text)
    }
}
