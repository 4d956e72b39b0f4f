/// Finds the tool calls in a reply's text.
///
/// A call is a JSON object with `name` and `arguments` or `parameters`, or with such an object as its `function`: by
/// itself or in a list, in text, tags, fences, or other objects; or has one of the forms of `ToolCallTable`. The
/// arguments of an object are an object or the text of one. A form that could be prose, such as a list of calls as in
/// Python, has to name a tool. What stands in a thought is a call where no call follows the thought.
///
/// Where Haystack's parser would find another call than these, as when a brace within a string deceives it, that call
/// is the result, as pipelines may rely on it.
public enum DefaultToolParser {
    /// The name by which files refer to it.
    public static let name = "haystack.components.generators.chat.hugging_face_local.default_tool_parser"

    /// What stands around calls in a text. Vocabularies may have it as special tokens, which are otherwise never part of
    /// a text.
    public static var callMarks: [String] { ToolCallTable.marks.calls }

    /// Texts of which every call has one that is neither a JSON object nor named by nothing but a tool's name.
    public static var callTexts: [String] { ToolCallTable.callTexts }

    /// What stands around thoughts, in the same way as around calls.
    public static var thoughtMarks: [String] { ToolCallTable.marks.thoughts }

    /// The calls in a text, in order; nil where it has none.
    ///
    /// - Parameters:
    ///   - tools: the tools that there are; nil where they are not known. A call that only Haystack's parser finds gives
    ///     way to the well-formed ones when one of them names a tool.
    ///   - prompt: the text before; its end may open a thought.
    public static func calls(in text: String, tools: ToolSchemas? = nil, prompt: String = "") -> [ToolCall]? {
        var scanner = ToolCallScanner(streams: false, tools: tools, prompt: prompt)
        scanner.append(text)
        scanner.finish()
        let calls = scanner.calls
        let answer =
            scanner.answerStart == 0 ? text : String(decoding: text.utf8.dropFirst(scanner.answerStart), as: UTF8.self)
        guard !scanner.hasForm, let other = HaystackToolSearch.call(in: answer),
            !calls.contains(where: { $0.toolName == other.toolName })
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
