import HayGrammar
import HayJSON
import Testing

/// What each keyword allows, worked out by hand.
struct KeywordTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let schema: JSON
        let yes: [String]
        let no: [String]
        var testDescription: String { schema.description }

        init(_ schema: JSON, yes: [String], no: [String]) {
            self.schema = schema
            self.yes = yes
            self.no = no
        }
    }

    private func check(_ item: Case) throws {
        let constraint = try Words.constraint(Grammar(schema: item.schema))
        for text in item.yes { #expect(Words.accepts(constraint, text), "\(item.schema) has \(text)") }
        for text in item.no { #expect(!Words.accepts(constraint, text), "\(item.schema) does not have \(text)") }
    }

    static let values: [Case] = [
        Case(["type": "null"], yes: ["null"], no: ["nul", "0", ""]),
        Case(["type": ["boolean", "null"]], yes: ["true", "false", "null"], no: ["1"]),
        Case(true, yes: ["1", "[]"], no: ["", "]"]),
        Case(["const": ["a": [1, 2]]], yes: [#"{"a":[1,2]}"#, "{\"a\": [1, 2]}"], no: [#"{"a":[2,1]}"#]),
        Case(["enum": ["a", 1, .null]], yes: [#""a""#, "1", "null"], no: [#""b""#, "2"]),
        Case(["enum": ["a", "bcd", 5], "type": "string", "maxLength": 2], yes: [#""a""#], no: [#""bcd""#, "5"]),
        Case(["const": 2.0, "type": "integer"], yes: ["2.0"], no: ["2"]),
        Case(["enum": [1, 2, 3], "allOf": [["enum": [3.0, 2]]]], yes: ["2", "3"], no: ["1"]),
        Case(["anyOf": [["type": "string"], ["type": "integer"]], "title": "t"], yes: ["1", #""""#], no: ["null"]),
        Case(["oneOf": [["type": "string"], ["type": "integer"]]], yes: ["1", #""""#], no: ["null"]),
        Case(
            ["oneOf": [["const": 1], ["enum": [2, 3]], ["type": "integer", "minimum": 10]]], yes: ["1", "3", "10"],
            no: ["4"]),
        Case(
            [
                "oneOf": [
                    [
                        "properties": ["arg": ["$ref": "#"], "op": ["const": "not"]], "required": ["arg", "op"],
                        "type": "object",
                    ],
                    [
                        "properties": ["arg": ["$ref": "#"], "op": ["const": "id"]], "required": ["arg", "op"],
                        "type": "object",
                    ],
                    ["type": "integer"],
                ]
            ], yes: ["1", #"{"arg":{"arg":1,"op":"id"},"op":"not"}"#], no: [#"{"arg":1,"op":"or"}"#]),
        Case(
            ["$ref": "#/$defs/a~1b", "$defs": ["a/b": ["$anchor": "x", "type": "null"]]], yes: ["null"], no: ["1"]),
        Case(["anyOf": [["$ref": "#x"]], "$defs": ["a": ["$anchor": "x", "type": "null"]]], yes: ["null"], no: ["1"]),
        Case(
            ["$ref": "#/definitions/a%20b", "maximum": 5, "definitions": ["a b": ["type": "integer"]]], yes: ["5"],
            no: ["6"]),
        Case(["unknown": 1, "description": "d", "default": 3, "type": "null"], yes: ["null"], no: ["3"]),
    ]

    @Test("types, constants, choices and references", arguments: values)
    func value(item: Case) throws { try check(item) }

    static let numbers: [Case] = [
        Case(["type": "integer"], yes: ["0", "-1", "123456789012345"], no: ["-0", "1.0", "1e3", "1234567890123456"]),
        Case(["type": "number"], yes: ["0", "-1.5", "1e3", "2.5E-7"], no: ["01", "1.", "1e400", "1e"]),
        Case(["minimum": 5], yes: ["5", "5.0", "5.01", "123"], no: ["4.99", "-6", "5e1"]),
        Case(["exclusiveMinimum": 5], yes: ["5.001", "6"], no: ["5", "5.000"]),
        Case(["maximum": -5.25], yes: ["-5.25", "-5.250", "-6"], no: ["-5.2", "-5", "0", "5"]),
        Case(["exclusiveMaximum": 0], yes: ["-0.01", "-1"], no: ["0", "-0", "-0.0"]),
        Case(["minimum": 0, "maximum": 1], yes: ["0", "0.5", "1", "1.0"], no: ["1.01", "-0.1", "2"]),
        Case(
            ["type": "integer", "minimum": -20, "maximum": 105], yes: ["-20", "-3", "0", "99", "105"],
            no: ["-21", "106"]),
        Case(["type": "integer", "minimum": 2.5, "maximum": 3.5], yes: ["3"], no: ["2", "4"]),
        Case(["type": "integer", "multipleOf": 7, "minimum": 10], yes: ["14", "700"], no: ["7", "15"]),
        Case(
            ["type": "integer", "multipleOf": 4, "allOf": [["multipleOf": 6.0]]], yes: ["12", "-24", "0"],
            no: ["4", "6"]),
        Case(["minimum": 0.1234567890123456, "maximum": 0.2], yes: ["0.123456789012346"], no: ["0.123456789012345"]),
        Case(
            ["minimum": 1e-7, "maximum": 1.5e-7], yes: ["0.0000001", "0.00000012"], no: ["0.00000009", "0.0000002"]),
        Case(["type": "integer", "format": "int32"], yes: ["2147483647", "-2147483648"], no: ["2147483648"]),
        Case(["format": "uint8"], yes: ["255", "0"], no: ["256", "-1", "0.5"]),
    ]

    @Test("numbers", arguments: numbers)
    func number(item: Case) throws { try check(item) }

    static let strings: [Case] = [
        Case(["type": "string"], yes: [#""""#, #""aé😀\n\u00e9\/""#], no: ["\"\n\"", #""\ud83d\ude00""#, #""\u00e""#]),
        Case(["minLength": 2, "maxLength": 3], yes: [#""é😀""#, #""\u0041b\n""#], no: [#""a""#, #""abcd""#]),
        Case(["pattern": "b+"], yes: [#""abbc""#, #""\u0062""#], no: [#""ac""#, #""""#]),
        Case(["pattern": "^a|b$"], yes: [#""ax""#, #""xb""#], no: [#""xbx""#, #""xa""#]),
        Case(["pattern": "^(?:ab){2,3}$"], yes: [#""abab""#, #""ababab""#], no: [#""ab""#, #""abababab""#]),
        Case(["pattern": "^[^a-c\\d]$"], yes: [#""d""#, #""\"""#, #""é""#], no: [#""a""#, #""1""#, #""٣""#]),
        Case(["pattern": "^\\u{1F600}\\x41\\cJ$"], yes: [#""😀A\n""#], no: [#""😀A""#]),
        Case(["pattern": "^.*$", "maxLength": 2], yes: [#""ab""#], no: [#""abc""#, #""\n""#]),
        Case(
            ["pattern": "^a*$", "allOf": [["pattern": "^(aa)*$"], ["pattern": "^(aaa)*$"]]], yes: [#""aaaaaa""#],
            no: [#""aaaa""#]),
        Case(
            ["pattern": "^(?=.*[0-9])(?=.*[A-Z])[0-9A-Za-z]{3,5}$"], yes: [#""aB1""#, #""1abcX""#],
            no: [#""ab1""#, #""ABC""#, #""A1""#]),
        Case(
            ["pattern": "^(?!tmp|x$)[a-z]+$"], yes: [#""a""#, #""xx""#, #""atmp""#], no: [#""tmpa""#, #""x""#, #""1""#]),
        Case(["pattern": "^(?!a$)"], yes: [#""""#, #""b\n""#], no: [#""a""#, #""a\n""#]),
        Case(["pattern": "x{,3}y{"], yes: [#""x{,3}y{""#], no: [#""xxy""#]),
        Case(
            ["format": "date"], yes: [#""2024-02-29""#, #""2000-02-29""#],
            no: [#""2023-02-29""#, #""2100-02-29""#, #""2024-04-31""#]),
        Case(
            ["format": "time"], yes: [#""23:59:59Z""#, #""00:00:00.5+05:30""#], no: [#""24:00:00Z""#, #""12:00:00""#]),
        Case(["format": "uuid"], yes: [#""123e4567-e89b-12d3-a456-426614174000""#], no: [#""123e4567""#]),
        Case(["format": "ipv4"], yes: [#""0.255.10.1""#], no: [#""256.0.0.1""#, #""01.1.1.1""#]),
        Case(
            ["format": "uuid4"], yes: [#""123e4567-e89b-42d3-a456-426614174000""#],
            no: [#""123e4567-e89b-12d3-a456-426614174000""#]),
        Case(["type": "string", "format": "password"], yes: [#""""#, #""a b""#], no: ["1"]),
        Case(["type": "integer", "format": "uint"], yes: ["1", "-1"], no: [#""a""#]),
        Case(
            ["format": "ipv6"], yes: [#""::""#, #""1::8""#, #""1:2:3:4:5:6:7:8""#],
            no: [#""1::2::3""#, #""1:2:3:4:5:6:7""#]),
    ]

    @Test("strings", arguments: strings)
    func string(item: Case) throws { try check(item) }

    static let arrays: [Case] = [
        Case(["type": "array"], yes: ["[]", "[ ]", "[1,\"a\"]", "[\n  1,\n  2\n]"], no: ["[,]", "[1 2]", "[  ]"]),
        Case(["items": ["type": "integer"]], yes: ["[]", "[1,2]"], no: ["[\"a\"]"]),
        Case(["items": true, "minItems": 2, "maxItems": 3], yes: ["[1,2]", "[1,2,3]"], no: ["[1]", "[1,2,3,4]"]),
        Case(["items": false], yes: ["[]"], no: ["[1]"]),
        Case(["prefixItems": [["const": 1], ["const": 2]]], yes: ["[]", "[1]", "[1,2]"], no: ["[2]", "[1,2,3]"]),
        Case(["prefixItems": [["const": 1]], "items": ["const": 2]], yes: ["[1,2,2]"], no: ["[1,1]"]),
        Case(["prefixItems": [["const": 1]], "minItems": 2], yes: ["[1,null]"], no: ["[1]"]),
        Case(["items": [["const": 1], ["const": 2]]], yes: ["[]", "[1]", "[1,2]"], no: ["[2]", "[1,2,3]"]),
        Case(["items": [["const": 1]], "additionalItems": ["const": 2]], yes: ["[1,2,2]"], no: ["[1,1]"]),
        Case(["items": [["const": 1]], "additionalItems": false], yes: ["[1]"], no: ["[1,1]"]),
        Case(["items": ["const": 1], "minItems": 1, "maxItems": 2], yes: ["[1]", "[1,1]"], no: ["[]", "[1,1,1]"]),
        Case(["items": ["const": 1], "maxItems": 0], yes: ["[]"], no: ["[1]"]),
        Case(
            ["items": ["enum": ["a", "b", 1, 1.0]], "uniqueItems": true], yes: ["[]", #"["a","b",1]"#, #"["b", 1]"#],
            no: [#"["a","a"]"#, #"["b","a"]"#, "[1,1.0]", "[2]"]),
        Case(
            ["items": ["enum": ["a", "b", "c"]], "uniqueItems": true, "minItems": 2, "maxItems": 2],
            yes: [#"["a","c"]"#], no: [#"["a"]"#, #"["a","b","c"]"#]),
        Case(["type": "array", "uniqueItems": true, "maxItems": 1], yes: ["[]", "[1]"], no: ["[1,1]"]),
    ]

    @Test("arrays", arguments: arrays)
    func array(item: Case) throws { try check(item) }

    static let objects: [Case] = [
        Case(["type": "object"], yes: ["{}", #"{"a":1}"#, "{\n  \"a\": 1\n}"], no: ["{,}", #"{"a"}"#]),
        Case(
            ["properties": ["a": ["const": 1], "b": ["const": 2]], "required": ["b"]],
            yes: [#"{"a":1,"b":2}"#, #"{"b":2}"#],
            no: ["{}", #"{"a":1}"#, #"{"b":2,"a":1}"#, #"{"b":2,"c":3}"#, #"{"b":2,"b":2}"#]),
        Case(
            ["properties": ["a": ["const": 1]], "additionalProperties": ["type": "null"]],
            yes: [#"{"a":1,"b":null}"#, #"{"ab":null}"#, #"{"":null}"#, #"{"b":null,"b":null}"#],
            no: [#"{"a":null}"#, #"{"\u0061":null}"#, #"{"b":1}"#]),
        Case(["required": ["x"]], yes: [#"{"x":[]}"#, #"{"x":1,"y":2}"#], no: ["{}", #"{"y":2}"#]),
        Case(
            ["patternProperties": ["^x": ["const": 1]], "additionalProperties": false], yes: ["{}", #"{"xa":1}"#],
            no: [#"{"a":1}"#, #"{"xa":2}"#]),
        Case(
            [
                "patternProperties": ["^x": ["type": "integer"], "y$": ["minimum": 5]],
                "additionalProperties": ["type": "null"],
            ],
            yes: [#"{"xy":5,"x":1,"q":null}"#], no: [#"{"xy":4}"#, #"{"q":1}"#, #"{"x":null}"#]),
        Case(
            ["properties": ["xa": ["type": "integer"]], "patternProperties": ["^x": ["minimum": 3]]],
            yes: [#"{"xa":3}"#],
            no: [#"{"xa":2}"#]),
        Case(
            ["type": "object", "minProperties": 1, "maxProperties": 2], yes: [#"{"a":1}"#, #"{"a":1,"b":1}"#],
            no: ["{}", #"{"a":1,"b":1,"c":1}"#]),
        Case(
            ["properties": ["a": true, "b": true, "c": true], "minProperties": 2, "maxProperties": 2],
            yes: [#"{"a":1,"c":1}"#], no: [#"{"a":1}"#, #"{"a":1,"b":1,"c":1}"#]),
        Case(["type": "object", "propertyNames": ["enum": ["a", "b"]]], yes: ["{}", #"{"b":1}"#], no: [#"{"c":1}"#]),
        Case(["type": "object", "propertyNames": ["maxLength": 1]], yes: [#"{"é":1}"#], no: [#"{"ab":1}"#]),
        Case(
            [
                "allOf": [
                    ["properties": ["a": ["type": "integer"]], "required": ["a"]],
                    ["properties": ["a": ["minimum": 3], "b": true]],
                ]
            ],
            yes: [#"{"a":3}"#, #"{"a":3,"b":0}"#], no: [#"{"a":2}"#, "{}"]),
        Case(
            ["allOf": [["properties": ["a": true], "additionalProperties": false], ["properties": ["b": true]]]],
            yes: ["{}", #"{"a":3}"#], no: [#"{"b":0}"#]),
        Case(
            [
                "properties": ["v": ["type": "integer"], "n": ["anyOf": [["$ref": "#"], ["type": "null"]]]],
                "required": ["v", "n"],
            ],
            yes: [#"{"v":1,"n":{"v":2,"n":null}}"#], no: [#"{"v":1,"n":{"v":2}}"#]),
        Case(
            [
                "oneOf": [
                    ["type": "object", "properties": ["kind": ["const": "a"], "x": ["const": 1]]],
                    ["type": "object", "properties": ["kind": ["enum": ["b", "c"]], "x": ["const": 1]]],
                ]
            ], yes: [#"{"kind":"a","x":1}"#, #"{"kind":"c"}"#], no: ["{}", #"{"x":1}"#, #"{"kind":"d"}"#]),
        Case(["properties": ["a": false, "b": true]], yes: [#"{"b":1}"#, "{}"], no: [#"{"a":1}"#]),
        Case(
            ["properties": ["\u{E9}": ["const": 1], "e\u{301}": ["const": 2]], "required": ["\u{E9}", "e\u{301}"]],
            yes: ["{\"\u{E9}\":1,\"e\u{301}\":2}"], no: ["{\"\u{E9}\":1}"]),
    ]

    @Test("objects", arguments: objects)
    func object(item: Case) throws { try check(item) }

    @Test("white space is bounded at the start, and there is none at the end")
    func whiteSpace() throws {
        try check(
            Case(
                ["type": "null"],
                yes: [" null", "\nnull", "\n" + String(repeating: " ", count: 20) + "null"],
                no: ["  null", "\n\nnull", "\n" + String(repeating: " ", count: 21) + "null", "null ", "null\n"]))
    }
}
