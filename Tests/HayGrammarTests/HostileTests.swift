import HayGrammar
import HayJSON
import Testing

struct HostileTests {
    private static func nested(_ depth: Int, _ wrap: (JSON) -> JSON) -> JSON {
        (0 ..< depth).reduce(["type": "null"]) { schema, _ in wrap(schema) }
    }

    private static func chain(_ count: Int, _ link: (JSON) -> JSON) -> JSON {
        let links = (0 ..< count).map { ("a\($0)", link(["$ref": .string("#/$defs/a\($0 + 1)")])) }
        return ["$ref": "#/$defs/a0", "$defs": .object(.init(links + [("a\(count)", ["type": "null"])]))]
    }

    static let schemas: [(JSON, String)] = [
        (["maxLength": 1_000_000], "#: the schema needs more than 50000 states"),
        (["minItems": 1_000_000], "#: the schema needs more than 50000 states"),
        (["type": "object", "maxProperties": 1_000_000_000], "#: the schema needs more than 50000 states"),
        (["pattern": "(a|b)*a(a|b){20}"], "#/pattern: the schema needs more than 10000 states for its pattern"),
        (["pattern": "((a{100}){100}){100}"], "#/pattern: the schema needs more than 10000 states for its pattern"),
        (["pattern": "[a-z]+", "maxLength": 9_000], "#: the schema needs more than 10000 states for its strings"),
        (
            chain(20) { ["anyOf": [$0, $0]] }, "#/$defs/a11/anyOf: the schema needs more than 500 alternatives"
        ),
        (chain(1000) { ["allOf": [$0]] }, "#/$defs/a100/allOf/0: the schema needs more than 200 references"),
        (
            [
                "properties": .object(
                    .init((0 ..< 300).map { ("p\($0)", ["type": "string", "maxLength": .int(200 + $0)]) }))
            ],
            "#/properties/p110: the schema needs more than 50000 states"
        ),
    ]

    @Test("a schema that asks for too much is refused, and soon", arguments: schemas)
    func tooLarge(schema: JSON, message: String) {
        let clock = ContinuousClock()
        let time = clock.measure {
            let error = #expect(throws: GrammarError.self) { try Grammar(schema: schema) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.hasSuffix(message.drop { $0 != ":" }), "\(text)")
        }
        #expect(time < .seconds(20), "\(time)")
    }

    @Test("work that was done once is not done again")
    func repeated() throws {
        _ = try Grammar(schema: Self.chain(60) { ["allOf": [$0, $0]] })
        _ = try Grammar(schema: Self.chain(100) { ["properties": ["a": $0, "b": $0, "c": $0]] })
    }

    @Test("deep schemas are read or refused, and overflow no stack")
    func deep() throws {
        for depth in [50, 150, 1000, 5000] {
            for wrap in [{ ["items": $0] }, { ["anyOf": [$0]] }, { ["properties": ["a": $0], "required": ["a"]] }]
                as [(JSON) -> JSON]
            {
                do {
                    _ = try Words.constraint(Grammar(schema: Self.nested(depth, wrap)))
                } catch let error as GrammarError {
                    guard case .tooLarge = error else {
                        Issue.record("\(error)")
                        continue
                    }
                }
            }
        }
    }

    @Test("alternatives that read alike do not grow without bound")
    func ambiguous() throws {
        let node: JSON = ["type": "array", "items": ["anyOf": [["$ref": "#/$defs/x"], ["$ref": "#/$defs/y"]]]]
        let schema: JSON = ["$ref": "#/$defs/x", "$defs": ["x": node, "y": ["allOf": [node], "maxItems": 7]]]
        let constraint = try Words.constraint(Grammar(schema: schema))
        var state = constraint.start
        for _ in 0 ..< 40 { state = try #require(constraint.next(state, Int32(UInt8(ascii: "[")))) }
        #expect(!Words.allowed(constraint, state, 10_000).isEmpty)
        while !constraint.mayEnd(state) { state = try #require(constraint.next(state, Int32(UInt8(ascii: "]")))) }
    }
}
