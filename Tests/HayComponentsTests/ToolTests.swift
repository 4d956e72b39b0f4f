import HayComponents
import HayJSON
import Testing

@Suite("Tools")
struct ToolTests {
    static let echo = ToolFunction("tests.echo") { .object($0) }

    func tool(_ name: String, parameters: JSON = [:], function: ToolFunction = Self.echo) throws -> Tool {
        try Tool(name: name, description: "", parameters: parameters, function: function)
    }

    @Test("a tool calls its function, and wraps whatever that throws")
    func invoke() async throws {
        struct Broken: Error, CustomStringConvertible { let description = "it broke" }
        #expect(try await tool("echo").invoke(["a": 1]) == ["a": 1])
        let broken = try tool("broken", function: ToolFunction { _ in throw Broken() })
        let error = ComponentError.toolInvocation(tool: "broken", arguments: ["a": 1], cause: "it broke")
        await #expect(throws: error) { try await broken.invoke(["a": 1]) }
        #expect(error.description == "Failed to invoke Tool `broken` with parameters {\"a\":1}. Error: it broke")
        #expect(error.kind == .toolInvocation)
    }

    @Test("tools are equal when all is but the functions, whose names are")
    func equality() throws {
        #expect(try tool("a") == tool("a", function: ToolFunction("tests.echo") { _ in .null }))
        #expect(try tool("a") != tool("a", function: ToolFunction("tests.other") { .object($0) }))
        #expect(try tool("a") != tool("b"))
        #expect(try tool("a") != tool("a", parameters: ["type": "object"]))
    }

