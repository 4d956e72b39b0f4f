import HayJSON
import HayTemplate
import HayTokenizer

/// The chat template of a checkpoint with the special tokens that it names.
public struct ChatPrompt: Sendable {
    private let tokenizer: Tokenizer
    private let template: ChatTemplate
    private let toolTemplate: ChatTemplate?
    private let specialTokens: [String: String]
    private let variables: JSON.Object

    /// The template that a tokenizer's configuration holds; where there are several, `default`, and `tool_use` when tools
    /// are given.
    ///
    /// - Parameters:
    ///   - template: the text of a template to use instead.
    ///   - variables: what the template may name in every conversation.
    ///
    /// Throws `ChatPromptError` where there is none, and `TemplateError`.
    public init(
        _ tokenizer: Tokenizer, folder: String, template text: String? = nil, variables: JSON.Object = .init()
    ) throws {
        let configuration = tokenizer.configuration
        guard let source = text ?? configuration.chatTemplate() else {
            throw ChatPromptError.noTemplate(folder: folder)
        }
        self.tokenizer = tokenizer
        template = try ChatTemplate(source)
        let toolSource = text == nil ? configuration.chatTemplate(named: "tool_use") : nil
        toolTemplate = try toolSource.map { try ChatTemplate($0) }
        self.variables = variables
        specialTokens = Dictionary(
            configuration.specialTokens.map { ($0.key, $0.token) }, uniquingKeysWith: { first, _ in first })
    }

    /// The text of a conversation. Throws `TemplateError`.
    public func render(
        _ messages: JSON, tools: JSON? = nil, addGenerationPrompt: Bool = true, continueFinalMessage: Bool = false,
        continuedField: String = "content",
        documents: JSON? = nil, variables: JSON.Object = .init(), now: ClockTime? = nil
    ) throws -> String {
        let template = tools?.array?.isEmpty == false ? toolTemplate ?? template : template
        var named = self.variables
        for (name, value) in variables { named.append(name, value) }
        return try template.render(
            messages: messages, tools: tools, documents: documents,
            addGenerationPrompt: addGenerationPrompt, continueFinalMessage: continueFinalMessage,
            continuedField: continuedField,
            specialTokens: specialTokens, variables: named, now: now)
    }

    /// The ids of a conversation that the assistant is to answer. Throws `TemplateError`.
    public func ids(_ messages: JSON, tools: JSON? = nil) throws -> [Int32] {
        ids(of: try render(messages, tools: tools))
    }

    /// The ids of a rendered conversation.
    ///
    /// The tokens that the model expects around a text are added, unless the template wrote the first of them itself: as
    /// the Haystack generators do, whose pipeline tokenizes the rendered text, and without a second `<s>`.
    public func ids(of text: String) -> [Int32] {
        let beginsItself = tokenizer.bosToken.map { !$0.isEmpty && text.utf8.starts(with: $0.utf8) } ?? false
        return tokenizer.encode(text, addingSpecialTokens: !beginsItself)
    }

    /// The text of the template that is used when tools are given.
    var sourceWithTools: String { (toolTemplate ?? template).source }
}

/// Why a conversation cannot be put to a model.
public enum ChatPromptError: Error, Equatable, CustomStringConvertible {
    /// The checkpoint has no chat template.
    case noTemplate(folder: String)

    /// What is missing, and what to do.
    public var description: String {
        switch self {
        case .noTemplate(let folder):
            "\(folder) has no chat template; use 'hayloft generate', a model that was trained to chat, "
                + "or give a template"
        }
    }
}
