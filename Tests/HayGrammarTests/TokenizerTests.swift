import HayGrammar
import HayJSON
import HayTokenizer
import TestSupport
import Testing

/// Real vocabularies. Those that cannot spell JSON are refused.
@Suite(.enabled(if: !Fixtures.folders(in: "tokenizers").isEmpty, "there are no tokenizer fixtures"))
struct TokenizerTests {
    private static let schema: JSON = [
        "type": "object",
        "properties": [
            "name": ["type": "string", "maxLength": 12], "größe": ["type": "number", "minimum": 0.5, "maximum": 20],
            "tags": ["type": "array", "items": ["enum": ["red", "green", "日本"]], "minItems": 2],
            "when": ["type": "string", "format": "date-time"], "next": ["anyOf": [["$ref": "#"], ["type": "null"]]],
        ], "required": ["name", "größe", "tags", "when"],
    ]

    @Test("tokens drawn from masks decode to texts of the schema", arguments: Fixtures.folders(in: "tokenizers"))
    func walk(folder: String) throws {
        let tokenizer = try Tokenizer(folder: folder)
        let end = Int32(tokenizer.vocabularySize)
        let trie = TokenTrie((0 ..< end).map { tokenizer.bytes(of: $0) } + [nil])
        let spelled = Set((0 ..< end).compactMap { tokenizer.bytes(of: $0) }.filter { $0.count == 1 }.map { $0[0] })
        guard #"{}[]":,größe日本"#.utf8.allSatisfy(spelled.contains) else {
            let grammar = try Grammar(schema: Self.schema)
            #expect(throws: GrammarError.self) { try TokenConstraint(grammar, trie, endTokens: [end]) }
            return
        }
        let constraint = try TokenConstraint(Grammar(schema: Self.schema), trie, endTokens: [end])
        var random = SplitMix(seed: 5)
        for extra in [0, 1, 10, 40, 200] {
            var ids: [Int32] = []
            let room = constraint.shortest + extra
            while ids.last != end {
                try #require(ids.count < room)
                var logits = [Float](repeating: 0, count: Int(end) + 1)
                constraint.apply(to: &logits, after: ids[...], remaining: room - ids.count)
                let allowed = logits.indices.filter { logits[$0] == 0 }
                ids.append(Int32(try #require(allowed.randomElement(using: &random))))
            }
            #expect(constraint.accepts(ids[...]))
            let text = tokenizer.decode(Array(ids.dropLast()))
            let value = try JSON.parse(text)
            #expect(value["name"]?.string?.unicodeScalars.count ?? 99 <= 12, "\(text)")
            #expect((0.5 ... 20).contains(value["größe"]?.double ?? 0), "\(text)")
            #expect(value["tags"]?.array?.count ?? 0 >= 2, "\(text)")
        }
    }
}
