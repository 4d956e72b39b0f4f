import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

/// Sentencepiece models, of the repository and of the fixtures, against what the sentencepiece library gave for them.
struct SentencePieceGoldenTests {
    static let folders = [
        Fixtures.entries(of: "\(Fixtures.packageFolder)/Tests/Golden/sentencepiece"),
        Fixtures.folders(in: "tokenizers"),
    ].joined().filter { Fixtures.exists("\($0)/sentencepiece_cases.json") }

    @Test("texts encode to the library's ids", arguments: folders)
    func encoding(folder: String) throws {
        let tokenizer = try Self.tokenizer(folder)
        try Self.check(folder) { item in
            guard let text = item["text"]?.string else { return nil }
            let expected = try Self.ids(item)
            let found = tokenizer.encode(text)
            #expect(tokenizer.encode(text, addingSpecialTokens: false) == found)
            return found == expected ? "" : "\(text.debugDescription) gives \(found), expected \(expected)"
        }
    }

    @Test("ids decode to the library's texts, whole and one by one", arguments: folders)
    func decoding(folder: String) throws {
        let tokenizer = try Self.tokenizer(folder)
        try Self.check(folder) { item in
            let ids = try Self.ids(item)
            let expected = try #require(item["decoded"]?.string)
            var decoder = tokenizer.decoder(skippingSpecialTokens: false)
            let pieces = ids.map { decoder.append($0) } + [decoder.finish()]
            let found = tokenizer.decode(ids, skippingSpecialTokens: true)
            #expect(pieces.joined().utf8.elementsEqual(found.utf8), "\(pieces)")
            let isSame = found.utf8.elementsEqual(expected.utf8)
            return isSame ? "" : "\(ids) give \(found.debugDescription), expected \(expected.debugDescription)"
        }
    }

    @Test(
        "tokens stand for parts of the rewritten text without gaps, and it for parts of the given one in order",
        arguments: folders)
    func spans(folder: String) throws {
        let parts = try SentencePieceParts(SentencePieceFile(Self.model(folder)))
        var scratch = SentencePieceModel.Scratch()
        try Self.check(folder) { item in
            guard let given = item["text"]?.string.map({ Array($0.utf8) }) else { return nil }
            var text = given.withUnsafeBufferPointer { TrackedText($0, 0 ..< $0.count, isTracked: true) }
            parts.normalizer.normalize(&text)
            var tokens = TokenList(wantsSpans: true)
            text.bytes.withUnsafeBufferPointer { parts.model.encode($0, &scratch, into: &tokens) }
            let hasGaps = zip(tokens.spans, tokens.spans.dropFirst()).contains { $0.upperBound != $1.lowerBound }
            let isOrdered = zip(text.origins, text.origins.dropFirst()).allSatisfy { $0.start <= $1.start }
            let isWithin = text.origins.allSatisfy { $0.end <= given.count }
            return !hasGaps && (tokens.spans.last?.upperBound ?? 0) == text.bytes.count && isOrdered && isWithin
                && text.origins.count == text.bytes.count ? "" : "\(given)"
        }
    }

    private static func tokenizer(_ folder: String) throws -> Tokenizer { try Tokenizer(sentencePiece: model(folder)) }

    private static func model(_ folder: String) throws -> String {
        let files = Fixtures.entries(of: folder).filter { $0.hasSuffix(".model") }
        try #require(files.count == 1, "\(folder) has \(files.count) models")
        return files[0]
    }

    private static func ids(_ item: JSON) throws -> [Int32] {
        try #require(item["ids"]?.array).map { Int32(try #require($0.int)) }
    }

    /// Counts the cases for which `failure` gives nothing wrong; nil passes over one.
    private static func check(_ folder: String, _ failure: (JSON) throws -> String?) throws {
        let cases = try #require(try Fixtures.json("\(folder)/sentencepiece_cases.json")["cases"]?.array)
        let results = try cases.compactMap(failure)
        let failures = results.filter { !$0.isEmpty }
        print("\(folder.split(separator: "/").last ?? ""): \(results.count - failures.count) of \(results.count) pass")
        #expect(!results.isEmpty)
        #expect(failures.isEmpty, "\(failures.count) differ: \(failures.prefix(3).joined(separator: "; "))")
    }
}
