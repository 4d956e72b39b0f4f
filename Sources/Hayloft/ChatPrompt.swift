import HayJSON
import HayTemplate
import HayTokenizer

/// The chat template of a checkpoint with the special tokens that it names.
public struct ChatPrompt: Sendable {
    private let tokenizer: Tokenizer
    private let folder: String
    /// Nil where the checkpoint has only a template for conversations with tools.
    private let template: ChatTemplate?
    private let toolTemplate: ChatTemplate?
    private let specialTokens: [String: String]
    private let variables: JSON.Object

    /// The template that a tokenizer's files hold; where there are several, `default`, and `tool_use` when tools are given.
    ///
    /// - Parameters:
    ///   - template: the template to use instead: the name of one of the checkpoint's, or the text of another.
    ///   - variables: what the template may name in every conversation.
    ///
    /// Throws `ChatPromptError` where there is none to use, and `TemplateError`.
    public init(
        _ tokenizer: Tokenizer, folder: String, template text: String? = nil, variables: JSON.Object = .init()
    ) throws {
        let configuration = tokenizer.configuration
        self.tokenizer = tokenizer
        self.folder = folder
        let source = text.map { configuration.chatTemplate(named: $0) ?? $0 } ?? configuration.chatTemplate()
        template = try source.map { try ChatTemplate($0) }
        let toolSource = text == nil ? configuration.chatTemplate(named: "tool_use") : nil
        toolTemplate = try toolSource.map { try ChatTemplate($0) }
        if template == nil, toolTemplate == nil { throw ChatPromptError.noTemplate(configuration, folder) }
        self.variables = variables
        specialTokens = Dictionary(
            configuration.specialTokens.map { ($0.key, $0.token) }, uniquingKeysWith: { first, _ in first })
    }

    /// The text of a conversation. Throws `ChatPromptError` and `TemplateError`.
    public func render(
        _ messages: JSON, tools: JSON? = nil, addGenerationPrompt: Bool = true, continueFinalMessage: Bool = false,
        continuedField: String = "content",
        documents: JSON? = nil, variables: JSON.Object = .init(), now: ClockTime? = nil
    ) throws -> String {
        let hasTools = tools.map { !$0.isNull } ?? false
        guard let template = hasTools ? toolTemplate ?? template : template else {
            throw ChatPromptError.noTemplate(tokenizer.configuration, folder)
        }
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
    var sourceWithTools: String { (toolTemplate ?? template)?.source ?? "" }
}

/// Why a conversation cannot be put to a model.
public enum ChatPromptError: Error, Equatable, CustomStringConvertible {
    /// The checkpoint has no chat template.
    case noTemplate(folder: String)
    /// The checkpoint has chat templates, but none for every conversation.
    case noDefaultTemplate(folder: String, names: [String])

    /// What is missing, and what to do.
    public var description: String {
        switch self {
        case .noTemplate(let folder):
            "\(folder) has no chat template; use 'hayloft generate', a model that was trained to chat, "
                + "or give a template"
        case .noDefaultTemplate(let folder, let names):
            "\(folder) has no chat template called 'default', choose one of \(names.joined(separator: ", "))"
        }
    }

    /// Why a checkpoint has no template that is taken by itself.
    static func noTemplate(_ configuration: TokenizerConfiguration, _ folder: String) -> ChatPromptError {
        let names = configuration.chatTemplates.map(\.name).sorted()
        return names.isEmpty ? .noTemplate(folder: folder) : .noDefaultTemplate(folder: folder, names: names)
    }
}
