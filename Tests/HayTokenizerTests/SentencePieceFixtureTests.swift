import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

/// Every sentencepiece model of the fixtures against what the sentencepiece library gave for it.
@Suite(.enabled(if: !folders.isEmpty, "there are no sentencepiece fixtures"))
struct SentencePieceFixtureTests {
    @Test("texts encode to the library's ids and ids decode to its texts", arguments: folders)
    func cases(folder: String) throws {
        let files = Fixtures.entries(of: folder).filter { $0.hasSuffix(".model") }
        try #require(files.count == 1, "\(folder) has \(files.count) models")
        let tokenizer = try Tokenizer(sentencePiece: files[0])
        let cases = try #require(try Fixtures.json("\(folder)/sentencepiece_cases.json")["cases"]?.array)
        var failures: [String] = []
        for (index, item) in cases.enumerated() {
            let text = try #require(item["text"]?.string)
            let ids = try #require(item["ids"]?.array).map { Int32(try #require($0.int)) }
            let found = tokenizer.encode(text)
            if found != ids { failures.append("case \(index): \(found), expected \(ids)") }
            let decoded = try #require(item["decoded"]?.string)
            let foundText = tokenizer.decode(ids)
            if !foundText.utf8.elementsEqual(decoded.utf8) {
                failures.append("case \(index): \(foundText.debugDescription), expected \(decoded.debugDescription)")
            }
        }
        print(
            "\(folder.split(separator: "/").last ?? ""): \(cases.count * 2 - failures.count) of \(cases.count * 2) pass"
        )
        #expect(failures.isEmpty, "\(failures.count) differ: \(failures.prefix(3).joined(separator: "; "))")
    }
}

private let folders = Fixtures.folders(in: "tokenizers").filter { Fixtures.exists("\($0)/sentencepiece_cases.json") }
