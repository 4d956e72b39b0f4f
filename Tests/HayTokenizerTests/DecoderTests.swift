import Testing

@testable import HayTokenizer

struct DecoderTests {
    @Test("a text comes back, without special tokens when they are not wanted")
    func roundTrip() throws {
        let tokenizer = try Samples.llama()
        #expect(tokenizer.encode("ab é") == [1, 13, 6, 4, 5])
        #expect(tokenizer.decode([1, 13, 6, 4, 5, 2]) == "<s> ab é</s>")
        #expect(tokenizer.decode([1, 13, 6, 4, 5, 2], skippingSpecialTokens: true) == "ab é")
        #expect(tokenizer.decode([]) == "")
    }

    @Test("ids that no token has are passed over", arguments: [-1, 14, 1000, Int32.max, Int32.min])
    func unknownIDs(id: Int32) throws {
        #expect(try Samples.llama().decode([id, 13, id]) == "ab")
        #expect(try Samples.llama().token(of: id) == nil)
    }

    @Test("bytes that are no text become one replacement character each, for the whole run")
    func brokenBytes() throws {
        let tokenizer = try Samples.llama()
        #expect(tokenizer.decode([7, 4, 8]) == "a\u{FFFD}b")
        #expect(tokenizer.decode([4, 5, 4]) == "\u{FFFD}\u{FFFD}\u{FFFD}")
    }

    @Test("a stream holds bytes back until they are text, and gives the rest at the end")
    func streaming() throws {
        var decoder = try Samples.llama().decoder(skippingSpecialTokens: true)
        #expect([1, 13, 4, 5, 7, 3].map { decoder.append($0) } == ["", "ab", "", "", "éa", ""])
        #expect(decoder.finish() == "\n")
    }

    @Test("byte-level tokens are joined before they are read as text, whatever is broken in them")
    func byteLevel() throws {
        let model = #"{"type": "BPE", "vocab": {"a": 0, "Ã": 1, "©": 2, "Ġ": 3, "ðŁĺ": 4, "Ģ": 5}, "merges": []}"#
        let tokenizer = try Samples.tokenizer(Samples.json(model: model, decoder: #"{"type": "ByteLevel"}"#))
        #expect(tokenizer.decode([1, 2, 3, 4, 5]) == "é 😀")
        #expect(tokenizer.decode([4, 0, 1]) == "\u{FFFD}a\u{FFFD}")
        var decoder = tokenizer.decoder(skippingSpecialTokens: false)
        #expect([1, 2, 4, 5, 4].map { decoder.append($0) } == ["", "é", "", "😀", ""])
        #expect(decoder.finish() == "\u{FFFD}")
    }

    @Test("without a decoder tokens stand apart by spaces")
    func noDecoder() throws {
        #expect(try Samples.tokenizer(Samples.json()).decode([7, 8, 9]) == "a b c")
    }

    @Test("characters at the ends of a joined text are stripped, also from a stream")
    func strip() throws {
        let decoder = """
            {"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": "a", "start": 1, "stop": 2}]}
            """
        let tokenizer = try Samples.tokenizer(Samples.json(decoder: decoder))
        #expect(tokenizer.decode([7, 7, 8, 7, 7, 7]) == "aba")
        #expect(tokenizer.decode([7, 7]) == "")
        var stream = tokenizer.decoder(skippingSpecialTokens: false)
        #expect([7, 7, 8, 7, 7, 7].map { stream.append($0) } == ["", "", "ab", "", "", "a"])
        #expect(stream.finish() == "")
    }

    @Test("repair gives one replacement for each maximal part of a broken sequence")
    func repair() {
        // The example of the Unicode Standard, table 3-8 and following.
        let bytes: [UInt8] = [0xF0, 0x90, 0x80, 0x41, 0xED, 0xA0, 0x80, 0xC0, 0x41, 0xE2, 0x82]
        let expected = "\u{FFFD}A\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}A\u{FFFD}"
        #expect(UTF8Repair.repair(bytes) == Array(expected.utf8))
    }
}
