import Testing

@testable import HayTokenizer

struct UnigramTests {
    @Test("the cut with the highest sum of scores is taken")
    func bestCut() throws {
        let tokenizer = try Samples.tokenizer(Samples.json(model: Samples.unigram))
        // -4 for the whole beats -1 - 1 - 3; -2.5 loses to -1 - 1.
        #expect(tokenizer.encode("abc") == [7])
        #expect(tokenizer.encode("ab") == [3, 4])
        #expect(tokenizer.encode("") == [])
    }

    @Test("characters that are missing are one unknown for a run of them, or their bytes")
    func unknown() throws {
        let tokenizer = try Samples.tokenizer(Samples.json(model: Samples.unigram))
        #expect(tokenizer.encode("xéa") == [0, 3])
        #expect(tokenizer.encode("axb") == [3, 0, 4])
        let bytes = Samples.unigram.replacing("\"unk_id\": 0,", with: "\"unk_id\": 0, \"byte_fallback\": true,")
            .replacing("[\"abc\", -4]", with: "[\"abc\", -4], [\"<0xC3>\", -9], [\"<0xA9>\", -9]")
        #expect(try Samples.tokenizer(Samples.json(model: bytes)).encode("aé") == [3, 8, 9])
        #expect(try Samples.tokenizer(Samples.json(model: bytes)).encode("aéx") == [3, 0])
    }

    @Test("without an unknown entry missing characters give nothing")
    func noUnknown() throws {
        let model = Samples.unigram.replacing("\"unk_id\": 0,", with: "\"unk_id\": null,")
        #expect(try Samples.tokenizer(Samples.json(model: model)).encode("axb") == [3, 4])
    }

    @Test("a model without a type is told by its vocabulary")
    func noType() throws {
        let model = Samples.unigram.replacing("\"type\": \"Unigram\",", with: "")
        #expect(try Samples.tokenizer(Samples.json(model: model)).encode("abc") == [7])
    }

    @Test("cuts that tie but for the last bit fall as in the reference")
    func ties() throws {
        // Scores of a published model; its reference gives three, three and one.
        let model = """
            {"unk_id": 0, "vocab": [["<unk>", 0], ["▁", -2.0122928619384766], ["-", -5.129043102264404],
                                    ["---", -12.130167007446289], ["▁--", -9.931743621826172]]}
            """
        #expect(try Samples.tokenizer(Samples.json(model: model)).encode("▁-------") == [1, 3, 3, 2])
    }

    @Test("a megabyte without spaces takes no more than its share of time", .timeLimit(.minutes(1)))
    func longText() throws {
        let tokenizer = try Samples.tokenizer(Samples.json(model: Samples.unigram))
        #expect(tokenizer.encode(String(repeating: "abx", count: 1 << 18)).count == 3 << 18)
    }
}
