import HayGrammar
import HayJSON
import Testing

struct SchemaErrorTests {
    static let messages: [(JSON, String)] = [
        ([1], "#: expected a schema, found an array"),
        (
            ["type": "int"],
            "#/type: expected null, boolean, integer, number, string, array, object or a list of them, found 'int'"
        ),
        (["type": [String]().json], "#/type: expected a type, found an empty list"),
        (
            ["properties": ["a/b": ["minLength": -1]]],
            "#/properties/a~1b/minLength: expected an integer that is not negative, found -1"
        ),
        (["maxItems": "2"], "#/maxItems: expected an integer that is not negative, found a string"),
        (["maxItems": 2.5], "#/maxItems: expected an integer that is not negative, found 2.5"),
        (
            ["maxLength": .largeInt("-9223372036854775809")],
            "#/maxLength: expected an integer that is not negative, found -9223372036854775809"
        ),
        (
            ["minLength": .largeInt("9223372036854775808")],
            "#/minLength: the schema needs more than 9223372036854775807 characters"
        ),
        (["minItems": 1e30], "#/minItems: the schema needs more than 9223372036854775807 elements"),
        (
            ["minProperties": .largeInt("100000000000000000000")],
            "#/minProperties: the schema needs more than 9223372036854775807 properties"
        ),
        (["minimum": "2"], "#/minimum: expected a number, found a string"),
        (["multipleOf": 0], "#/multipleOf: expected a number above 0, found 0"),
        (["multipleOf": 0.5], "#/multipleOf: only integers up to 1000 are supported"),
        (["properties": 1], "#/properties: expected an object of schemas, found an integer"),
        (
            ["items": [["type": "null"]], "prefixItems": [true]],
            "#/items: expected a schema, as 'prefixItems' has the list, found an array"
        ),
        (["anyOf": [String]().json], "#/anyOf: expected a list of schemas, found an empty one"),
        (["anyOf": ["a"]], "#/anyOf/0: expected a schema, found a string"),
        (["allOf": 1], "#/allOf: expected a list of schemas, found an integer"),
        (["enum": 1], "#/enum: expected a list of values, found an integer"),
        (["enum": [String]().json], "#: no value satisfies the schema"),
        (["required": ["a", 1]], "#/required/1: expected a string, found an integer"),
        (["required": "a"], "#/required: expected a list of names, found a string"),
        (["uniqueItems": 1], "#/uniqueItems: expected true or false, found an integer"),
        (
            ["uniqueItems": true],
            "#/uniqueItems: 'uniqueItems' is supported only where 'items' has an 'enum' of scalars, or where there is at "
                + "most one element"
        ),
        (["not": ["type": "null"]], "#/not: 'not' is not supported"),
        (["if": true], "#/if: 'if' is not supported; write the cases as 'anyOf'"),
        (["contains": true], "#/contains: 'contains' is not supported"),
        (
            ["unevaluatedProperties": false],
            "#/unevaluatedProperties: 'unevaluatedProperties' is not supported; use 'additionalProperties'"
        ),
        (["$dynamicRef": "#a"], "#/$dynamicRef: '$dynamicRef' is not supported; use '$ref'"),
        (["$ref": "#/$defs/a"], "#/$ref: the schema has no '#/$defs/a'"),
        (["$ref": "#a"], "#/$ref: the schema has no '#a'"),
        (["$ref": 1], "#/$ref: expected a string, found an integer"),
        (
            ["$ref": "other.json"],
            "#/$ref: 'other.json' is in another document; only references that begin with '#' are followed"
        ),
        (["$ref": "#"], "#: the schema refers to itself and nothing else"),
        (["anyOf": [["type": "null"], ["$ref": "#"]]], "#: the schema refers to itself and nothing else"),
        (
            [
                "properties": ["a": ["$id": "x", "properties": ["b": ["$ref": "#/$defs/c"]], "required": ["b"]]],
                "required": ["a"],
            ],
            "#/properties/a/properties/b/$ref: references below an '$id' other than the root's are not followed"
        ),
        (
            ["format": "regex"],
            "#/format: the format 'regex' is not supported; these are: date, date-time, duration, email, hostname, ipv4, "
                + "ipv6, time, uri, uuid"
        ),
        (
            ["oneOf": [["minimum": 5], ["maxLength": 3]]],
            "#/oneOf: a value may satisfy both 0 and 1; use 'anyOf', or tell them apart by type or by a property with "
                + "different constants"
        ),
        (
            [
                "oneOf": [
                    ["type": "object", "properties": ["k": ["const": 1]]],
                    ["type": ["object", "null"], "properties": ["k": ["const": 2]]], ["const": ["z": 1]],
                ]
            ],
            "#/oneOf: a value may satisfy both 0 and 2; use 'anyOf', or tell them apart by type or by a property with "
                + "different constants"
        ),
        (["type": "string", "const": 1], "#: no value satisfies the schema"),
        (["type": "string", "allOf": [["type": "null"]]], "#: no value satisfies the schema"),
        (
            ["properties": ["a": ["minimum": 3, "maximum": 2]], "required": ["a"]],
            "#/properties/a: no value satisfies the schema"
        ),
        (["minItems": 3, "maxItems": 2], "#: no value satisfies the schema"),
        (["pattern": "^a$", "minLength": 2], "#: no value satisfies the schema"),
        (false, "#: no value satisfies the schema"),
        (
            ["properties": ["a": ["$ref": "#/properties/a"]]],
            "#/properties/a: the schema refers to itself and nothing else"
        ),
        (
            ["properties": ["next": ["$ref": "#"]], "required": ["next"]], "#: no value satisfies the schema"
        ),
        (
            ["type": "object", "minProperties": 2],
            "#/minProperties: 2 properties are asked for and 0 named; of others only one is sure to have a name of its own"
        ),
    ]

