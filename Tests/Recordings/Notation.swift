import HayComponents
import HayJSON
import TestSupport

/// Makes of the notation of recordings what it stands for.
public struct Notation: Sendable {
    /// What stands for `{{BASE_URL}}`.
    public let baseURL: String
    /// The functions that serialized values name.
    public let registry: FunctionRegistry
    /// What collecting callbacks were given.
    public let chunks = Collected<StreamingChunk>()

    /// A notation.
    public init(baseURL: String = "http://127.0.0.1:1") {
        self.baseURL = baseURL
        registry = FixtureFunctions.registry
    }

    /// A value with the server's address in the texts, and schemas and types of numbers as what files hold of them.
    public func plain(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): return .string(text.replacing("{{BASE_URL}}", with: baseURL))
        case .array(let elements): return .array(elements.map(plain))
        case .object(let members):
            if let name = members["$schema_type"]?.string { return FixtureFunctions.responseFormat(name) }
            if let name = members["$dtype"]?.string { return .string("torch.\(name)") }
            if let name = members["$api_type"] { return name }
            return .object(JSON.Object(members.map { ($0, plain($1)) }))
        default: return value
        }
    }

    /// The environment variables that were set for a case, with the server's address in the texts.
    public func environment(of recorded: RecordedCase) -> [String: String] {
        recorded.environment.mapValues { $0.replacing("{{BASE_URL}}", with: baseURL) }
    }

    /// A secret; nil for null.
    public func secret(_ value: JSON) throws -> Secret? {
        guard let members = value["$secret"] else { return nil }
        if members["type"] == "token" { return try .token(members["token"]?.string ?? "") }
        let names = members["env_vars"]?.string.map { [$0] } ?? members["env_vars"]?.array?.compactMap(\.string) ?? []
        return try .environment(names, isStrict: members["strict"]?.bool ?? true)
    }

    /// A callback; nil for null. Kinds of Python functions that cannot be named have no name here either.
    public func callback(_ value: JSON) throws -> StreamingCallback? {
        switch value["$callback"]?.string {
        case nil: nil
        case "named": try registry.function(named: "hayfixtures.print_chunk")
        case "static_method": try registry.function(named: "hayfixtures.Holder.static_cb")
        case "class_method": try registry.function(named: "hayfixtures.Holder.class_cb")
        default: chunks.callback
        }
    }

    /// A tool.
    public func tool(_ value: JSON) throws -> Tool {
        var members = value["$tool"]?.object ?? [:]
        if let function = members["function"]?.string {
            members = JSON.Object(
                members.map { $0 == "function" ? ($0, .string("hayfixtures.\(function)")) : ($0, $1) })
        }
        return try Tool.fromDict(
            ["type": .string(Tool.type), "data": handlers(.object(members))], registry: registry)
    }

    /// A toolset.
    public func toolset(_ value: JSON) throws -> Toolset { try Toolset(value["$toolset"]?.array?.map(tool) ?? []) }

    /// Tools as a list or as a set; nil for null.
    public func tools(_ value: JSON) throws -> (any ToolSource)? {
        if let list = value.array { return try list.map(tool) }
        return value.isNull ? nil : try toolset(value)
    }

    /// A device, single or by part; nil for null.
    public func device(_ value: JSON) throws -> ComponentDevice? {
        guard let device = value["$device"] else { return nil }
        if let text = device.string { return try .single(parsing: text) }
        return .multiple(try .fromDict(device))
    }

    /// A tool parser; nil for null.
    public func toolParser(_ value: JSON) throws -> ToolParser? {
        try value["$tool_parser"].map { _ in try registry.function(named: "hayfixtures.custom_tool_parser") }
    }

    /// A function that gives a token; nil for null.
    public func tokenProvider(_ value: JSON) throws -> TokenProvider? {
        guard let text = value["$ad_token_provider"]?.string else { return nil }
        return text == "named" ? try registry.function(named: "hayfixtures.ad_token") : TokenProvider { text }
    }

    /// A conversation; empty for null.
    public func messages(_ value: JSON) throws -> [ChatMessage] {
        try (value.array ?? []).map { try ChatMessage.fromDict(plain($0["$message"] ?? .null)) }
    }

    /// Handlers by the names that files have for them.
    private func handlers(_ value: JSON) -> JSON {
        switch value {
        case .string("$fmt_docs"): "hayfixtures.fmt_docs"
        case .object(let members): .object(JSON.Object(members.map { ($0, handlers($1)) }))
        default: value
        }
    }

    /// A value with the numbers that JSON cannot hold safely.
    static func numbers(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements): return .array(elements.map(numbers))
        case .object(let members):
            if members.count == 1, let text = members["$float"]?.string { return .double(Double(text) ?? .nan) }
            if members.count == 1, let text = members["$bigint"]?.string { return .largeInt(text) }
            return .object(JSON.Object(members.map { ($0, numbers($1)) }))
        default: return value
        }
    }
}