    @Test("a tool is written with all that becomes of its result, and read as the same tool")
    func roundTrip() throws {
        let handler = OutputHandler("tests.handler") { $0 }
        var registry = FunctionRegistry()
        try registry.add(Self.echo)
        try registry.add(handler)
        let tool = try Tool(
            name: "a", description: "b", parameters: ["type": "object"], function: Self.echo,
            outputsToString: OutputMapping(source: "text"), inputsFromState: ["z": "x", "b": "c"],
            outputsToState: ["docs": OutputMapping(source: "d", handler: handler), "all": OutputMapping()])
        let data = try tool.toDict()
        #expect(
            data == [
                "type": "haystack.tools.tool.Tool",
                "data": [
                    "name": "a", "description": "b", "parameters": ["type": "object"], "function": "tests.echo",
                    "outputs_to_string": ["source": "text"], "inputs_from_state": ["b": "c", "z": "x"],
                    "outputs_to_state": ["all": [:], "docs": ["source": "d", "handler": "tests.handler"]],
                ],
            ])
        #expect(try Tool.fromDict(data, registry: registry) == tool)
    }

    @Test("a function without a name works, but cannot be written")
    func unnamed() async throws {
        let tool = try tool("a", function: ToolFunction { _ in 1 })
        #expect(try await tool.invoke([:]) == 1)
        let error = ComponentError.unnamedFunction(kind: "tool function")
        #expect(throws: error) { try tool.toDict() }
        #expect(error.description == "A tool function without a name cannot be serialized; give it one.")
        #expect(error.kind == .serialization)
    }

    static let wrongSchemas: [(JSON, String)] = [
        ([], "the schema must be an object or a boolean"),
        (
            ["properties": ["a": ["type": "text"]]],
            "'properties.a.type' must be one of array, boolean, integer, null, number, object, string, or a list of "
                + "several"
        ),
        (["required": "a"], "'required' must be a list of unique strings"),
        (["required": ["a", "a"]], "'required' must be a list of unique strings"),
        (["anyOf": []], "'anyOf' must be a list of at least one schema"),
        (["anyOf": [true, 1]], "'anyOf.1' must be an object or a boolean"),
        (["$defs": ["a": 1]], "'$defs.a' must be an object or a boolean"),
        (["properties": 1], "'properties' must be an object of schemas"),
        (["dependentRequired": ["a": "b"]], "'dependentRequired.a' must be a list of unique strings"),
        (["minLength": -1], "'minLength' must be a non-negative integer"),
        (["minLength": 0.5], "'minLength' must be a non-negative integer"),
        (["multipleOf": 0], "'multipleOf' must be a number greater than 0"),
        (["maximum": "1"], "'maximum' must be a number"),
        (["uniqueItems": 1], "'uniqueItems' must be a boolean"),
        (["enum": "a"], "'enum' must be a list"),
        (["title": 1], "'title' must be a string"),
        (["$id": "a#b"], "'$id' must be an address without a fragment"),
        (["$anchor": "1"], "'$anchor' must be a name of letters, digits and '-', '_', '.'"),
    ]

    @Test("parameters that are no schema are refused, saying where and why", arguments: wrongSchemas)
    func wrongSchema(schema: JSON, problem: String) throws {
        do {
            _ = try tool("a", parameters: schema)
            Issue.record("\(schema) was taken")
        } catch let error as ComponentError {
            #expect(error.description == "The provided parameters do not define a valid JSON schema: \(problem)")
            #expect(error.kind == .value)
        }
    }

    static let rightSchemas: [JSON] = [[:], true, ["x": 1], ["type": ["string", "null"]], ["minItems": 2.0]]

    @Test(
        "parameters may be any schema",
        arguments: rightSchemas)
    func schemas(schema: JSON) throws {
        #expect(try tool("a", parameters: schema).toolSpec == ["name": "a", "description": "", "parameters": schema])
    }

    @Test("a schema that is nested too deeply is refused")
    func deepSchema() {
        var schema: JSON = [:]
        for _ in 0 ..< 10_000 { schema = ["not": schema] }
        #expect(throws: ComponentError.self) { try tool("a", parameters: schema) }
    }

    @Test("a toolset takes no two tools of one name, and stays as it was")
    func toolset() throws {
        var set = try Toolset([tool("a")])
        try set.add(tool("b"))
        #expect(set.map(\.name) == ["a", "b"] && set.count == 2 && set[1].name == "b")
        #expect(try set.contains("a") && !set.contains("c") && set.contains(tool("b")))
        let error = ComponentError.duplicateTools(names: ["a", "b"])
        #expect(throws: error) { try set.add(Toolset([tool("b"), tool("c"), tool("a")])) }
        #expect(error.description == "Duplicate tool names found: {'a', 'b'}")
        #expect(set.count == 2)
        #expect(try (set + [tool("c")]).count == 3)
    }

    struct Numbered: ToolSource {
        let count: Int
        func tools() throws -> [Tool] {
            try (0 ..< count).map {
                try Tool(name: "t\($0)", description: "", parameters: [:], function: ToolFunction { _ in .null })
            }
        }
        func toDict() -> JSON { ["type": "tests.Numbered", "data": ["count": .int(count)]] }
    }

    @Test("tools are read from a list, a toolset, null, or a source that is registered")
    func reading() throws {
        var registry = FunctionRegistry()
        try registry.add(Self.echo)
        registry.add(toolSource: "tests.Numbered") { data, _ in Numbered(count: data["data"]?["count"]?.int ?? 0) }
        let list = try [tool("a"), tool("b")]
        #expect(try registry.tools(.null) == nil)
        #expect(try registry.tools(list.toDict())?.tools() == list)
        #expect(try registry.tools(Toolset(list).toDict()) is Toolset)
        #expect(try registry.tools(Numbered(count: 3).toDict())?.tools().count == 3)
        #expect(throws: ComponentError.toolsNotAList) { try registry.tools(["type": "x"]) }
        #expect(throws: ComponentError.toolsNotAList) { try registry.tools("a") }
        #expect(throws: ComponentError.unknownToolType(name: "x.Y", expected: "Toolset")) {
            try registry.tools(["type": "x.Y", "data": [:]])
        }
        #expect(throws: ComponentError.unknownToolType(name: "x.Y", expected: "Tool")) {
            try registry.tools([["type": "x.Y", "data": [:]]])
        }
        #expect(throws: ComponentError.wrongValue(place: "The tool", expected: "a dictionary", found: "a string")) {
            try registry.tools(["a"])
        }
    }
}
