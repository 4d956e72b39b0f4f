import HayComponents
import HayGrammar
import HayJSON

/// How a model writes tool calls, which its chat template tells.
enum ToolCallNotation: String, Sendable {
    /// Hermes, Qwen: JSON between `<tool_call>` and `</tool_call>`.
    case tagged
    /// Mistral: a JSON array after `[TOOL_CALLS]`.
    case marked
    /// Llama 3: JSON with `parameters`, after `<|python_tag|>` or not.
    case parameters
    /// JSON with `arguments`.
    case plain

    /// The notation that a template shows.
    init(template: String) {
        if template.contains("<tool_call>") {
            self = .tagged
        } else if template.contains("[TOOL_CALLS]") {
            self = .marked
        } else if template.contains("<|python_tag|>") || template.contains("\"parameters\": ") {
            self = .parameters
        } else {
            self = .plain
        }
    }

    /// What stands around calls and thoughts. Vocabularies may have it as special tokens, which are otherwise never part
    /// of a text.
    static let marks = Array(Set(DefaultToolParser.callMarks + DefaultToolParser.thoughtMarks)).sorted()

    /// How a mark that is a special token is spelled for grammars: as no text can be, so that it comes where it is named
    /// and nowhere else.
    static func spelling(of mark: String) -> [UInt8]? { marks.contains(mark) ? [0xFF] + mark.utf8 : nil }

    /// A text, and where one is wanted calls of tools after it, with arguments that their schemas allow.
    ///
    /// - Parameter tellsAnything: whether a text alone, or before calls, is allowed.
    /// Throws `GrammarError`.
    func replies(calling tools: [Tool], tellsAnything: Bool) throws -> Grammar {
        let calls = try calls(of: tools)
        return tellsAnything ? .sequence([try ToolCallNotation.textWithoutCalls(of: tools), calls.optional]) : calls
    }

    private func calls(of tools: [Tool]) throws -> Grammar {
        let call = try Grammar.choice(tools.map(call))
        func list(_ separators: [String]) -> Grammar {
            .sequence([call, Grammar.sequence([.choice(of: separators), call]).repeated()])
        }
        switch self {
        case .tagged:
            let tagged = Grammar.sequence([
                mark("<tool_call>"), ToolCallNotation.space, call, ToolCallNotation.space, mark("</tool_call>"),
            ])
            return .sequence([tagged, Grammar.sequence([ToolCallNotation.space, tagged]).repeated()])
        case .marked:
            return .sequence([
                mark("[TOOL_CALLS]"), ToolCallNotation.space, .text("["), list([",", ", "]), .text("]"),
            ])
        case .parameters:
            return .sequence([mark("<|python_tag|>").optional, ToolCallNotation.space, list([";", "; "])])
        case .plain: return .sequence([ToolCallNotation.space, list(["\n", ", "])])
        }
    }

    /// A mark, as text or as a special token.
    private func mark(_ mark: String) -> Grammar {
        .choice([.text(mark), .bytes(ToolCallNotation.spelling(of: mark) ?? [])])
    }

    /// White space between the parts of a call.
    private static let space = Grammar.choice(of: ["", " ", "\n", "\n  ", "\n    "])

    /// A text in which no parser finds a call: each has one of these keys, spelled plainly or with escapes, a mark, or a
    /// tool's name before its arguments.
    private static func textWithoutCalls(of tools: [Tool]) throws -> Grammar {
        let names = tools.flatMap { ["\($0.name)(", "\($0.name)\n{"] }
        let marks = ["<tool_call>", "</tool_call>", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "<|python_tag|>"]
        let texts = Set(marks + DefaultToolParser.callTexts + names)
        return try .anyText(without: texts.sorted() + ["\"arguments\"", "\"parameters\"", "\\u00"])
    }

    private func call(of tool: Tool) throws -> Grammar {
        var schema = GenerationKwargs(tool.parameters.object ?? [:])
        // Arguments are an object, also where the schema leaves it open.
        if schema["type"] == nil { schema["type"] = "object" }
        let arguments = self == .parameters ? "parameters" : "arguments"
        let space = ToolCallNotation.space
        let type = Grammar.sequence([.text("\"type\": \"function\","), space])
        return try .sequence([
            .text("{"), space, self == .parameters ? type.optional : .text(""), .text("\"name\":"), space,
            .text("\(JSON.string(tool.name)),"), space, .text("\"\(arguments)\":"),
            Grammar(schema: .object(schema.dictionary)), space, .text("}"),
        ])
    }
}
