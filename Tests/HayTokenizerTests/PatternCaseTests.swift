import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

/// Cuts and replacements against what the `tokenizers` library gave; `make_pretokenizer_cases.py` writes the files.
struct PatternCaseTests {
    static let files =
        Fixtures.entries(of: "\(Fixtures.packageFolder)/Tests/Golden/pretokenizers")
        + Fixtures.entries(of: "\(Fixtures.folder ?? "")/pretokenizers")

    @Test("pre-tokenizers cut as the reference does", arguments: files)
    func cutting(file: String) throws {
        let items = try #require(try Fixtures.json(file)["pre_tokenizers"]?.array)
        #expect(!items.isEmpty)
        for item in items {
            let component = try #require(item["component"])
            let preTokenizer: PreTokenizer
            do {
                preTokenizer = try PreTokenizer(Section(component, file: "tokenizer.json"))
            } catch {
                Issue.record("\(component): \(error)")
                continue
            }
            for (text, expected) in try Self.cases(of: item) {
                var list = PieceList(TrackedText(Array(text.utf8), beginsInput: true))
                preTokenizer.apply(to: &list)
                let pieces = list.pieces.map { JSON.string(String(decoding: list.bytes[$0], as: UTF8.self)) }
                let isSame = pieces.elementsEqual(expected.array ?? []) {
                    ($0.string ?? "").utf8.elementsEqual(($1.string ?? "").utf8)
                }
                #expect(isSame, "\(component) cuts \(text.debugDescription): \(pieces), expected \(expected)")
            }
        }
    }

    @Test("normalizers replace as the reference does", arguments: files)
    func replacing(file: String) throws {
        let items = try #require(try Fixtures.json(file)["normalizers"]?.array)
        for item in items {
            let component = try #require(item["component"])
            let normalizer = try Normalizer(Section(component, file: "tokenizer.json"))
            for (text, expected) in try Self.cases(of: item) {
                var result = TrackedText(Array(text.utf8), beginsInput: true)
                normalizer.normalize(&result)
                let isSame = result.bytes.elementsEqual(try #require(expected.string).utf8)
                #expect(isSame, "\(component) makes \(String(decoding: result.bytes, as: UTF8.self)), not \(expected)")
            }
        }
    }

    private static func cases(of item: JSON) throws -> [(text: String, expected: JSON)] {
        try #require(item["cases"]?.array).map {
            let pair = try #require($0.array)
            return (try #require(pair[0].string), pair[1])
        }
    }
}
