import TestSupport
import Testing

@testable import HayTokenizer

/// Tokens that the files beside a tokenizer.json name; what is expected is what transformers 5.23 makes of such folders.
struct DeclaredTokenTests {
    /// A folder with a small tokenizer.json, whose ids end at 13, and these files.
    private func folder(_ files: [String: String], added: [String] = [Samples.added("<s>", "special")])
        -> TemporaryFolder
    {
        let folder = TemporaryFolder()
        folder.write(Samples.json(added: added), to: "tokenizer.json")
        for (name, text) in files { folder.write(text, to: name) }
        return folder
    }

    private func tokenizer(_ files: [String: String], added: [String] = [Samples.added("<s>", "special")]) throws
        -> Tokenizer
    {
        let folder = folder(files, added: added)
        return try withExtendedLifetime(folder) { try Tokenizer(folder: folder.path) }
    }

    private func variables(_ files: [String: String]) throws -> [String] {
        try tokenizer(files).configuration.specialTokens.map { "\($0.key)=\($0.token)" }
    }

    @Test(
        "a token that only one of the small files names is cut out of texts, with the next free id",
        arguments: [
            ["tokenizer_config.json": #"{"added_tokens_decoder": {"00040": {"content": "<x>", "special": true}}}"#],
            ["added_tokens.json": #"{"<x>": 14}"#],
            ["special_tokens_map.json": #"{"eos_token": "<x>"}"#],
            ["special_tokens_map.json": #"{"additional_special_tokens": ["<x>"]}"#],
            ["tokenizer_config.json": #"{"extra_special_tokens": ["<x>"]}"#],
            ["tokenizer_config.json": #"{"extra_special_tokens": {"image_token": "<x>"}}"#],
            ["tokenizer_config.json": #"{"additional_special_tokens": ["<x>"]}"#],
            ["tokenizer_config.json": #"{"image_token": "<x>"}"#],
            ["tokenizer_config.json": #"{"pad_token": {"__type": "AddedToken", "content": "<x>"}}"#],
        ])
    func onePlace(files: [String: String]) throws {
        let tokenizer = try tokenizer(files)
        #expect(tokenizer.encode("a<x>b") == [7, 14, 8])
        #expect(tokenizer.vocabularySize == 15)
        let isPlain = files["added_tokens.json"] != nil
        #expect(tokenizer.decode([7, 14], skippingSpecialTokens: true) == (isPlain ? "a <x>" : "a"))
    }

    @Test("new tokens get ids in the order of the ids that files give, then in the order of their names")
    func order() throws {
        let tokenizer = try tokenizer([
            "tokenizer_config.json": """
            {"added_tokens_decoder": {"90": {"content": "<y>"}, "20": {"content": "<x>"}}, "mask_token": "<m>",
             "bos_token": "<b>", "image_token": "<i>", "additional_special_tokens": ["<e>", "<b>"]}
            """
        ])
        #expect(["<x>", "<y>", "<b>", "<m>", "<i>", "<e>"].map { tokenizer.id(of: $0) } == [14, 15, 16, 17, 18, 19])
    }

    @Test("the flags of added_tokens_decoder replace those of tokenizer.json")
    func flags() throws {
        let listed = #"{"added_tokens_decoder": {"1": {"content": "<s>", "special": true, "lstrip": true}}}"#
        #expect(try tokenizer(["tokenizer_config.json": listed]).encode("\n<s>") == [1])
        #expect(try tokenizer([:]).encode("\n<s>") == [3, 1])
    }

    @Test("special_tokens_map.json wins over tokenizer_config.json, unless that has added_tokens_decoder")
    func map() throws {
        let map = #"{"bos_token": "<m>", "pad_token": null, "image_token": {"content": "<i>", "lstrip": true}}"#
        let settings = #"{"bos_token": "<c>", "pad_token": "<p>", "boi_token": "<o>"}"#
        #expect(
            try variables(["special_tokens_map.json": map, "tokenizer_config.json": settings]) == [
                "bos_token=<m>", "image_token=<i>", "boi_token=<o>",
            ])
        let complete = settings.replacing("{\"bos", with: "{\"added_tokens_decoder\": {}, \"bos")
        #expect(
            try variables(["special_tokens_map.json": map, "tokenizer_config.json": complete]) == [
                "bos_token=<c>", "pad_token=<p>", "boi_token=<o>",
            ])
    }

    @Test(
        "classes have the special tokens of their code where no file names others",
        arguments: [
            (
                #"{"tokenizer_class": "LlamaTokenizerFast"}"#, nil,
                ["bos_token=<s>", "eos_token=</s>", "unk_token=<unk>"]
            ),
            (
                #"{"tokenizer_class": "GemmaTokenizer", "eos_token": "<x>", "mask_token": null}"#, nil,
                ["bos_token=<bos>", "eos_token=<x>", "unk_token=<unk>", "pad_token=<pad>"]
            ),
            (
                #"{"tokenizer_class": null}"#, "gpt2",
                ["bos_token", "eos_token", "unk_token"].map { "\($0)=<|endoftext|>" }
            ),
            (#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#, nil, []),
            (#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#, "llama", []),
            (#"{"tokenizer_class": "LlamaTokenizer"}"#, "mistral", []),
            (
                #"{"tokenizer_class": "LlamaTokenizer"}"#, "qwen2",
                ["eos_token", "unk_token", "pad_token"].map { "\($0)=<|endoftext|>" }
            ),
        ] as [(String, String?, [String])])
    func classes(settings: String, modelType: String?, expected: [String]) throws {
        var files = ["tokenizer_config.json": settings]
        if let modelType { files["config.json"] = "{\"model_type\": \"\(modelType)\"}" }
        #expect(try variables(files) == expected)
    }

    @Test("a folder that names the class of Llama 2 and works on bytes has no tokens of a class")
    func byteLevelLlama() throws {
        let folder = TemporaryFolder()
        let bytes = #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}"#
        folder.write(Samples.json(preTokenizer: bytes), to: "tokenizer.json")
        folder.write(#"{"tokenizer_class": "LlamaTokenizer"}"#, to: "tokenizer_config.json")
        #expect(try Tokenizer(folder: folder.path).configuration.specialTokens.isEmpty)
    }

    @Test("the padding of tokenizer.json names the token that fills up texts")
    func padding() throws {
        let padding = """
            "padding": {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                        "pad_type_id": 0, "pad_token": "<unk>"}
            """
        let folder = TemporaryFolder()
        folder.write(Samples.json().replacing("\"padding\": null", with: padding), to: "tokenizer.json")
        #expect(try Tokenizer(folder: folder.path).padToken == "<unk>")
    }

    @Test("a byte order mark and carriage returns do no harm")
    func marks() throws {
        let settings = "\u{FEFF}{\r\n\"bos_token\":\r\n\"<x>\", \"model_max_length\": 1e30}\r\n"
        #expect(try tokenizer(["tokenizer_config.json": settings]).bosToken == "<x>")
    }

    @Test("in a vocabulary with gaps new ids follow its size, and the later token of one id is found")
    func gaps() throws {
        let model = #"{"type": "BPE", "vocab": {"a": 0, "b": 1, "<x>": 4, "<": 2}, "merges": []}"#
        let added = [Samples.added("<y>"), Samples.added("<x>"), Samples.added("<z>")]
        let tokenizer = try Samples.tokenizer(Samples.json(model: model, added: added))
        #expect(["<x>", "<y>", "<z>"].map { tokenizer.id(of: $0) } == [4, 4, 5])
        #expect(tokenizer.encode("a<x>b<z>") == [0, 4, 1, 5])
        #expect(tokenizer.token(of: 4) == "<x>")
    }

    @Test(
        "files of the wrong kind are told by file and key",
        arguments: [
            ("added_tokens.json", "[]", "is an array, expected an object"),
            ("added_tokens.json", #"{"<x>": "5"}"#, ": '<x>' is a string, expected an integer"),
            ("special_tokens_map.json", #""x""#, "is a string, expected an object"),
            (
                "special_tokens_map.json", #"{"bos_token": ["<s>"]}"#,
                ": 'bos_token' is an array, expected a token, or an object with one"
            ),
            (
                "tokenizer_config.json", #"{"added_tokens_decoder": ["<x>"]}"#,
                ": 'added_tokens_decoder' is an array, expected an object"
            ),
            (
                "tokenizer_config.json", #"{"added_tokens_decoder": {"1": {"content": 5}}}"#,
                ": 'added_tokens_decoder.1.content' is an integer, expected a string"
            ),
            (
                "tokenizer_config.json", #"{"added_tokens_decoder": {"1": null}}"#,
                ": 'added_tokens_decoder.1' is null, expected a token, or an object with one"
            ),
            (
                "tokenizer_config.json", #"{"extra_special_tokens": "x"}"#,
                ": 'extra_special_tokens' is a string, expected an array, or an object of named tokens"
            ),
            (
                "tokenizer_config.json", #"{"extra_special_tokens": {"a": 1}}"#,
                ": 'extra_special_tokens.a' is an integer, expected a token, or an object with one"
            ),
            (
                "tokenizer_config.json", #"{"chat_template": 1}"#,
                ": 'chat_template' is an integer, expected a template, or named ones as an array or an object"
            ),
            (
                "tokenizer_config.json", #"{"chat_template": {"default": 1}}"#,
                ": 'chat_template.default' is an integer, expected a string"
            ),
        ])
    func errors(name: String, text: String, expected: String) {
        let folder = folder([name: text])
        let message = "\(folder.path)/\(name)\(expected.hasPrefix(":") ? "" : " ")\(expected)"
        #expect { try withExtendedLifetime(folder) { try Tokenizer(folder: folder.path) } } throws: {
            "\($0)" == message
        }
    }
}
