import Testing

@testable import HayTokenizer

struct AddedTokenTests {
    private func tokenizer(_ added: String...) throws -> Tokenizer {
        try Samples.tokenizer(Samples.json(added: added))
    }

    @Test("added tokens are cut out before the model, the longest first")
    func cutting() throws {
        let tokenizer = try tokenizer(Samples.added("<s>"), Samples.added("<s>>"))
        #expect(tokenizer.encode("a<s>b<s>>") == [7, 1, 8, 14])
        #expect(tokenizer.id(of: "<s>>") == 14)
        #expect(tokenizer.token(of: 14) == "<s>>")
        #expect(tokenizer.vocabularySize == 15)
    }

    @Test("a token takes the white space beside it where it says so")
    func stripping() throws {
        #expect(try tokenizer(Samples.added("X", "lstrip")).encode("a \nX\nb") == [7, 14, 3, 8])
        #expect(try tokenizer(Samples.added("X", "rstrip")).encode("a\nX \nb") == [7, 3, 14, 8])
        #expect(try tokenizer(Samples.added("X", "lstrip", "rstrip")).encode("X \n X") == [14, 14])
    }

    @Test("a token that must be a word of its own is left alone inside one")
    func singleWord() throws {
        let tokenizer = try tokenizer(Samples.added("ab", "single_word"))
        #expect(tokenizer.encode("abc") == [12])
        #expect(tokenizer.encode("ab\nab") == [10, 3, 10])
        #expect(try self.tokenizer(Samples.added("bc", "single_word")).encode("\nbc") == [3, 11])
    }

    @Test("a normalized token is matched in normalized text")
    func normalized() throws {
        let json = Samples.json(normalizer: #"{"type": "Lowercase"}"#, added: [Samples.added("A B", "normalized")])
        #expect(try Samples.tokenizer(json).encode("a bA b") == [14, 14])
        let verbatim = Samples.json(normalizer: #"{"type": "Lowercase"}"#, added: [Samples.added("A")])
        #expect(try Samples.tokenizer(verbatim).encode("aA") == [7, 14])
    }

    @Test("the marker of a beginning is set only at the beginning of the input, not after a token")
    func firstMarker() throws {
        let metaspace = #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}"#
        let json = Samples.json(preTokenizer: metaspace, added: [Samples.added("<s>")])
        #expect(try Samples.tokenizer(json).encode("ab<s>ab") == [13, 1, 10])
        #expect(try Samples.tokenizer(json).encode("<s>ab") == [1, 10])
    }

    @Test(
        "a text begins the input while its first character is the input's, whatever a normalizer deletes",
        arguments: [
            (#"{"type": "Replace", "pattern": {"String": "c"}, "content": ""}"#, "cab", [10]),
            (#"{"type": "Replace", "pattern": {"String": "c"}, "content": ""}"#, "abc", [13]),
            (#"{"type": "Replace", "pattern": {"String": "cc"}, "content": "ab"}"#, "cc", [10]),
            (#"{"type": "Replace", "pattern": {"String": "\n"}, "content": "ab"}"#, "\n", [13]),
            (#"{"type": "Strip", "strip_left": true, "strip_right": true}"#, " ab", [10]),
            (#"{"type": "StripAccents"}"#, "\u{301}ab", [10]),
            (#"{"type": "Prepend", "prepend": "a"}"#, "b", [13]),
        ] as [(String, String, [Int32])])
    func firstOfNormalized(normalizer: String, text: String, ids: [Int32]) throws {
        let metaspace = #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}"#
        let tokenizer = try Samples.tokenizer(Samples.json(normalizer: normalizer, preTokenizer: metaspace))
        #expect(tokenizer.encode(text) == ids)
        #expect(try tokenizer.encoding(of: text).ids == ids)
    }
}
