import HayJSON

/// Tools that are used together; no two have the same name.
public struct Toolset: Sendable, Equatable {
    /// The class that files name.
    public static let type = "haystack.tools.toolset.Toolset"

    private var list: [Tool]

    /// A set of tools, in this order.
    ///
    /// Throws `ComponentError` where two have the same name.
    public init(_ tools: [Tool] = []) throws {
        try tools.checkNames()
        list = tools
    }

    /// Adds a tool at the end.
    ///
    /// Throws `ComponentError`, and adds nothing, where there is one of its name.
    public mutating func add(_ tool: Tool) throws { self = try self + tool }

    /// Adds the tools of another set at the end.
    ///
    /// Throws `ComponentError`, and adds none, where two would have the same name.
    public mutating func add(_ tools: Toolset) throws { self = try self + tools }

    /// These tools and one more. Throws `ComponentError` where there is one of its name.
    public static func + (left: Toolset, right: Tool) throws -> Toolset { try Toolset(left.list + [right]) }

    /// The tools of both. Throws `ComponentError` where two would have the same name.
    public static func + (left: Toolset, right: Toolset) throws -> Toolset { try Toolset(left.list + right.list) }

    /// These tools and more. Throws `ComponentError` where two would have the same name.
    public static func + (left: Toolset, right: [Tool]) throws -> Toolset { try Toolset(left.list + right) }

    /// Whether there is a tool of a name.
    public func contains(_ name: String) -> Bool { list.contains { $0.name == name } }
}

extension Toolset: RandomAccessCollection {
    /// The position of the first tool.
    public var startIndex: Int { list.startIndex }
    /// The position after the last tool.
    public var endIndex: Int { list.endIndex }
    /// The tool at a position.
    public subscript(_ position: Int) -> Tool { list[position] }
}

extension Toolset: ToolSource {
    /// The tools.
    public func tools() -> [Tool] { list }

    /// What files hold: `type` and `data`.
    ///
    /// Throws `ComponentError` where a function has no name.
    public func toDict() throws -> JSON {
        ["type": .string(Toolset.type), "data": ["tools": .array(try list.map { try $0.toDict() })]]
    }

    /// The set that a dictionary describes. Functions are looked up in the registry.
    ///
    /// Throws `ComponentError`.
    public static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> Toolset {
        let outer = try DictionaryReader(data, place: "The toolset")
        try outer.checkClass(Toolset.type, "Toolset")
        let reader = try DictionaryReader(outer.value("data"), place: "The toolset's 'data'")
        guard reader.has("tools") else { return try Toolset() }
        let tools = try reader.read("tools", "a list", \.array)
        return try Toolset(tools.map { try Tool.fromDict($0, registry: registry) })
    }
}
