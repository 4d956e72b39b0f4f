/// Finds the tool calls in a reply's text.
///
/// A call is a JSON object with `name` and `arguments` or `parameters`, or with such an object as its `function`: by
/// itself or in a list, in text, tags, fences, or other objects; or Mistral's `[TOOL_CALLS]name{…}`. The arguments are
/// an object or the text of one.
///
/// Where Haystack's parser would find another call than these, as when a brace within a string deceives it, that call
/// is the result, as pipelines may rely on it.
public enum DefaultToolParser {
    /// The name by which files refer to it.
    public static let name = "haystack.components.generators.chat.hugging_face_local.default_tool_parser"

    /// The calls in a text, in order; nil where it has none.
    ///
    /// - Parameter tools: the names of the tools that there are. A call that only Haystack's parser finds gives way to the
    ///   well-formed ones when one of them names a tool.
    public static func calls(in text: String, tools: Set<String>? = nil) -> [ToolCall]? {
        let calls = ToolCallScanner.calls(in: text)
        guard let other = HaystackToolSearch.call(in: text), !calls.contains(where: { $0.toolName == other.toolName })
        else { return calls.isEmpty ? nil : calls }
        if let tools, calls.contains(where: { tools.contains($0.toolName) }) { return calls }
        return [other]
    }
}

extension NamedFunction where Input == String, Output == [ToolCall]? {
    /// Finds the tool calls that `DefaultToolParser` finds.
    public static var `default`: ToolParser {
        ToolParser(DefaultToolParser.name) { DefaultToolParser.calls(in: $0) }
    }
}
