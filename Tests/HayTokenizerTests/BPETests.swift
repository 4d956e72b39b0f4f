import Testing

@testable import HayTokenizer

struct BPETests {
    @Test("the merge that was learnt first is done first, wherever it is")
    func mergeOrder() throws {
        let tokenizer = try Samples.tokenizer(Samples.json())
        #expect(tokenizer.encode("abc") == [12])
        #expect(tokenizer.encode("abab") == [10, 10])
        #expect(tokenizer.encode("bcab") == [11, 10])
        #expect(tokenizer.encode("") == [])
    }

    @Test("both spellings of merges mean the same")
    func mergeSpellings() throws {
        let pairs = #"[["a", "b"], ["b", "c"], ["ab", "c"], ["▁", "ab"]]"#
        let model = Samples.bpe.replacing(#"["a b", "b c", "ab c", "▁ ab"]"#, with: pairs)
        #expect(model != Samples.bpe)
        #expect(try Samples.tokenizer(Samples.json(model: model)).encode("▁abcab") == [6, 12, 10])
        #expect(try Samples.tokenizer(Samples.json()).encode("▁abcab") == [6, 12, 10])
    }

    @Test("a character that is missing becomes its bytes, or one unknown for a run of them")
    func byteFallback() throws {
        let tokenizer = try Samples.tokenizer(Samples.json())
        #expect(tokenizer.encode("é\n") == [4, 5, 3])
        #expect(tokenizer.encode("aßzb") == [7, 0, 8])
        let apart = Samples.bpe.replacing("\"fuse_unk\": true", with: "\"fuse_unk\": false")
        #expect(try Samples.tokenizer(Samples.json(model: apart)).encode("aßzb") == [7, 0, 0, 8])
    }

    @Test("with ignore_merges a piece of the vocabulary is taken whole")
    func ignoreMerges() throws {
        let model = Samples.bpe.replacing("\"▁ ab\"]", with: "\"▁ a\"], \"ignore_merges\": true")
            .replacing("\"▁ab\": 13", with: "\"▁ab\": 13, \"▁a\": 14")
        let tokenizer = try Samples.tokenizer(Samples.json(model: model))
        #expect(tokenizer.encode("▁ab") == [13])
        #expect(tokenizer.encode("▁abc") == [6, 12])
    }

    @Test("long runs merge as short ones do", arguments: [2, 23, 24, 25, 26, 1000, 1001])
    func longRuns(length: Int) throws {
        let model = """
            {"type": "BPE", "vocab": {"a": 0, "aa": 1, "aaaa": 2}, "merges": ["a a", "aa aa"]}
            """
        let ids = try Samples.tokenizer(Samples.json(model: model)).encode(String(repeating: "a", count: length))
        let rest = length % 4
        #expect(ids.count == length / 4 + rest / 2 + rest % 2)
        #expect(ids.prefix(length / 4).allSatisfy { $0 == 2 })
    }

    @Test("a megabyte without spaces takes no more than its share of time", .timeLimit(.minutes(1)))
    func longText() throws {
        let tokenizer = try Samples.llama()
        let text = String(repeating: "ab", count: 1 << 19)
        #expect(tokenizer.encode(text, addingSpecialTokens: false).count == 1 << 19)
        #expect(tokenizer.decode(tokenizer.encode(text), skippingSpecialTokens: true) == text)
    }
}
