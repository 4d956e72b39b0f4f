import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

struct ConfigurationTests {
    @Test("a folder gives its tokenizer, its special tokens and its chat template")
    func folder() throws {
        let folder = TemporaryFolder()
        folder.write(Samples.json(), to: "tokenizer.json")
        folder.write(
            """
            {"bos_token": "<s>", "eos_token": {"__type": "AddedToken", "content": "</s>"}, "pad_token": null,
             "add_bos_token": true, "add_eos_token": false, "clean_up_tokenization_spaces": false,
             "model_max_length": 2048, "tokenizer_class": "LlamaTokenizer", "chat_template": "{{ messages }}"}
            """, to: "tokenizer_config.json")
        folder.write(#"{"unk_token": "<unk>", "eos_token": "</t>"}"#, to: "special_tokens_map.json")
        let tokenizer = try Tokenizer(folder: folder.path)
        #expect(tokenizer.encode("abc") == [12])
        #expect(tokenizer.bosToken == "<s>")
        #expect(tokenizer.eosToken == "</t>")
        #expect(tokenizer.unkToken == "<unk>")
        #expect(tokenizer.padToken == nil)
        #expect(tokenizer.configuration.addsBosToken == true)
        #expect(tokenizer.configuration.addsEosToken == false)
        #expect(tokenizer.configuration.cleansUpSpaces == false)
        #expect(tokenizer.configuration.maximumLength == 2048)
        #expect(tokenizer.configuration.tokenizerClass == "LlamaTokenizer")
        #expect(tokenizer.configuration.chatTemplate() == "{{ messages }}")
        #expect(tokenizer.configuration.chatTemplate(named: "tool_use") == nil)
    }

    @Test("named templates are kept by name, and template files take the place of them all")
    func namedTemplates() throws {
        let folder = TemporaryFolder()
        folder.write(
            """
            {"chat_template": [{"name": "default", "template": "d"}, {"name": "tool_use", "template": "t"}],
             "model_max_length": 1000000000000000019884624838656}
            """, to: "tokenizer_config.json")
        var configuration = try TokenizerConfiguration(folder: folder.path)
        #expect(configuration.chatTemplate() == "d")
        #expect(configuration.chatTemplate(named: "tool_use") == "t")
        #expect(configuration.maximumLength == nil)
        folder.write("from file", to: "chat_template.jinja")
        configuration = try TokenizerConfiguration(folder: folder.path)
        #expect(configuration.chatTemplate() == "from file")
        #expect(configuration.chatTemplate(named: "tool_use") == nil)
        folder.make("additional_chat_templates")
        folder.write("rag", to: "additional_chat_templates/rag.jinja")
        folder.write("more", to: "additional_chat_templates/default.jinja")
        folder.write("no template", to: "additional_chat_templates/notes.txt")
        configuration = try TokenizerConfiguration(folder: folder.path)
        #expect(configuration.chatTemplates.map(\.name) == ["default", "rag"])
        #expect(configuration.chatTemplates.map(\.text) == ["more", "rag"])
    }

    @Test("named templates may be an object, and the later of one name counts")
    func templateObject() throws {
        let object: JSON = ["chat_template": ["rag": "r", "default": "d"]]
        let configuration = try TokenizerConfiguration(json: object, name: "f")
        #expect(configuration.chatTemplates.map(\.name) == ["rag", "default"])
        #expect(configuration.chatTemplate() == "d")
        let list: JSON = ["chat_template": [["name": "a", "template": "1"], ["name": "a", "template": "2"]]]
        let repeated = try TokenizerConfiguration(json: list, name: "f")
        #expect(repeated.chatTemplate(named: "a") == "2")
        #expect(repeated.chatTemplate() == nil)
    }

    @Test("a folder without these files has an empty configuration")
    func empty() throws {
        #expect(try TokenizerConfiguration(folder: TemporaryFolder().path) == TokenizerConfiguration())
    }
}
