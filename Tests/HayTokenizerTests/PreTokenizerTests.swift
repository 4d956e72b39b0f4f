import Testing

@testable import HayTokenizer

struct PreTokenizerTests {
    private func pieces(_ component: String, _ text: String, beginsInput: Bool = true) throws -> [String] {
        var list = PieceList(TrackedText(Array(text.utf8), beginsInput: beginsInput))
        try PreTokenizer(Section(try .parse(component), file: "tokenizer.json")).apply(to: &list)
        return list.pieces.map { String(decoding: list.bytes[$0], as: UTF8.self) }
    }

    @Test(
        "pre-tokenizers cut text",
        arguments: [
            (#"{"type": "WhitespaceSplit"}"#, " a\tb\u{3000}c", ["a", "b", "c"]),
            (#"{"type": "Whitespace"}"#, "it's 3,4", ["it", "'", "s", "3", ",", "4"]),
            (#"{"type": "Digits", "individual_digits": true}"#, "a12", ["a", "1", "2"]),
            (#"{"type": "Digits", "individual_digits": false}"#, "a12b", ["a", "12", "b"]),
            (#"{"type": "Punctuation", "behavior": "Isolated"}"#, "a,。b", ["a", ",", "。", "b"]),
            (#"{"type": "Split", "pattern": {"String": "x"}, "behavior": "Removed"}"#, "axxb", ["a", "b"]),
            (#"{"type": "Split", "pattern": {"String": "x"}, "behavior": "Contiguous"}"#, "axxb", ["a", "xx", "b"]),
            (
                #"{"type": "Split", "pattern": {"String": "x"}, "behavior": "MergedWithNext"}"#, "axxb",
                ["a", "x", "xb"]
            ),
            (
                #"{"type": "Split", "pattern": {"String": "x"}, "behavior": "MergedWithPrevious"}"#, "axxb",
                ["ax", "x", "b"]
            ),
            (
                #"{"type": "Split", "pattern": {"String": "x"}, "behavior": "Removed", "invert": true}"#, "axxb",
                ["x", "x"]
            ),
            (
                #"{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Digits"}]}"#, "a1 2b",
                ["a", "1", "2", "b"]
            ),
        ])
    func cutting(component: String, text: String, expected: [String]) throws {
        #expect(try pieces(component, text) == expected)
    }

    @Test("Metaspace marks spaces, and the beginning by its scheme")
    func metaspace() throws {
        func component(_ scheme: String, splits: Bool = true) -> String {
            "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"\(scheme)\", \"split\": \(splits)}"
        }
        #expect(try pieces(component("always"), "a  b") == ["▁a", "▁", "▁b"])
        #expect(try pieces(component("always"), " a") == ["▁a"])
        #expect(try pieces(component("always"), "▁a") == ["▁a"])
        #expect(try pieces(component("never"), "a b") == ["a", "▁b"])
        #expect(try pieces(component("first"), "a b") == ["▁a", "▁b"])
        #expect(try pieces(component("first"), "a b", beginsInput: false) == ["a", "▁b"])
        #expect(try pieces(component("always", splits: false), "a b") == ["▁a▁b"])
        let legacy = #"{"type": "Metaspace", "replacement": "_", "str_rep": "_", "add_prefix_space": false}"#
        #expect(try pieces(legacy, "a b") == ["a", "_b"])
    }

    @Test("ByteLevel writes each byte as a character, after cutting as GPT-2 does")
    func byteLevel() throws {
        let component = #"{"type": "ByteLevel", "add_prefix_space": true, "use_regex": true}"#
        #expect(try pieces(component, "it's 12é\n\n x") == ["Ġit", "'s", "Ġ12", "Ã©", "ĊĊ", "Ġx"])
        #expect((0 ... 255).allSatisfy { ByteLevel.byte(of: ByteLevel.character(of: UInt8($0))) == UInt8($0) })
    }

    @Test("the word pattern of cl100k takes contractions in any case, short numbers and line ends")
    func words() throws {
        let pattern = #"""
            (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*\#
            |\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+
            """#
        let component = "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\(pattern)\"}, \"behavior\": \"Isolated\"}"
        #expect(try pieces(component, "I'LL 12345") == ["I", "'LL", " ", "123", "45"])
        #expect(try pieces(component, "a  b!?\n\n \tc") == ["a", " ", " b", "!?\n\n", " ", "\tc"])
        #expect(try pieces(component, " \n  x") == [" \n", " ", " x"])
    }
}
