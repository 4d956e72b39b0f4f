import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

/// A fixed sample of random tokenizers and texts against what the `tokenizers` library made of them.
struct GoldenTests {
    private static let folder = "\(Fixtures.packageFolder)/Tests/Golden/tokenizers"

    @Test("tokenizers of random components give the reference's encodings and texts")
    func components() throws {
        let tokenizers = try #require(try Fixtures.json("\(Self.folder)/components.json").array)
        #expect(!tokenizers.isEmpty)
        for (index, item) in tokenizers.enumerated() {
            let tokenizer = try Tokenizer(json: try #require(item["tokenizer"]), name: "tokenizer.json")
            var options = tokenizer.fileOptions
            options.addsSpecialTokens = item["add_special_tokens"]?.bool ?? true
            let skips = item["skip_special_tokens"]?.bool ?? true
            for value in try #require(item["cases"]?.array) {
                let texts = try #require(value["texts"]?.array).compactMap(\.string)
                let second = texts.count == 2 ? texts[1] : nil
                let encoding = try tokenizer.encoding(of: texts[0], and: second, options)
                #expect(try Expected(encoding, texts) == Expected(value), "tokenizer \(index), \(texts)")
                guard let decoded = value["decoded"]?.string else { continue }
                let ids = try Expected.numbers(value["decoded_ids"])
                let found = tokenizer.decode(ids, skippingSpecialTokens: skips)
                #expect(found.utf8.elementsEqual(decoded.utf8), "tokenizer \(index), \(ids): \(found), not \(decoded)")
            }
        }
    }

    @Test("random texts give the reference's ids, offsets and texts with the bundled tokenizers")
    func texts() throws {
        let models = try #require(try Fixtures.json("\(Self.folder)/texts.json").object)
        #expect(models.count > 0)
        for (name, cases) in zip(models.keys, models.values) {
            let tokenizer = try Tokenizer(folder: "\(Fixtures.packageFolder)/Models/Bundled/\(name)")
            let texts = try #require(cases.array).compactMap { $0["text"]?.string }
            let batch = tokenizer.encode(batch: texts)
            for (index, value) in try #require(cases.array).enumerated() {
                let ids = try Expected.numbers(value["ids"])
                #expect(tokenizer.encode(texts[index]) == ids, "\(name): \(texts[index].debugDescription)")
                #expect(batch[index] == ids)
                let found = try Expected(tokenizer.encoding(of: texts[index]), [texts[index]])
                #expect(found.offsets == (try Expected.offsets(value["offsets"])), "\(texts[index].debugDescription)")
                let decoded = try #require(value["decoded"]?.string)
                let text = tokenizer.decode(ids, skippingSpecialTokens: true)
                #expect(text.utf8.elementsEqual(decoded.utf8), "\(name): \(ids)")
            }
        }
    }

    @Test("a batch is filled up to its longest text, each on its own otherwise")
    func batches() throws {
        let tokenizer = try Samples.llama()
        let options = Tokenizer.Options(padding: Padding(id: 2, side: .left))
        let encodings = try tokenizer.encodings(of: ["ab", "abc c"], options)
        #expect(encodings.map(\.ids) == [[2, 2, 2, 1, 13], [1, 6, 12, 6, 9]])
        #expect(encodings.map(\.attentionMask) == [[0, 0, 0, 1, 1], [1, 1, 1, 1, 1]])
    }

    @Test(
        "texts that cannot be cut as asked are told why",
        arguments: [
            (Truncation(maximumLength: 0), "cannot cut to 0 tokens: 1 of them are special tokens"),
            (Truncation(maximumLength: 3, stride: 2), "cannot cut to 3 tokens: the stride is 2"),
            (
                Truncation(maximumLength: 3, strategy: .onlySecond),
                "cannot cut to 3 tokens: there is no second text to cut"
            ),
        ])
    func truncationErrors(truncation: Truncation, expected: String) throws {
        let tokenizer = try Samples.llama()
        let error = #expect(throws: TokenizerError.self) {
            try tokenizer.encoding(of: "abc c abc c", Tokenizer.Options(truncation: truncation))
        }
        #expect(error?.description == expected)
    }

    @Test("a pair of which one text keeps no more tokens than the stride is an error, and so are too many parts")
    func hostileTruncation() throws {
        let tokenizer = try Samples.llama()
        let short = Tokenizer.Options(addsSpecialTokens: false, truncation: Truncation(maximumLength: 3, stride: 1))
        #expect(throws: TokenizerError.cannotTruncate(to: 3, reason: "the stride is 1")) {
            try tokenizer.encoding(of: "abc c abc c", and: "abc c abc c", short)
        }
        let long = String(repeating: "b ", count: 4000)
        let parts = Tokenizer.Options(addsSpecialTokens: false, truncation: Truncation(maximumLength: 4))
        #expect(throws: TokenizerError.self) { try tokenizer.encoding(of: long, and: long, parts) }
    }
}

/// What is compared of an encoding, with offsets in characters as the reference has them.
private struct Expected: Equatable {
    var ids: [Int32]
    var offsets: [[Int]]
    var typeIDs: [Int32]
    var attentionMask: [Int32]
    var specialTokensMask: [Int32]
    var overflow: [Expected]

    /// The types of what was cut off are left out: the reference leaves them as they were before the template.
    init(_ encoding: Encoding, _ texts: [String], isPart: Bool = false) throws {
        ids = encoding.ids
        offsets = zip(encoding.offsets, encoding.sequences).map { range, sequence in
            let text = sequence.map { Array(texts[$0].utf8) } ?? []
            return [range.lowerBound, range.upperBound].map { text[..<$0].count { $0 & 0xC0 != 0x80 } }
        }
        typeIDs = isPart ? [] : encoding.typeIDs
        attentionMask = encoding.attentionMask
        specialTokensMask = encoding.specialTokensMask
        overflow = try encoding.overflow.map { try Expected($0, texts, isPart: true) }
    }

    init(_ json: JSON) throws {
        ids = try Expected.numbers(json["ids"])
        offsets = try Expected.offsets(json["offsets"])
        typeIDs = try Expected.numbers(json["type_ids"])
        attentionMask = try Expected.numbers(json["attention_mask"])
        specialTokensMask = try Expected.numbers(json["special_tokens_mask"])
        overflow = try (json["overflowing"]?.array ?? []).map(Expected.init)
    }

    static func numbers(_ json: JSON?) throws -> [Int32] {
        try #require(json?.array).map { Int32(try #require($0.int)) }
    }

    static func offsets(_ json: JSON?) throws -> [[Int]] {
        try #require(json?.array).map { try #require($0.array).compactMap(\.int) }
    }
}
