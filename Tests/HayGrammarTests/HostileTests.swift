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
        (["minItems": 1_000_000], "#: the schema needs more than 50000 states"),
        (["pattern": "(a|b)*a(a|b){20}"], "#/pattern: the schema needs more than 10000 states for its pattern"),
        (["pattern": "((a{100}){100}){100}"], "#/pattern: the schema needs more than 10000 states for its pattern"),
        (
            ["pattern": "[a-z]+", "minLength": 90_000],
            "#: the schema needs more than 40000 states to count the characters of what has a pattern or format"
        ),
        (
            ["pattern": "^(?:[a-z]*[0-9]*){5}$", "maxLength": 9_000],
            "#: the schema needs more than 40000 states to count the characters of what has a pattern or format"
        ),
        (
            ["minimum": .largeInt(String(repeating: "9", count: 1_000_000))],
            "#/minimum: the schema needs more than 1000 digits in a number"
        ),
        (
            ["type": "integer", "maximum": .largeInt("-" + String(repeating: "9", count: 1_001))],
            "#/maximum: the schema needs more than 1000 digits in a number"
        ),
        (
            chain(20) { ["anyOf": [$0, $0]] }, "#/$defs/a11/anyOf: the schema needs more than 500 alternatives"
        ),
        (chain(1000) { ["allOf": [$0]] }, "#/$defs/a100/allOf/0: the schema needs more than 200 references"),
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

    private static func many(_ schemas: [JSON]) -> JSON {
        .object(.init([("properties", .object(.init(schemas.enumerated().map { ("p\($0.offset)", $0.element) })))]))
    }

    static let large: [JSON] = [
        ["type": "string", "maxLength": 65_535], ["type": "array", "items": ["type": "string"], "maxItems": 100_000],
        ["type": "object", "maxProperties": 1_000_000_000],
        ["type": "string", "minLength": 900, "maxLength": 1_000_000],
        many(Array(repeating: ["type": "string", "maxLength": 5_000], count: 12)),
        many((0 ..< 300).map { ["type": "string", "maxLength": .int(200 + $0)] }),
        many((0 ..< 30).map { ["type": "array", "items": ["maxLength": .int(200 + $0)], "maxItems": 5_000] }),
        many((0 ..< 60).map { ["type": "number", "minimum": .int($0), "maximum": .double(1e9 + Double($0))] }),
        many((0 ..< 100).map { ["type": "integer", "minimum": .int($0), "maximum": .int(Int.max - $0)] }),
        ["type": "integer", "minimum": .largeInt(String(repeating: "9", count: 1_000))],
        ["type": "string", "pattern": "^[A-Za-z ]+$", "maxLength": 5_000],
        ["type": "string", "format": "uri", "minLength": 1, "maxLength": 2_083],
        ["type": "string", "format": "email", "minLength": 3, "maxLength": 254],
        ["type": "object", "propertyNames": ["maxLength": 5_000]],
    ]

    @Test("large limits need few states", arguments: large)
    func fits(schema: JSON) throws { _ = try Words.constraint(Grammar(schema: schema)) }

    @Test("a large limit leaves long texts")
    func longTexts() throws {
        let text = try Words.constraint(Grammar(schema: ["type": "string", "maxLength": 65_535]))
        #expect(Words.accepts(text, "\"" + String(repeating: "a", count: 65_535) + "\""))
        let list = try Words.constraint(Grammar(schema: ["items": ["const": 1], "maxItems": 100_000]))
        #expect(Words.accepts(list, "[" + Array(repeating: "1", count: 20_000).joined(separator: ",") + "]"))
        let uri = try Words.constraint(Grammar(schema: ["format": "uri", "maxLength": 2_083]))
        #expect(Words.accepts(uri, "\"https://example.org/a?b=\(String(repeating: "c", count: 2_000))\""))
        let email = try Words.constraint(Grammar(schema: ["format": "email", "minLength": 3, "maxLength": 254]))
        #expect(Words.accepts(email, "\"somebody@example.org\""))
    }

    static let extremes: [JSON] =
        ["maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"].flatMap { key in
            [9_223_372_036_854_775_807, 9_223_372_036_854_775_806, 4_611_686_018_427_387_904].flatMap { count in
                [
                    [key: .int(count)], ["type": "object", "required": ["a", "b"], key: .int(count)],
                    ["pattern": "a+", key: .int(count)], ["prefixItems": [true, true], key: .int(count)],
                    ["type": "object", "propertyNames": [key: .int(count)]],
                ] as [JSON]
            }
        } + [
            ["const": .largeInt("99999999999999999999"), "allOf": multiples],
            ["type": "integer", "allOf": multiples],
            ["minimum": .largeInt(String(repeating: "9", count: 100_000))],
            ["maximum": .largeInt("-" + String(repeating: "9", count: 100_000))],
            ["maximum": 1e308, "minimum": -1e308], ["exclusiveMinimum": 1e-300], ["multipleOf": 1e300],
        ]
    private static let multiples: JSON = .array(
        [997, 991, 983, 977, 971, 967, 953, 947].map { ["multipleOf": .int($0)] })

    @Test("the largest numbers trap nothing", arguments: extremes)
    func extreme(schema: JSON) throws {
        do {
            _ = try Words.constraint(Grammar(schema: schema))
        } catch is GrammarError {}
    }

    @Test(
        "an upper bound of a count that no integer of 64 bits holds limits nothing",
        arguments: [JSON.largeInt("9223372036854775808"), .largeInt("1" + String(repeating: "0", count: 2_000)), 1e30])
    func boundless(count: JSON) throws {
        let text = try Words.constraint(Grammar(schema: ["type": "string", "minLength": 1, "maxLength": count]))
        #expect(Words.accepts(text, "\"aaa\""))
        #expect(!Words.accepts(text, "\"\""))
        let list = try Words.constraint(Grammar(schema: ["items": ["const": 1], "maxItems": count]))
        #expect(Words.accepts(list, "[1,1,1]"))
        let object = try Words.constraint(Grammar(schema: ["type": "object", "maxProperties": count]))
        #expect(Words.accepts(object, "{\"a\":1,\"b\":2}"))
    }

    private static func object(_ count: Int, _ member: (Int) -> (String, JSON)) -> JSON {
        .object(.init((0 ..< count).map(member)))
    }

    static let long: [JSON] = [
        ["type": "null", "x-data": object(20_000) { ("k\($0)", ["a": [1, 2, 3]]) }],
        ["type": "object", "required": .array((0 ..< 20_000).map { .string("name\($0)") })],
        [
            "type": "object", "properties": object(3_000) { ("p\($0)", ["$ref": .string("#/$defs/d\($0)")]) },
            "$defs": object(3_000) { ("d\($0)", ["type": .string($0 % 2 == 0 ? "null" : "boolean")]) },
        ],
        ["type": "string", "enum": .array((0 ..< 20_000).map { .string("value\($0)") }), "pattern": "^v"],
        [
            "allOf": [
                ["enum": .array((0 ..< 20_000).map { .int($0) })], ["enum": .array((0 ..< 20_000).map { .int($0) })],
            ]
        ],
        [
            "type": "object",
            "properties": [
                String(repeating: "k", count: 90_000): [
                    "type": "object", "properties": object(9_000) { ("\($0)", true) },
                ]
            ],
        ],
        ["oneOf": .array((0 ..< 300).map { ["type": "object", "properties": ["kind": ["const": .int($0)]]] })],
        ["allOf": .array((0 ..< 500).map { ["pattern": .string("^(a|b)*a(a|b){\($0 % 9)}c{\($0)}")] })],
    ]

    @Test("long schemas are read or refused, and soon", arguments: long)
    func soon(schema: JSON) {
        let clock = ContinuousClock()
        let time = clock.measure {
            do {
                _ = try Grammar(schema: schema)
            } catch {
                if case GrammarError.tooLarge = error { return }
                Issue.record("\(error)")
            }
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
        var reply = [Int32](repeating: Int32(UInt8(ascii: "[")), count: 40)
        #expect(!Words.allowed(constraint, reply, 10_000).isEmpty)
        reply += [Int32](repeating: Int32(UInt8(ascii: "]")), count: 40)
        #expect(constraint.accepts(reply[...]))
    }
}
