import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

/// Every tokenizer of the fixtures against what the `tokenizers` library gave for it.
@Suite(.enabled(if: !Fixtures.folders(in: "tokenizers").isEmpty, "there are no tokenizer fixtures"))
struct FixtureTests {
    /// Folders that Hayloft reads; the others are told once, with their reason.
    static let supported: [String] = Fixtures.folders(in: "tokenizers").filter { folder in
        do {
            _ = try Tokenizer(folder: folder)
        } catch let error as TokenizerError {
            guard case .unsupported = error else { return true }
            print("skipped \(folder): \(error)")
            return false
        } catch {}
        return true
    }

    @Test("texts encode to the reference's ids, with and without special tokens", arguments: supported)
    func encoding(folder: String) throws {
        let tokenizer = try Tokenizer(folder: folder)
        let cases = try Self.list("cases", in: "\(folder)/cases.json")
        var failures: [String] = []
        for (index, item) in cases.enumerated() {
            let text = try #require(item["text"]?.string)
            for (key, special) in [("ids", true), ("ids_no_special", false)] {
                let expected = try Self.ids(item[key])
                let found = tokenizer.encode(text, addingSpecialTokens: special)
                if found != expected { failures.append("case \(index) \(key): \(found), expected \(expected)") }
            }
        }
        Self.report(failures, of: cases.count * 2, in: folder)
    }

    @Test("ids decode to the reference's texts, with and without special tokens", arguments: supported)
    func decoding(folder: String) throws {
        let tokenizer = try Tokenizer(folder: folder)
        let cases = try Self.list("cases", in: "\(folder)/cases.json")
        var failures: [String] = []
        for (index, item) in cases.enumerated() {
            let ids = try Self.ids(item["ids"])
            for (key, skips) in [("decoded_skip", true), ("decoded_keep", false)] {
                let expected = try #require(item[key]?.string)
                let found = tokenizer.decode(ids, skippingSpecialTokens: skips)
                guard !Self.isSame(found, expected) else { continue }
                failures.append("case \(index) \(key): \(found.debugDescription), not \(expected.debugDescription)")
            }
        }
        Self.report(failures, of: cases.count * 2, in: folder)
    }

    @Test("pieces of a stream put together are the whole text, and none ends within a character", arguments: supported)
    func streaming(folder: String) throws {
        let tokenizer = try Tokenizer(folder: folder)
        let cases = try Self.list("cases", in: "\(folder)/streaming.json")
        var failures: [String] = []
        for (index, item) in cases.enumerated() {
            let full = try #require(item["full"]?.string)
            var decoder = tokenizer.decoder(skippingSpecialTokens: item["skip_special_tokens"]?.bool ?? false)
            var pieces = try Self.ids(item["ids"]).map { decoder.append($0) }
            pieces.append(decoder.finish())
            if !Self.isSame(pieces.joined(), full) { failures.append("case \(index): \(pieces)") }
        }
        Self.report(failures, of: cases.count, in: folder)
    }

    private static func list(_ key: String, in path: String) throws -> [JSON] {
        let list = try #require(try Fixtures.json(path)[key]?.array)
        #expect(!list.isEmpty, "\(path) has no cases")
        return list
    }

    private static func ids(_ json: JSON?) throws -> [Int32] {
        try #require(json?.array).map { Int32(try #require($0.int)) }
    }

    /// Whether two texts are the same scalars; `==` would take canonically equivalent ones for the same.
    private static func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    private static func report(_ failures: [String], of count: Int, in folder: String) {
        let name = folder.split(separator: "/").last ?? ""
        print("\(name): \(count - failures.count) of \(count) pass")
        #expect(failures.isEmpty, "\(failures.count) of \(count) differ: \(failures.prefix(3).joined(separator: "; "))")
    }
}
