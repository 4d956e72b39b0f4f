import HayComponents
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
    /// text-generation-inference has it, `{"type": "json_object", "value": {…}}`. Throws `LocalGeneratorError`.
    public init?(_ json: JSON) throws {
        if json.isNull { return nil }
        guard json.object != nil, let type = json["type"]?.string else {
            throw LocalGeneratorError.responseFormat(
                reason: "expected an object with a type, found \(String(json.description.prefix(80)))")
        }
        let schema = json["json_schema"]?["schema"] ?? json["schema"] ?? json["value"]
        switch (type, schema) {
        case ("text", _): return nil
        case ("json_object", nil): self = .jsonObject
        case ("json_object", let schema?), ("json", let schema?), ("json_schema", let schema?):
            self = .jsonSchema(schema)
        case ("json_schema", nil):
            throw LocalGeneratorError.responseFormat(reason: "'json_schema' has no 'schema'")
        default:
            throw LocalGeneratorError.responseFormat(
                reason: "the type is '\(type)', expected text, json_object or json_schema")
        }
    }
}
