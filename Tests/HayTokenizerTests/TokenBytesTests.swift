import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

struct TokenBytesTests {
    @Test("a byte that stands in for what is missing is that byte, and a mark is a space")
    func llama() throws {
        let tokenizer = try Samples.llama()
        #expect(tokenizer.bytes(of: 3) == [0x0A])
        #expect(tokenizer.bytes(of: 4) == [0xC3])
        #expect(tokenizer.bytes(of: 13) == Array(" ab".utf8))
        #expect(tokenizer.bytes(of: 12) == Array("abc".utf8))
    }

    @Test("special tokens and ids without a token have no bytes")
    func special() throws {
        let tokenizer = try Samples.llama()
        #expect(tokenizer.bytes(of: 1) == nil)
        #expect(tokenizer.bytes(of: 14) == nil)
        #expect(tokenizer.bytes(of: -1) == nil)
    }

    @Test("of byte-level tokens the characters are bytes, also where those are no whole character")
    func byteLevel() throws {
        let tokenizer = try Samples.tokenizer(
            Samples.json(
                model: #"{"type": "BPE", "vocab": {"a": 0, "Ġa": 1, "Ã": 2, "Ċ": 3}, "merges": []}"#,
                decoder: #"{"type": "ByteLevel"}"#))
        #expect((0 ..< 4).map { tokenizer.bytes(of: $0) } == [[0x61], [0x20, 0x61], [0xC3], [0x0A]])
    }

    @Test("WordPiece continues a word or begins one")
    func wordPiece() throws {
        let tokenizer = try Samples.tokenizer(
            Samples.json(
                model: """
                    {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                     "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "in": 1, "##side": 2}}
                    """, decoder: ###"{"type": "WordPiece", "prefix": "##", "cleanup": true}"###))
        #expect(tokenizer.bytes(of: 1) == Array(" in".utf8))
        #expect(tokenizer.bytes(of: 2) == Array("side".utf8))
    }

    @Test("the bytes of a text's tokens are its decoding", arguments: Fixtures.folders(in: "tokenizers"))
    func joined(folder: String) throws {
        let tokenizer = try Tokenizer(folder: folder)
        let cases = try #require(try Fixtures.json("\(folder)/cases.json")["cases"]?.array)
        // Clean-up takes out spaces between tokens.
        let cleansUp = tokenizer.decoder.steps.contains { if case .wordPiece(_, true) = $0 { true } else { false } }
        var random = SplitMix(seed: 1)
        var checked = 0
        for round in 0 ..< cases.count * 3 {
            var text = try #require(cases[round % cases.count]["text"]?.string)
            if round >= cases.count {
                let other = try #require(cases.randomElement(using: &random)?["text"]?.string)
                text = String(
                    (text.unicodeScalars.map(\.self) + other.unicodeScalars).shuffled(using: &random).map(
                        Character.init))
            }
            let ids = tokenizer.encode(text, addingSpecialTokens: false)
            var bytes = ids.flatMap { tokenizer.bytes(of: $0) ?? [] }
            var decoded = Array(tokenizer.decode(ids, skippingSpecialTokens: true).utf8)
            if cleansUp {
                bytes.removeAll { $0 == 0x20 }
                decoded.removeAll { $0 == 0x20 }
            }
            let isSame = bytes == decoded || bytes == [0x20] + decoded
            #expect(isSame, "\(folder): \(text.debugDescription), \(ids)")
            checked += 1
        }
        #expect(checked > 0)
    }
}
