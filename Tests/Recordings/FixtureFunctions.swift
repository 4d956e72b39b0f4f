import HayComponents
import HayJSON

/// The functions that recordings name.
public enum FixtureFunctions {
    /// What a fixture's function throws.
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// The stock registry with all of them.
    public static let registry: FunctionRegistry = {
        var registry = FunctionRegistry()
        do {
            for name in ["print_chunk", "Holder.static_cb", "Holder.class_cb"] {
                try registry.add(StreamingCallback("hayfixtures.\(name)") { _ in })
            }
            try registry.add(weather)
            try registry.add(add)
            try registry.add(search)
            try registry.add(ToolFunction("hayfixtures.fail") { _ in throw Failure(description: "tool exploded") })
            try registry.add(OutputHandler("hayfixtures.fmt_docs") { $0 })
            try registry.add(TokenProvider("hayfixtures.ad_token") { "ad-token" })
            try registry.add(
                ToolParser("hayfixtures.custom_tool_parser") { text in
                    [ToolCall(toolName: "parsed", arguments: ["text": .string(text)])]
                })
        } catch {
            preconditionFailure("a fixture's function has no name: \(error)")
        }
        return registry
    }()

    private static let weather = ToolFunction("hayfixtures.weather") { arguments in
        try check(arguments, required: ["city"], optional: ["unit"])
        return .string("\(text(arguments["city"])): 21 \(text(arguments["unit"] ?? "celsius"))")
    }

    private static let add = ToolFunction("hayfixtures.add") { arguments in
        try check(arguments, required: ["a", "b"], optional: [])
        if let a = arguments["a"]?.int, let b = arguments["b"]?.int { return .int(a + b) }
        return .double((arguments["a"]?.double ?? .nan) + (arguments["b"]?.double ?? .nan))
    }

    private static let search = ToolFunction("hayfixtures.search") { arguments in
        try check(arguments, required: ["query"], optional: ["top_k"])
        return .array(Array(repeating: arguments["query"] ?? .null, count: arguments["top_k"]?.int ?? 3))
    }

    private static func check(_ arguments: JSON.Object, required: [String], optional: [String]) throws {
        for key in required where arguments[key] == nil { throw Failure(description: "missing argument '\(key)'") }
        for key in arguments.keys where !required.contains(key) && !optional.contains(key) {
            throw Failure(description: "unexpected argument '\(key)'")
        }
    }

    private static func text(_ value: JSON?) -> String { value.map { $0.string ?? $0.description } ?? "" }

    /// The response format that stands for a schema type.
    static func responseFormat(_ name: String) -> JSON {
        let schema = name == "Person" ? person : calendarEvent
        return ["type": "json_schema", "json_schema": ["name": .string(name), "strict": true, "schema": schema]]
    }

    private static let calendarEvent = object(
        "CalendarEvent",
        [
            "name": ["title": "Name", "type": "string"], "date": ["title": "Date", "type": "string"],
            "participants": ["items": ["type": "string"], "title": "Participants", "type": "array"],
        ])

    private static let person: JSON = {
        let address = object(
            "Address",
            ["street": ["title": "Street", "type": "string"], "city": ["title": "City", "type": "string"]])
        let person = object(
            "Person",
            [
                "full_name": ["title": "Full Name", "type": "string"],
                "age": ["default": 30, "title": "Age", "type": "integer"],
                "address": ["$ref": "#/$defs/Address"],
            ])
        return .object((person.object ?? [:]).overlaid(by: ["$defs": ["Address": address]]))
    }()

    /// The schema of an object that has to have all of its properties, and none besides.
    private static func object(_ title: String, _ properties: JSON.Object) -> JSON {
        [
            "properties": .object(properties), "required": .array(properties.keys.map(JSON.string)),
            "title": .string(title), "type": "object", "additionalProperties": false,
        ]
    }
}
