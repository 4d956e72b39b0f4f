import HayJSON

/// Where a component's tools come from: a list of them, a set, or what makes them when they are asked for.
public protocol ToolSource: Sendable {
    /// The tools, as they are now.
    func tools() throws -> [Tool]

    /// What files hold.
    ///
    /// Throws `ComponentError` where a function has no name.
    func toDict() throws -> JSON
}

extension [Tool]: ToolSource {
    /// The tools.
    public func tools() -> [Tool] { self }

    /// The dictionaries of the tools.
    ///
    /// Throws `ComponentError` where a function has no name.
    public func toDict() throws -> JSON { .array(try map { try $0.toDict() }) }

    /// The tools of a call: those that it names, unless there are none, as in Haystack; else the component's own.
    ///
    /// Throws `ComponentError` where two have the same name.
    package static func inForce(_ chosen: (any ToolSource)?, own: (any ToolSource)?) throws -> [Tool] {
        let list = try chosen?.tools() ?? []
        try list.checkNames()
        return try list.isEmpty ? own?.tools() ?? [] : list
    }

    /// Throws `ComponentError` where two tools have the same name.
    public func checkNames() throws {
        var counts: [String: Int] = [:]
        for tool in self { counts[tool.name, default: 0] += 1 }
        let repeated = counts.filter { $0.value > 1 }.keys.sorted()
        guard repeated.isEmpty else { throw ComponentError.duplicateTools(names: repeated) }
    }
}

/// Makes tools of what a file says of them. Functions are looked up in the registry.
public typealias ToolSourceReader = @Sendable (_ data: JSON, _ registry: FunctionRegistry) throws -> any ToolSource

extension FunctionRegistry {
    /// The tools that the value of a component's `tools` describes: a list of tools, a toolset or another source that
    /// the registry knows; nil for null.
    ///
    /// Throws `ComponentError`.
    public func tools(_ data: JSON) throws -> (any ToolSource)? {
        switch data {
        case .null: return nil
        case .array(let tools): return try tools.map { try Tool.fromDict($0, registry: self) }
        case .object(let members) where members["type"] != nil && members["data"] != nil:
            guard members["type"]?.isFilled == true else { throw ComponentError.missingType }
            if let read = members["type"]?.string.flatMap(toolSource) { return try read(data, self) }
            return try Toolset.fromDict(data, registry: self)
        default: throw ComponentError.toolsNotAList
        }
    }
}

extension DictionaryReader {
    /// Throws `ComponentError` where the dictionary's `type` is not this class.
    func checkClass(_ type: String, _ expected: String) throws {
        let found = try string("type")
        guard found.contains(".") else { throw ComponentError.wrongClassName(name: found) }
        guard found == type else { throw ComponentError.unknownToolType(name: found, expected: expected) }
    }
}