    @Test("what cannot be honoured is told with its place", arguments: messages)
    func message(schema: JSON, message: String) {
        let error = #expect(throws: GrammarError.self) { try Grammar(schema: schema) }
        #expect(error.map { "\($0)" } == message)
    }

    static let patterns: [(String, String)] = [
        ("a(?=b)", "at character 1: look-ahead is supported only after a '^' at the start"),
        ("^(?!a)b|c", "at character 1: look-ahead is not supported before '|'"),
        ("^(?!a", "at character 1: expected ')' after '('"),
        ("^(?=a)*", "at character 6: a quantifier needs something to repeat"),
        ("(?<!b)", "at character 0: look-behind is not supported"),
        ("(a)\\1", "at character 3: back references are not supported"),
        ("\\bword", "at character 0: word boundaries are not supported"),
        ("\\p{L}", "at character 0: Unicode properties are not supported"),
        ("(a", "at character 0: expected ')' after '('"),
        ("a)", "at character 1: expected '(' before ')'"),
        ("[a", "at character 0: expected ']' after '['"),
        ("*a", "at character 0: a quantifier needs something to repeat"),
        ("a**", "at character 2: a quantifier after a quantifier"),
        ("^*", "at character 0: a quantifier needs something to repeat"),
        ("a{3,2}", "at character 1: the counts of a quantifier are in the wrong order"),
        ("a{99999}", "at character 6: a count is above 10000"),
        ("[z-a]", "at character 2: the ends of a range are in the wrong order"),
        ("[\\d-z]", "at character 3: a range needs a character at each end"),
        ("[[:alpha:]]", "at character 1: classes such as [:alpha:] are not supported"),
        ("\\y", "at character 0: unknown escape '\\y'"),
        ("a\\", "at character 1: the pattern ends within an escape"),
        ("\\x4", "at character 0: expected 2 hexadecimal digits"),
        ("\\u{}", "at character 0: expected a character's number in '\\u{…}'"),
        ("\\ud800", "at character 0: half of a surrogate pair is no character"),
        ("\\01", "at character 0: octal escapes are not supported"),
        ("\\c1", "at character 0: expected a letter after \\c"),
        ("(?i)a", "at character 0: only groups '(…)', '(?:…)' and '(?<name>…)' are supported"),
        ("(?<a", "at character 0: the name of a group has no end"),
        (String(repeating: "(", count: 60), "at character 50: groups nest deeper than 50"),
    ]

    @Test("a pattern that cannot be honoured is told with its place", arguments: patterns)
    func pattern(pattern: String, message: String) {
        let error = #expect(throws: GrammarError.self) { try Grammar(schema: ["pattern": .string(pattern)]) }
        #expect(error.map { "\($0)" } == "#/pattern: '\(pattern)' \(message)")
    }
}

extension [String] {
    fileprivate var json: JSON { .array(map { .string($0) }) }
}
