import HayComponents
import HayJSON

/// The tools of a file: as the chat template reads them, and as what replies are searched for.
struct ChatTools {
    /// The tools as they stand in the file.
    private(set) var specs: [JSON] = []
    /// The same with their names and schemas; calls are shown, not made.
    private(set) var tools: [Tool] = []

    /// Reads a JSON array of tools, each as `{"name", "description", "parameters"}` or within `function` as OpenAI has it.
    ///
    /// Throws `CommandError`.
    init(_ argument: String?) throws {
        guard let argument else { return }
        let json = try JSONArgument("--tools", argument)
        specs = try json.objects()
        tools = try specs.enumerated().map { try ChatTools.tool($0.element, "element \($0.offset) of \(json.source)") }
        do { try tools.checkNames() } catch { throw CommandError("\(json.source): \(error)") }
    }

    private static func tool(_ spec: JSON, _ place: String) throws -> Tool {
        let function = spec["function"] ?? spec
        guard let name = function["name"]?.string else { throw CommandError("\(place) has no text 'name'") }
        do {
            return try Tool(
                name: name, description: function["description"]?.string ?? "",
                parameters: function["parameters"] ?? ["type": "object", "properties": [:]],
                function: ToolFunction { _ in .null })
        } catch { throw CommandError("\(place): \(error)") }
    }
}
