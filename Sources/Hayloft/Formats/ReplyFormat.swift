import HayComponents
import HayGrammar
import HayJSON

/// What replies are held to: a response format, calls of tools as their schemas say, or either of both.
struct ReplyFormat: Sendable {
    private let format: ResponseFormat?
    private let tools: [Tool]
    private let notation: ToolCallNotation

    /// A response format alone.
    init(_ format: ResponseFormat) {
        self.format = format
        tools = []
        notation = .plain
    }

    /// Nil where nothing is asked for.
    ///
    /// - Parameters:
    ///   - tools: the tools that calls are held to.
    ///   - template: the chat template, which tells how calls are written.
    init?(_ format: ResponseFormat?, tools: [Tool], template: String) {
        if format == nil, tools.isEmpty { return nil }
        self.format = format
        self.tools = tools
        notation = ToolCallNotation(template: template)
    }

    /// What tells formats apart.
    var key: String {
        let format: JSON =
            switch format {
            case nil: .null
            case .jsonObject: "object"
            case .jsonSchema(let schema): ["schema": schema]
            }
        return JSON.array([format, .string(notation.rawValue), .array(tools.map { .object($0.toolSpec) })]).text()
    }

    /// The texts that hold to it. Throws `GrammarError` for what no reply can be held to.
    func grammar() throws -> Grammar {
        var choices: [Grammar] = []
        switch format {
        case nil: break
        case .jsonObject: choices.append(try Grammar(schema: ["type": "object"]))
        case .jsonSchema(let schema): choices.append(try Grammar(schema: schema))
        }
        if !tools.isEmpty {
            choices.append(try notation.replies(calling: tools, tellsAnything: format == nil))
        }
        return .choice(choices)
    }
}
