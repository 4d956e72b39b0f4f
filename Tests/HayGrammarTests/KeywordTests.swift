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
        Case(["type": "integer"], yes: ["0", "-1", "123456789012345"], no: ["-0", "1.0", "1e3", "01", "-01", "-"]),
        Case(["type": "number"], yes: ["0", "-1.5", "1e3", "2.5E-7", "-0.0"], no: ["01", "1.", "1e400", "1e", "-"]),
        Case(["minimum": 5], yes: ["5", "5.0", "5.01", "123", "5e1", "5e0"], no: ["4.99", "-6", "4.99e0", "5e-1"]),
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
        Case(
            ["minimum": 0.1234567890123456, "maximum": 0.2],
            yes: ["0.123456789012346", "0.1234567890123456", "0.12345678901234560001"],
            no: ["0.123456789012345", "0.12345678901234559999"]),
        Case(
            ["minimum": 1e-7, "maximum": 1.5e-7], yes: ["0.0000001", "0.00000012"], no: ["0.00000009", "0.0000002"]),
        Case(["type": "integer", "format": "int32"], yes: ["2147483647", "-2147483648"], no: ["2147483648"]),
        Case(["format": "uint8"], yes: ["255", "0"], no: ["256", "-1", "0.5"]),
        Case(["type": "number", "multipleOf": 1], yes: ["3", "-4"], no: ["1.5", "3.0"]),
    ]

    private static let nines = String(repeating: "9", count: 60)
    private static let ten40 = "1" + String(repeating: "0", count: 40)

    static let longNumbers: [Case] = [
        Case(["type": "integer"], yes: ["123456789012345678", "-9223372036854775809", nines], no: ["0\(nines)"]),
        Case(
            ["type": "integer", "minimum": 1_000_000_000_000_000_000],
            yes: ["1000000000000000000", "1234567890123456789", "18446744073709551616", nines],
            no: ["999999999999999999", "1", "-1000000000000000000"]),
        Case(
            ["type": "integer", "minimum": 9_007_199_254_740_993, "maximum": 9_007_199_254_740_995],
            yes: ["9007199254740993", "9007199254740994", "9007199254740995"],
            no: ["9007199254740992", "9007199254740996", "900719925474099", "90071992547409930"]),
        Case(
            ["type": "integer", "exclusiveMinimum": .largeInt("18446744073709551616"), "maximum": .largeInt(ten40)],
            yes: ["18446744073709551617", ten40], no: ["18446744073709551616", ten40 + "0"]),
        Case(
            ["type": "integer", "exclusiveMaximum": .largeInt("-\(ten40)")], yes: ["-\(ten40)1", "-\(nines)"],
            no: ["-\(ten40)", "-1", ten40]),
        Case(
            ["type": "integer", "format": "int64"], yes: ["9223372036854775807", "-9223372036854775808"],
            no: ["9223372036854775808", "-9223372036854775809"]),
        Case(["format": "uint64"], yes: ["18446744073709551615", "0"], no: ["18446744073709551616", "-1"]),
        Case(
            ["type": "integer", "multipleOf": 7, "minimum": .largeInt(ten40)],
            yes: ["10000000000000000000000000000000000000003"], no: ["10000000000000000000000000000000000000004"]),
        Case(
            ["enum": [.largeInt(nines), .int(9_007_199_254_740_993), 1e23]],
            yes: [nines, "9007199254740993", "1e+23"], no: ["9007199254740992", "1"]),
        Case(
            ["const": .largeInt("18446744073709551617"), "minimum": .largeInt("18446744073709551617")],
            yes: ["18446744073709551617"], no: ["18446744073709551616"]),
        Case(["type": "integer", "minimum": 1e18], yes: ["1000000000000000000"], no: ["999999999999999999"]),
        // 1e23 is the shortest decimal of the float 99999999999999991611392.
        Case(
            ["type": "integer", "maximum": 1e23], yes: ["99999999999999991611392"],
            no: ["99999999999999991611393", "100000000000000000000000"]),
        Case(
            ["type": "integer", "minimum": 1e23], yes: ["100000000000000000000000"],
            no: ["99999999999999991611392", "99999999999999999999999"]),
    ]

    @Test("integers of any length", arguments: longNumbers)
    func longNumber(item: Case) throws { try check(item) }

    static let floats: [Case] = [
        Case(
            ["type": "number"],
            yes: [
                "3.14159265358979323846264338327950288", "1.5e100", "1E+05", "-2e-007", "0.5e-3", "123.25e10", "1e308",
            ],
            no: ["1e309", "1.8e308", "12e300", "00.5", "1e+", "1.e5"]),
        Case(["type": "number", "minimum": 0], yes: ["12e3", "0.0", "1e-300", "0e0"], no: ["-0.5", "-1e3"]),
        Case(
            ["exclusiveMinimum": 0], yes: ["0.0000001", "1e-300", "0.\(String(repeating: "0", count: 39))1"],
            no: ["0", "0.0", "0.\(String(repeating: "0", count: 400))1", "1e-330"]),
        // The float before 0.3 is 0.29999999999999993: what is nearer to 0.3 readers round to it.
        Case(
            ["exclusiveMaximum": 0.3, "minimum": 0.25], yes: ["0.29999999999999993", "0.25", "2.9e-1"],
            no: ["0.3", "0.29999999999999999", "3e-1", "2.4e-1"]),
        Case(["maximum": 0.3, "minimum": 0.25], yes: ["0.3", "0.29999999999999999"], no: ["0.30000000000000001"]),
        // 2^53 + 1 is no float: with a fraction it would be read as 2^53, and 2^53 + 3 as 2^53 + 4.
        Case(
            ["minimum": 9_007_199_254_740_993, "maximum": 9_007_199_254_740_995],
            yes: ["9007199254740993", "9007199254740994.0", "9007199254740995", "9.007199254740994e15"],
            no: ["9007199254740993.0", "9007199254740995.0", "9.007199254740995e15"]),
        Case(
            ["maximum": 1e23, "minimum": 1e22], yes: ["1e23", "1e+23", "9.9e22", "10000000000000000000000"],
            no: ["1.0000001e23", "100000000000000000000001", "9e21"]),
        Case(
            ["minimum": 20, "maximum": 5_000], yes: ["2e1", "5e3", "4.9e+3", "1e2", "20.5"],
            no: ["1.9e1", "5.1e3", "6e3", "1e4", "2e0"]),
    ]

    @Test("numbers with fractions and exponents", arguments: floats)
    func float(item: Case) throws { try check(item) }

    @Test("lengths and counts of any size")
    func counts() throws {
        func text(_ count: Int) -> String { "\"" + String(repeating: "x", count: count) + "\"" }
        func list(_ count: Int) -> String { "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]" }
        for count in [1, 63, 64, 65, 127, 128, 4_095, 4_096, 4_097, 12_345] {
            let high = JSON.int(count)
            try check(Case(["maxLength": high], yes: [text(0), text(count - 1), text(count)], no: [text(count + 1)]))
            try check(Case(["minLength": high], yes: [text(count), text(count + 9)], no: [text(count - 1)]))
            try check(
                Case(
                    ["minLength": high, "maxLength": high], yes: [text(count)], no: [text(count - 1), text(count + 1)]))
            try check(
                Case(
                    ["items": ["const": 1], "maxItems": high], yes: [list(1), list(count - 1), list(count)],
                    no: [list(count + 1)]))
            try check(
                Case(
                    ["pattern": "^x*$", "minLength": 1, "maxLength": high], yes: [text(1), text(count)],
                    no: [text(0), text(count + 1)]))
        }
    }

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
