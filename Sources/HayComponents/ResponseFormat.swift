import HayJSON

/// What a reply has to hold to: `response_format`.
public enum ResponseFormat: Sendable, Equatable {
    /// Any JSON object.
    case jsonObject
    /// A value that a JSON schema allows.
    case jsonSchema(JSON)

    /// Reads what OpenAI's interface calls `response_format`; nil where it asks for text.
    ///
    /// `{"type": "json_object"}`, `{"type": "json_schema", "json_schema": {"name": …, "schema": {…}}}` and, as
    /// text-generation-inference has it, `{"type": "json_object", "value": {…}}`. Throws `ComponentError`.
    public init?(_ json: JSON) throws {
        if json.isNull { return nil }
        guard json.object != nil, let type = json["type"]?.string else {
            throw ComponentError.responseFormat(
                reason: "expected an object with a type, found \(String(json.description.prefix(80)))")
        }
        let schema = json["json_schema"]?["schema"] ?? json["schema"] ?? json["value"]
        switch (type, schema) {
        case ("text", _): return nil
        case ("json_object", nil): self = .jsonObject
        case ("json_object", let schema?), ("json", let schema?), ("json_schema", let schema?):
            self = .jsonSchema(schema)
        case ("json_schema", nil):
            throw ComponentError.responseFormat(reason: "'json_schema' has no 'schema'")
        default:
            throw ComponentError.responseFormat(
                reason: "the type is '\(type)', expected text, json_object or json_schema")
        }
    }

    /// What generation options hold: OpenAI's form.
    public var json: JSON {
        switch self {
        case .jsonObject: ["type": "json_object"]
        case .jsonSchema(let schema):
            ["type": "json_schema", "json_schema": ["name": "reply", "strict": true, "schema": schema]]
        }
    }
}
