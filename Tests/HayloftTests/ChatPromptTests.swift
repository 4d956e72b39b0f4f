import HayJSON
import HayTokenizer
import Hayloft
import TestSupport
import Testing

/// Conversations rendered with the templates and tokens of a folder.
struct ChatPromptTests {
    private static let tokenizer =
        #"{"model": {"type": "BPE", "vocab": {"<s>": 0, "a": 1}, "merges": []}, "added_tokens": []}"#
    private let messages: JSON = [["role": "user", "content": "hi"]]

    /// The prompt of a folder with these files.
    private func prompt(_ files: [String: String], template: String? = nil) throws -> ChatPrompt {
        let folder = TemporaryFolder()
        folder.write(Self.tokenizer, to: "tokenizer.json")
        folder.make("additional_chat_templates")
        for (name, text) in files { folder.write(text, to: name) }
        return try withExtendedLifetime(folder) {
            try ChatPrompt(Tokenizer(folder: folder.path), folder: "folder", template: template)
        }
    }

    private static let named =
        #"{"chat_template": [{"name": "rag", "template": "R"}, {"name": "tool_use", "template": "T"}]}"#

    @Test("tools choose tool_use, also an empty list of them, and null does not")
    func tools() throws {
        let prompt = try prompt([
            "chat_template.jinja": "plain", "additional_chat_templates/tool_use.jinja": "with {{ tools|length }}",
        ])
        #expect(try prompt.render(messages) == "plain")
        #expect(try prompt.render(messages, tools: .null) == "plain")
        #expect(try prompt.render(messages, tools: []) == "with 0")
        #expect(try prompt.render(messages, tools: [["type": "function"]]) == "with 1")
    }

    @Test("a template is chosen by its name, and any other text is a template itself")
    func names() throws {
        let files = ["tokenizer_config.json": Self.named]
        #expect(try prompt(files, template: "rag").render(messages) == "R")
        #expect(try prompt(files, template: "none").render(messages, tools: []) == "none")
    }

    @Test("templates may name the special tokens of all files and classes")
    func variables() throws {
        let prompt = try prompt([
            "chat_template.jinja": "{{ bos_token }}{{ eos_token }}{{ image_token }}{{ boi }}",
            "tokenizer_config.json": """
            {"tokenizer_class": "LlamaTokenizer", "extra_special_tokens": {"image_token": "<i>", "boi": "<b>"}}
            """,
            "special_tokens_map.json": #"{"eos_token": {"content": "<e>"}}"#,
        ])
        #expect(try prompt.render(messages) == "<s><e><i><b>")
    }

    @Test("where no template is for every conversation, the error names those that there are")
    func errors() throws {
        let prompt = try prompt(["tokenizer_config.json": Self.named])
        #expect(try prompt.render(messages, tools: []) == "T")
        let expected = ChatPromptError.noDefaultTemplate(folder: "folder", names: ["rag", "tool_use"])
        #expect(throws: expected) { try prompt.render(messages) }
        #expect("\(expected)" == "folder has no chat template called 'default', choose one of rag, tool_use")
        let rag = #"{"chat_template": {"rag": "R"}}"#
        #expect(throws: ChatPromptError.noDefaultTemplate(folder: "folder", names: ["rag"])) {
            try self.prompt(["tokenizer_config.json": rag])
        }
        #expect(throws: ChatPromptError.noTemplate(folder: "folder")) { try self.prompt([:]) }
    }
}
