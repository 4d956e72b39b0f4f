import HayGrammar
import HayJSON
import TestSupport
import Testing

@Suite("Random schemas")
struct RandomSchemaTests {
    /// `random_schemas.py write` made the cases; jsonschema 4.26 judged the texts.
    @Test("texts of random schemas are accepted, and those that do not validate are refused")
    func random() throws {
        let cases = try Fixtures.json(Fixtures.packageFolder + "/Tests/HayGrammarTests/random_schemas.json").array ?? []
        #expect(cases.count == 200)
        for item in cases {
            let schema = try #require(item["schema"])
            let constraint = try Words.constraint(Grammar(schema: schema))
            for text in try #require(item["valid"]?.array) {
                #expect(Words.accepts(constraint, try #require(text.string)), "\(schema) has \(text)")
            }
            for text in try #require(item["invalid"]?.array) {
                #expect(!Words.accepts(constraint, try #require(text.string)), "\(schema) does not have \(text)")
            }
        }
    }

    @Test("whatever tokens are drawn, the text is whole when the room for it is used up")
    func room() throws {
        let cases = try Fixtures.json(Fixtures.packageFolder + "/Tests/HayGrammarTests/random_schemas.json").array ?? []
        var random = SplitMix(seed: 7)
        for (index, item) in cases.enumerated() {
            let schema = try #require(item["schema"])
            let constraint = try Words.constraint(Grammar(schema: schema))
            for extra in [0, 1, 7, 60] {
                let room = constraint.shortest + extra
                let (bytes, count) = try #require(
                    Words.walk(constraint, room: room, plain: 1 + index % 20, &random), "\(schema) in \(room) tokens")
                #expect(count <= room)
                let text = try #require(String(validating: bytes, as: UTF8.self))
                #expect(throws: Never.self, "\(schema): \(text)") { try JSON.parse(text) }
            }
        }
    }
}
