import HayComponents
import HayJSON
import HaystackRecordings
import Testing

@Suite("Recorded tools", .enabled(if: Recordings.areThere, "there are no recordings"))
struct ToolRecordingTests {
    let notation = Notation()

    @Test("tools and toolsets are what was recorded", arguments: Recordings.cases("data/tool"))
    func tools(recorded: RecordedCase) throws {
        let described = recorded["tool"] ?? .null
        do {
            let dictionary: JSON
            let specification: JSON
            if described["$toolset"] != nil {
                let set = try notation.toolset(described)
                dictionary = try set.toDict()
                specification = .array(set.map { .object($0.toolSpec) })
                #expect(try Toolset.fromDict(dictionary, registry: notation.registry) == set)
            } else {
                let tool = try notation.tool(described)
                dictionary = try tool.toDict()
                specification = .object(tool.toolSpec)
                #expect(try Tool.fromDict(dictionary, registry: notation.registry) == tool)
            }
            #expect(dictionary.difference(from: expected(recorded)) == nil)
            #expect(specification.difference(from: recorded.result?["tool_spec"] ?? .null) == nil)
        } catch let error as ComponentError {
            #expect(try #require(recorded.error).difference(from: error) == nil)
        }
    }

    /// What was recorded; but how a result becomes a text is kept also where it has no handler, which Haystack loses.
    private func expected(_ recorded: RecordedCase) -> JSON {
        guard let output = recorded["tool"]?["$tool"]?["outputs_to_string"], output["handler"] == nil,
            var result = recorded.result?["to_dict"]?.object, let data = result["data"]?.object
        else { return recorded.result?["to_dict"] ?? .null }
        let members = data.map { ($0, $0 == "outputs_to_string" ? output : $1) }
        result = JSON.Object(result.map { ($0, $0 == "data" ? .object(JSON.Object(members)) : $1) })
        return .object(result)
    }

    @Test("calls of tools end as recorded", arguments: Recordings.cases("data/tool_invoke"))
    func calls(recorded: RecordedCase) async throws {
        let tool = try notation.tool(recorded["tool"] ?? .null)
        let arguments = recorded["arguments"]?.object ?? [:]
        do {
            #expect(try await tool.invoke(arguments).difference(from: recorded.result ?? .null) == nil)
            #expect(recorded.error == nil)
        } catch let error as ComponentError {
            #expect(try #require(recorded.error).difference(from: error) == nil)
            guard case .toolInvocation(let name, let given, _) = error else { throw error }
            #expect(name == tool.name && given == arguments)
        }
    }

    @Test("toolsets grow and tell what they hold as recorded", arguments: Recordings.cases("data/toolset_ops"))
    func toolsets(recorded: RecordedCase) throws {
        let right = recorded["right"] ?? .null
        if recorded["op"] == "contains" {
            let left = try notation.toolset(recorded["left"] ?? .null)
            let isTool = right["$tool"] != nil
            let contains = try right.string.map(left.contains) ?? (isTool && left.contains(notation.tool(right)))
            return #expect(JSON.bool(contains) == recorded.result)
        }
        let isList = right.array?.allSatisfy { $0["$tool"] != nil } ?? false
        let isAdding = recorded["op"] == "add"
        do {
            let left = try notation.toolset(recorded["left"] ?? .null)
            // What is neither a tool nor tools cannot be added in Swift; nor a list but with `+`.
            guard right["$tool"] != nil || right["$toolset"] != nil || isList && !isAdding else {
                return #expect(recorded.error?.kind == "type_error")
            }
            let grown = try grown(left, by: right, isAdding: isAdding)
            #expect(JSON.array(grown.map { .string($0.name) }) == recorded.result?["names"])
            #expect(JSON.int(grown.count) == recorded.result?["len"])
            #expect(recorded.error == nil)
        } catch let error as ComponentError {
            #expect(try #require(recorded.error).difference(from: error) == nil)
        }
    }

    /// A set with what is added to it; it stays as it is where that fails.
    private func grown(_ left: Toolset, by right: JSON, isAdding: Bool) throws -> Toolset {
        var grown = left
        do {
            if right["$tool"] != nil {
                let tool = try notation.tool(right)
                if isAdding { try grown.add(tool) } else { grown = try left + tool }
            } else if let list = right.array {
                grown = try left + list.map(notation.tool)
            } else {
                let set = try notation.toolset(right)
                if isAdding { try grown.add(set) } else { grown = try left + set }
            }
        } catch {
            #expect(grown == left)
            throw error
        }
        return grown
    }
}
