#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import HayGrammar
import HayJSON
import TestSupport
import Testing

/// Writes texts for the schemas of `random_schemas.py`, which validates them.
@Suite(.enabled(if: getenv("HAYLOFT_SCHEMAS") != nil, "HAYLOFT_SCHEMAS names no file"))
struct WalkTests {
    @Test("texts are written for the schemas of a file")
    func walk() throws {
        let source = try #require(getenv("HAYLOFT_SCHEMAS").map { String(cString: $0) })
        let target = try #require(getenv("HAYLOFT_TEXTS").map { String(cString: $0) })
        let lines = String(decoding: try #require(Fixtures.bytes(source)), as: UTF8.self).split(separator: "\n")
        let file = try #require(fopen(target, "w"))
        defer { fclose(file) }
        for (index, line) in lines.enumerated() {
            fputs("\(try result(JSON.parse(String(line)), seed: UInt64(index)))\n", file)
        }
    }

    private func result(_ item: JSON, seed: UInt64) throws -> JSON {
        let constraint: TokenConstraint
        do {
            constraint = try Words.constraint(Grammar(schema: item["schema"] ?? .null))
        } catch let error as GrammarError {
            return ["error": .string("\(error)")]
        }
        var random = SplitMix(seed: seed)
        var texts: [JSON] = []
        for round in 0 ..< 12 {
            let room = constraint.shortest + [0, 3, 20, 100, 300][round % 5]
            let (bytes, _) = try #require(
                Words.walk(constraint, room: room, plain: round % 3 == 0 ? 1 : 20, &random),
                "no text for \(item["schema"] ?? .null) in \(room) tokens")
            texts.append(.string(try #require(String(validating: bytes, as: UTF8.self))))
        }
        func judged(_ key: String) -> JSON {
            .array((item[key]?.array ?? []).map { .bool(Words.accepts(constraint, $0.string ?? "")) })
        }
        return ["texts": .array(texts), "valid": judged("valid"), "invalid": judged("invalid")]
    }
}
