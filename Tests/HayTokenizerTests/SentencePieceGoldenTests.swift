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

    @Test("lengths of tokens add up to the rewritten text, and origins to the given one", arguments: folders)
    func lengths(folder: String) throws {
        let parts = try SentencePieceParts(SentencePieceFile(Self.model(folder)))
        var scratch = SentencePieceModel.Scratch()
        try Self.check(folder) { item in
            guard let text = item["text"]?.string.map({ Array($0.utf8) }) else { return nil }
            var output = SentencePieceNormalizer.Output(tracksOrigins: true)
            text.withUnsafeBufferPointer { parts.normalizer.normalize($0, beginsInput: true, into: &output) }
            var ids: [Int32] = []
            var lengths: [Int]? = []
            output.bytes.withUnsafeBufferPointer { parts.model.encode($0, &scratch, into: &ids, lengths: &lengths) }
            let origins = try #require(output.origins)
            let isOrdered = zip(origins, origins.dropFirst()).allSatisfy { $0.lowerBound <= $1.lowerBound }
            return lengths?.count == ids.count && lengths?.reduce(0, +) == output.bytes.count && isOrdered
                && origins.count == output.bytes.count && origins.allSatisfy { $0.upperBound <= text.count }
                ? "" : "\(text)"
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
