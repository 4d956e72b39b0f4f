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
        folder.write(#"{"unk_token": "<unk>", "eos_token": "other"}"#, to: "special_tokens_map.json")
        let tokenizer = try Tokenizer(folder: folder.path)
        #expect(tokenizer.encode("abc") == [12])
        #expect(tokenizer.bosToken == "<s>")
        #expect(tokenizer.eosToken == "</s>")
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

    @Test("named templates are kept by name, and a template file is the default")
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
        #expect(configuration.chatTemplate(named: "tool_use") == "t")
    }

    @Test("a folder without these files has an empty configuration")
    func empty() throws {
        #expect(try TokenizerConfiguration(folder: TemporaryFolder().path) == TokenizerConfiguration())
    }
}
