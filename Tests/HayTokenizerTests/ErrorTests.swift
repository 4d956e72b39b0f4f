import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

struct ErrorTests {
    private func message(_ json: String) -> String {
        do {
            _ = try Samples.tokenizer(json)
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test("files that cannot be read are named with the reason")
    func files() {
        let folder = TemporaryFolder()
        let file = "\(folder.path)/tokenizer.json"
        #expect(throws: TokenizerError.unreadable(file: file, reason: "No such file or directory")) {
            try Tokenizer(folder: folder.path)
        }
        #expect(throws: TokenizerError.unreadable(file: folder.path, reason: "it is not a file")) {
            try Tokenizer(file: folder.path)
        }
        folder.write("{\n  nonsense", to: "tokenizer.json")
        let expected = "\(file) is not JSON: line 2, column 3: expected a key in double quotes"
        #expect { try Tokenizer(file: file) } throws: { "\($0)" == expected }
        let other = TemporaryFolder()
        let template = "\(other.write([0xFF], to: "chat_template.jinja")) is not UTF-8 text"
        #expect { try TokenizerConfiguration(folder: other.path) } throws: { "\($0)" == template }
    }

    @Test("messages say what is wrong, where, and what was expected")
    func descriptions() {
        let unreadable = TokenizerError.unreadable(file: "f", reason: "No such file or directory")
        #expect("\(unreadable)" == "f cannot be read: No such file or directory")
        let tooLarge = TokenizerError.tooLarge(file: "f", size: 2, limit: 1)
        #expect("\(tooLarge)" == "f has 2 bytes, more than the 1 that a tokenizer file may have")
    }

    @Test(
        "a file that is not supported or not in order is told by file and key",
        arguments: [
            ("{}", "tokenizer.json has no key 'model'"),
            ("[]", "tokenizer.json is an array, expected an object"),
            (Samples.json(model: "{}"), "tokenizer.json: model 'without a type' is not supported yet (at 'model')"),
            (
                Samples.json(model: #"{"type": "BNE"}"#),
                "tokenizer.json: model 'BNE' is not supported yet (at 'model')"
            ),
            (Samples.json(model: #"{"type": "BPE"}"#), "tokenizer.json has no key 'model.vocab'"),
            (
                Samples.json(model: #"{"type": "BPE", "vocab": {"a": -1}, "merges": []}"#),
                "tokenizer.json: 'model.vocab' gives token 'a' the id -1, expected 0 to 16777215"
            ),
            (
                Samples.json(model: #"{"type": "BPE", "vocab": {"a": 4294967296}, "merges": []}"#),
                "tokenizer.json: 'model.vocab' gives token 'a' the id 4294967296, expected 0 to 16777215"
            ),
            (
                Samples.json(model: #"{"type": "BPE", "vocab": {"a": "0"}, "merges": []}"#),
                "tokenizer.json: 'model.vocab.a' is a string, expected an integer"
            ),
            (
                Samples.json(model: #"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"]}"#),
                "tokenizer.json: 'model.merges[0]' names the token 'aa', which the vocabulary does not have"
            ),
            (
                Samples.json(model: #"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}"#),
                "tokenizer.json: 'model.merges[0]' is another string, expected two pieces with one space between them"
            ),
            (
                Samples.json(model: #"{"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}"#),
                "tokenizer.json: 'model.merges[0]' is another array, expected two strings"
            ),
            (
                Samples.json(model: #"{"type": "BPE", "vocab": {}, "merges": [], "unk_token": "<unk>"}"#),
                "tokenizer.json: 'model.unk_token' names the token '<unk>', which the vocabulary does not have"
            ),
            (
                Samples.json(model: #"{"type": "BPE", "vocab": {}, "merges": [], "dropout": 0.1}"#),
                "tokenizer.json: the BPE option 'dropout' is not supported yet (at 'model.dropout')"
            ),
            (
                Samples.json(model: #"{"type": "Unigram", "vocab": [["a", NaN]]}"#),
                "tokenizer.json: 'model.vocab[0]' gives token 'a' a score that is not a finite number"
            ),
            (
                Samples.json(model: #"{"type": "Unigram", "vocab": [["a"]]}"#),
                "tokenizer.json: 'model.vocab[0]' is another value, expected a piece and its score"
            ),
            (
                Samples.json(model: #"{"type": "Unigram", "vocab": [["a", 0]], "unk_id": 1}"#),
                "tokenizer.json: 'model.unk_id' is 1, expected the id of one of the 1 entries"
            ),
            (
                Samples.json(model: "{\"vocab\": [[\"\(String(repeating: "a", count: 1025))\", 0]]}"),
                "tokenizer.json: 'model.vocab[0]' is a token of 1025 bytes, expected at most 1024"
            ),
        ])
    func models(json: String, expected: String) { #expect(message(json) == expected) }

    @Test(
        "components that are not supported are named",
        arguments: [
            (
                Samples.json(normalizer: #"{"type": "Sequence", "normalizers": [{"type": "Nml"}]}"#),
                "tokenizer.json: normalizer 'Nml' is not supported yet (at 'normalizer.normalizers[0]')"
            ),
            (
                Samples.json(preTokenizer: #"{"type": "Unheard"}"#),
                "tokenizer.json: pre_tokenizer 'Unheard' is not supported yet (at 'pre_tokenizer')"
            ),
            (
                Samples.json(preTokenizer: #"{"type": "FixedLength", "length": 0}"#),
                "tokenizer.json: 'pre_tokenizer.length' is 0, expected a number from 1 on"
            ),
            (
                Samples.json(preTokenizer: #"{"type": "Metaspace", "replacement": "ab"}"#),
                "tokenizer.json: 'pre_tokenizer.replacement' is 'ab', expected one character"
            ),
            (
                Samples.json(
                    normalizer: "{\"type\": \"Prepend\", \"prepend\": \"\(String(repeating: "a", count: 5000))\"}"),
                "tokenizer.json: 'normalizer' may make a text 5001.0 times as long, expected at most 4096.0 times"
            ),
            (
                Samples.json(decoder: #"{"type": "CTD"}"#),
                "tokenizer.json: decoder 'CTD' is not supported yet (at 'decoder')"
            ),
            (
                Samples.json(postProcessor: #"{"type": "Other"}"#),
                "tokenizer.json: post_processor 'Other' is not supported yet (at 'post_processor')"
            ),
            (
                Samples.json(normalizer: #"{"type": "Precompiled", "precompiled_charsmap": "?"}"#),
                "tokenizer.json: 'normalizer.precompiled_charsmap' is not base64"
            ),
            (
                Samples.json(normalizer: #"{"type": "Precompiled", "precompiled_charsmap": "/////w=="}"#),
                """
                tokenizer.json: 'normalizer.precompiled_charsmap' says its trie has 4294967295 bytes, but 0 follow
                """
            ),
            (
                Samples.json(added: [Samples.added(String(repeating: "x", count: 2000))]),
                "tokenizer.json: 'added_tokens' is a token of 2000 bytes, expected at most 1024"
            ),
        ])
    func components(json: String, expected: String) { #expect(message(json) == expected) }
}
