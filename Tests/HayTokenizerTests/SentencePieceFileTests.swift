import TestSupport
import Testing

@testable import HayTokenizer

/// Model files that are cut off, changed or contradict themselves.
struct SentencePieceFileTests {
    /// A protobuf field of bytes.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }
    /// An entry of the vocabulary without a score.
    private static func piece(_ text: String, type: UInt8 = 1) -> [UInt8] {
        field(1, field(1, Array(text.utf8)) + [0x18, type])
    }
    private static let unknown = piece("?", type: 2)

    private func message(_ bytes: [UInt8]) -> String {
        do {
            _ = try SentencePieceParts(SentencePieceFile(bytes, name: "m"))
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    private static let broken: [([UInt8], String)] = [
        ([], "m has no pieces, so it is not a sentencepiece model"),
        ([0x0A], "m: 'pieces' ends within a number"),
        ([0x0A, 5, 1], "m: 'pieces' says it has 5 bytes, but 1 follow"),
        ([0x0B], "m has a field of the kind 3, which is not one of protobuf's"),
        ([0x02, 0], "m has a field with the number 0"),
        ([UInt8](repeating: 0xFF, count: 11), "m has a number of more than ten bytes"),
        ([0x08, 1], "m: 'pieces' is written as the protobuf kind 0, expected a message"),
        (
            field(1, [0x08, 1]), "m: 'pieces[0].piece' is written as the protobuf kind 0, expected bytes"
        ),
        (unknown + field(1, field(1, [0xFF])), "m: 'pieces[1].piece' is not UTF-8 text"),
        (unknown + piece(""), "m: 'pieces[1].piece' is empty"),
        (unknown + piece("a", type: 9), "m: 'pieces[1].type' is 9, expected 1 to 6"),
        (unknown + piece("?"), "m: 'pieces[1].piece' is '?', which another piece is too"),
        (unknown + piece("!", type: 2), "m: 'pieces[1].type' is unknown, which another piece is too"),
        (piece("a"), "m: 'pieces' has none of the type unknown"),
        (
            unknown + field(1, field(1, [0x61]) + [0x15, 0, 0, 0xC0, 0x7F]),
            "m: 'pieces[1].score' gives token 'a' a score that is not a finite number"
        ),
        (unknown + field(2, [0x18, 7]), "m: 'trainer_spec.model_type' is 7, expected 1 to 4"),
        (
            unknown + field(2, [0x98, 2, 1]),
            "m: 'trainer_spec.byte_fallback' is true, but no piece stands for byte 0"
        ),
        (
            unknown + piece("<0x00>", type: 6),
            "m: 'pieces[1].type' is a byte, but 'trainer_spec.byte_fallback' is not true"
        ),
        (
            unknown + field(3, field(2, [1])),
            "m: 'normalizer_spec.precompiled_charsmap' has 1 bytes, expected at least 4"
        ),
    ]

    @Test("a file that is not in order is told by file and field", arguments: broken)
    func errors(bytes: [UInt8], expected: String) { #expect(message(bytes) == expected) }

    @Test("a piece that is too long is told by its size")
    func tooLong() {
        let text = [UInt8](repeating: 0x61, count: 1025)
        let entry = [0x0A, 0x81, 0x08] + text
        let expected = "m: 'pieces[1].piece' is a token of 1025 bytes, expected at most 1024"
        #expect(message(Self.unknown + [0x0A, 0x84, 0x08] + entry) == expected)
    }

    @Test("fields of no meaning are passed over, of every kind")
    func unknownFields() throws {
        let others = [0x78, 1] + [0x79] + [UInt8](repeating: 0, count: 8) + [0x7A, 1, 0] + [0x7D, 0, 0, 0, 0]
        #expect(message(others + Self.unknown + others) == "no error")
    }

    @Test("files with bytes changed or cut off are read or refused, and a stream equals the whole", arguments: 0 ..< 4)
    func mutations(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let folder = "\(Fixtures.packageFolder)/Tests/Golden/sentencepiece"
        let files = Fixtures.entries(of: folder).compactMap { Fixtures.bytes("\($0)/tokenizer.model") }
        try #require(!files.isEmpty)
        var read = 0
        for round in 0 ..< 400 {
            var bytes = files[round % files.count]
            for _ in 0 ..< Int.random(in: 1 ... 6, using: &random) {
                bytes[Int.random(in: 0 ..< bytes.count, using: &random)] = UInt8.random(in: 0 ... 255, using: &random)
            }
            if round % 5 == 0 { bytes.removeLast(Int.random(in: 0 ..< bytes.count, using: &random)) }
            guard let tokenizer = try? Tokenizer(SentencePieceFile(bytes, name: "m")) else { continue }
            read += 1
            for text in [
                "", " hay  ﬁe\u{3000}", "a\u{308}b\n one<sep>你好 ①½ x", String(repeating: "thousand ", count: 20),
            ] {
                let ids = tokenizer.encode(text)
                var decoder = tokenizer.decoder(skippingSpecialTokens: false)
                let pieces = ids.map { decoder.append($0) } + [decoder.finish()]
                #expect(pieces.joined() == tokenizer.decode(ids))
            }
        }
        #expect(read > 40)
    }

    @Test("a megabyte without spaces takes no more than its share of time", .timeLimit(.minutes(1)))
    func longText() throws {
        let folder = "\(Fixtures.packageFolder)/Tests/Golden/sentencepiece"
        for path in Fixtures.entries(of: folder) {
            let tokenizer = try Tokenizer(sentencePiece: "\(path)/tokenizer.model")
            let ids = tokenizer.encode(String(repeating: "one", count: 50_000) + String(repeating: " ", count: 50_000))
            #expect(!ids.isEmpty)
        }
    }
}
