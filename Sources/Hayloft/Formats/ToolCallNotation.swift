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

    /// What stands around calls. Vocabularies may have them as tokens that are otherwise never part of a text.
    static let marks: Set<String> = ["<tool_call>", "</tool_call>", "[TOOL_CALLS]", "<|python_tag|>"]

    /// One or more calls of tools, with arguments that their schemas allow. Throws `GrammarError`.
    func calls(of tools: [Tool]) throws -> Grammar {
        let call = try Grammar.choice(tools.map(call))
        // Many vocabularies write the first brace with a space before it.
        let space = Grammar.text(" ").optional
        func list(_ separator: String) -> Grammar {
            .sequence([call, Grammar.sequence([.text(separator), call]).repeated()])
        }
        switch self {
        case .tagged:
            let tagged = Grammar.sequence([.text("<tool_call>\n"), call, .text("\n</tool_call>")])
            return .sequence([tagged, Grammar.sequence([.text("\n"), tagged]).repeated()])
        case .marked: return .sequence([.choice(of: ["[TOOL_CALLS] [", "[TOOL_CALLS]["]), list(", "), .text("]")])
        case .parameters: return .sequence([space, Grammar.text("<|python_tag|>").optional, list("; ")])
        case .plain: return .sequence([space, list("\n")])
        }
    }

    /// A text that holds no call.
    func textWithoutCalls() throws -> Grammar {
        switch self {
        case .tagged: try .anyText(without: ["<tool_call>"])
        case .marked: try .anyText(without: ["[TOOL_CALLS]"])
        case .parameters, .plain: try .anyText(without: ["{\"name\"", "{ \"name\"", "<|python_tag|>"])
        }
    }

    private func call(of tool: Tool) throws -> Grammar {
        var schema = GenerationKwargs(tool.parameters.object ?? [:])
        // Arguments are an object, also where the schema leaves it open.
        if schema["type"] == nil { schema["type"] = "object" }
        let arguments = self == .parameters ? "parameters" : "arguments"
        return try .sequence([
            .text("{\"name\": \(JSON.string(tool.name)), \"\(arguments)\": "),
            Grammar(schema: .object(schema.dictionary)),
            .text("}"),
        ])
    }
}
