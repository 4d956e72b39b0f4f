import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

/// Folders with vocabulary files and no tokenizer.json.
struct VocabularyFilesTests {
    /// Folders of the fixtures that have vocabulary files beside or in place of a tokenizer.json.
    static let folders = Fixtures.folders(in: "tokenizers").filter {
        VocabularyFiles(folder: $0) != nil && Fixtures.exists("\($0)/cases.json")
    }

    @Test("vocabulary files and settings give what tokenizer.json gives", arguments: folders)
    func equivalence(folder: String) throws {
        let copy = TemporaryFolder()
        for file in Fixtures.entries(of: folder) {
            let name = file.split(separator: "/").last.map(String.init) ?? ""
            if ["tokenizer.json", "cases.json", "streaming.json"].contains(name) { continue }
            copy.write(try #require(Fixtures.bytes(file)), to: name)
        }
        let tokenizer: Tokenizer
        do {
            tokenizer = try Tokenizer(folder: copy.path)
        } catch let error as TokenizerError {
            guard case .unsupported = error else { throw error }
            return print("skipped \(folder): \(error)")
        }
        let cases = try #require(try Fixtures.json("\(folder)/cases.json")["cases"]?.array)
        let differing = try Self.textsWhereLibrariesDiffer(folder)
        var failures: [String] = []
        for item in cases {
            let text = try #require(item["text"]?.string)
            for (key, special) in [("ids", true), ("ids_no_special", false)] where !differing.contains(Array(text.utf8))
            {
                let expected = try #require(item[key]?.array).map { Int32(try #require($0.int)) }
                let found = tokenizer.encode(text, addingSpecialTokens: special)
                if found != expected { failures.append("\(text.debugDescription): \(found), expected \(expected)") }
            }
            let ids = try #require(item["ids"]?.array).map { Int32(try #require($0.int)) }
            for (key, skips) in [("decoded_skip", true), ("decoded_keep", false)] {
                let expected = try #require(item[key]?.string)
                let found = tokenizer.decode(ids, skippingSpecialTokens: skips)
                if !found.utf8.elementsEqual(expected.utf8) { failures.append("\(ids): \(found.debugDescription)") }
            }
        }
        print(
            "\(folder.split(separator: "/").last ?? ""): \(cases.count * 4 - failures.count) of \(cases.count * 4) pass"
        )
        #expect(failures.isEmpty, "\(failures.count) differ: \(failures.prefix(3).joined(separator: "; "))")
    }

    /// Texts that the sentencepiece library cuts otherwise than the `tokenizers` library.
    ///
    /// Not those that begin with a space: there the two differ by what settings say about the added one.
    private static func textsWhereLibrariesDiffer(_ folder: String) throws -> Set<[UInt8]> {
        guard let list = try? Fixtures.json("\(folder)/sentencepiece_cases.json")["cases"]?.array else { return [] }
        var ids: [[UInt8]: JSON] = [:]
        for item in list { ids[Array(try #require(item["text"]?.string).utf8)] = item["ids"] }
        let cases = try #require(try Fixtures.json("\(folder)/cases.json")["cases"]?.array)
        return Set(
            try cases.compactMap { item in
                let text = Array(try #require(item["text"]?.string).utf8)
                guard let first = text.first, first != 0x20, let pure = ids[text] else { return nil }
                return pure == item["ids_no_special"] ? nil : text
            })
    }

    private static let tiny = "\(Fixtures.packageFolder)/Tests/Golden/sentencepiece/bpe-spaces/tokenizer.model"

    /// The tokenizer of such a folder.
    private func tokenizer(_ settings: String?, _ others: [String: String] = [:]) throws -> Tokenizer {
        let folder = try folder(settings, others)
        return try withExtendedLifetime(folder) { try Tokenizer(folder: folder.path) }
    }

    /// A folder with a tiny sentencepiece model and these settings.
    private func folder(_ settings: String?, _ others: [String: String] = [:]) throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        folder.write(try #require(Fixtures.bytes(Self.tiny)), to: "tokenizer.model")
        if let settings { folder.write(settings, to: "tokenizer_config.json") }
        for (name, text) in others { folder.write(text, to: name) }
        return folder
    }

    @Test("a model alone has no special tokens")
    func bare() throws {
        let tokenizer = try self.tokenizer(nil)
        let pure = try Tokenizer(sentencePiece: Self.tiny)
        #expect(tokenizer.encode("<s> hay</s>") == pure.encode("<s> hay</s>"))
        #expect(tokenizer.decode([0, 4, 1]) == pure.decode([4]))
    }

    @Test("named tokens are cut out of texts, put around them, and read as they are written")
    func llama() throws {
        let tokenizer = try self.tokenizer(
            #"{"tokenizer_class": "LlamaTokenizer", "add_eos_token": true, "pad_token": "<pad>"}"#,
            ["added_tokens.json": #"{"<new>": 170}"#])
        let hay = try #require(tokenizer.id(of: "hay"))
        let space = try #require(tokenizer.id(of: "▁"))
        #expect(tokenizer.encode("hay") == [0, space, hay, 1])
        #expect(
            tokenizer.encode("hay</s>hay<new><pad>", addingSpecialTokens: false) == [
                space, hay, 1, space, hay, 170, 171,
            ])
        #expect(tokenizer.decode([0, space, hay, 170, 1]) == "<s> hay<new></s>")
        #expect(tokenizer.decode([0, space, hay, 170, 1], skippingSpecialTokens: true) == "hay<new>")
        #expect(tokenizer.vocabularySize == 172)
    }

    @Test("what is not legacy puts a space only before a text that begins the input without one")
    func prefixes() throws {
        let given = #"{"tokenizer_class": "LlamaTokenizer", "add_bos_token": false, "legacy": false}"#
        let tokenizer = try self.tokenizer(given)
        let hay = try #require(tokenizer.id(of: "hay"))
        let space = try #require(tokenizer.id(of: "▁"))
        #expect(tokenizer.encode("hay</s>hay") == [space, hay, 1, hay])
        #expect(tokenizer.encode(" hay") == [space, hay])
        let never = given.replacing("\"legacy\": false", with: "\"add_prefix_space\": false")
        #expect(try self.tokenizer(never).encode("hay</s>hay") == [hay, 1, hay])
    }

    @Test("the sentinels of T5 have the highest ids in falling order, one hundred where no file says")
    func sentinels() throws {
        let tokenizer = try self.tokenizer(#"{"tokenizer_class": "T5Tokenizer"}"#)
        #expect(tokenizer.id(of: "<extra_id_0>") == 269)
        #expect(tokenizer.id(of: "<extra_id_99>") == 170)
        #expect(tokenizer.encode("hay<extra_id_1>").suffix(2) == [268, 1])
        let few = #"{"extra_ids": 3, "additional_special_tokens": ["<extra_id_0>", "<extra_id_1>", "<extra_id_2>"]}"#
        let model = ["config.json": #"{"model_type": "t5"}"#]
        #expect(try self.tokenizer(few, model).id(of: "<extra_id_0>") == 172)
    }

    @Test("byte-level pairs follow the class that is named")
    func bytePairs() throws {
        let folder = TemporaryFolder()
        folder.write(#"{"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4, "<s>": 5, "</s>": 6}"#, to: "vocab.json")
        folder.write("#version: 0.2\r\na b\r\nĠ ab\r\n", to: "merges.txt")
        #expect(try Tokenizer(folder: folder.path).encode("ab ab</s>") == [3, 4])
        folder.write(
            #"{"tokenizer_class": "RobertaTokenizerFast", "add_prefix_space": true}"#, to: "tokenizer_config.json")
        let roberta = try Tokenizer(folder: folder.path)
        #expect(roberta.encode("ab</s>") == [5, 4, 6, 6])
        #expect(roberta.decode([5, 4, 6], skippingSpecialTokens: true) == " ab")
    }

    @Test("a kind of model that changes the ids of its sentencepiece model is refused")
    func differingModel() throws {
        let folder = try folder(nil, ["config.json": #"{"model_type": "xlm-roberta"}"#])
        let expected =
            "\(folder.path)/config.json: the tokenizer of 'xlm-roberta' without a tokenizer.json is not supported yet "
            + "(at 'model_type')"
        #expect {
            try withExtendedLifetime(folder) { try Tokenizer(folder: folder.path) }
        } throws: {
            "\($0)" == expected
        }
    }

    @Test(
        "settings that are not in order or not supported are told by file and key",
        arguments: [
            ("[]", "is an array, expected an object"),
            (
                #"{"tokenizer_class": "XLMRobertaTokenizer"}"#,
                ": the class 'XLMRobertaTokenizer' without a tokenizer.json is not supported yet (at 'tokenizer_class')"
            ),
            (#"{"bos_token": 1}"#, ": 'bos_token' is an integer, expected a token, or an object with one"),
            (
                #"{"added_tokens_decoder": {"x": "a"}}"#,
                ": 'added_tokens_decoder.x' is another key, expected a key that is an id"
            ),
            (
                #"{"tokenizer_class": "T5Tokenizer", "extra_ids": -1}"#,
                ": 'extra_ids' is -1, expected 0 to 10000"
            ),
        ])
    func errors(settings: String, expected: String) throws {
        let folder = try folder(settings)
        let file = "\(folder.path)/tokenizer_config.json"
        #expect {
            try withExtendedLifetime(folder) { try Tokenizer(folder: folder.path) }
        } throws: { error in
            "\(error)" == "\(file)\(expected.hasPrefix(":") ? "" : " ")\(expected)"
        }
    }
}
