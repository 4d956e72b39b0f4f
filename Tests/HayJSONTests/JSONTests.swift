import Testing

@testable import HayJSON

@Suite("JSON")
struct JSONTests {
    @Test("keeps the order of keys and repeated keys; the last one answers")
    func order() throws {
        let json = try JSON.parse(#"{"b": 1, "a": 2, "b": 3}"#)
        #expect(json.object?.keys == ["b", "a", "b"])
        #expect(json["b"] == 3)
        #expect(json["c"] == nil)
    }

    @Test(
        "tells integers from floats",
        arguments: [
            ("1", JSON.int(1)), ("-0", .int(0)), ("1.0", .double(1)), ("1e2", .double(100)),
            ("9223372036854775807", .int(.max)), ("9223372036854775808", .largeInt("9223372036854775808")),
            ("-Infinity", .double(-.infinity)), ("0.1", .double(0.1)),
        ])
    func numbers(text: String, value: JSON) throws {
        #expect(try JSON.parse(text) == value)
    }

    @Test("an integer is also read from a float without a fraction")
    func integers() throws {
        #expect(try JSON.parse("2.0").int == 2)
        #expect(try JSON.parse("2.5").int == nil)
        #expect(try JSON.parse("1e300").int == nil)
        #expect(try JSON.parse("2").double == 2)
    }

    @Test("reads escapes, surrogate pairs and half pairs")
    func strings() throws {
        #expect(try JSON.parse(#""a\n\u00e9\ud83d\ude00\"""#).string == "a\né😀\"")
        #expect(try JSON.parse(#""\ud83dx""#).string == "\u{FFFD}x")
        #expect(try JSON.parse(#""\ud83d\u0041""#).string == "\u{FFFD}A")
    }

    @Test("writes what it reads")
    func roundTrip() throws {
        let text = #"{"a":[1,-2.5,true,null,"é\"\\\n\u0001"],"b":{}}"#
        #expect(try JSON.parse(text).text() == text)
        #expect(
            try JSON.parse(text).text(spaced: true, ascii: true)
                == #"{"a": [1, -2.5, true, null, "\u00e9\"\\\n\u0001"], "b": {}}"#)
    }

    @Test(
        "says what is wrong and where",
        arguments: [
            ("", "line 1, column 1: the text ends where a value is expected"),
            ("{\n \"a\" 1}", "line 2, column 6: expected ':' after the key 'a'"),
            ("[1 2]", "line 1, column 4: expected ',' or ']' in an array"),
            ("{\"a\": 1 \"b\"}", "line 1, column 9: expected ',' or '}' in an object"),
            ("{1: 2}", "line 1, column 2: expected a key in double quotes"),
            ("[1] x", "line 1, column 5: text after the end of the value"),
            ("\"ab", "line 1, column 4: the text ends within a string"),
            ("\"a\nb\"", "line 1, column 3: a control character must be escaped in a string"),
            ("\"\\x\"", "line 1, column 2: unknown escape in a string"),
            ("\"\\u12g4\"", "line 1, column 6: expected four hexadecimal digits after \\u"),
            ("01", "line 1, column 1: a number must not begin with 0"),
            ("1.", "line 1, column 3: expected a digit after the decimal point"),
            ("1e", "line 1, column 3: expected a digit in the exponent"),
            ("nul", "line 1, column 1: expected a value"),
        ])
    func errors(text: String, message: String) {
        #expect(throws: JSONError.self) { try JSON.parse(text) }
        do { _ = try JSON.parse(text) } catch { #expect("\(error)" == message) }
    }

    @Test("text nested too deeply is an error, not a stack overflow")
    func depth() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError(message: "nested deeper than 256", line: 1, column: 257)) { try JSON.parse(text) }
    }

    @Test("bytes that are not UTF-8 are an error")
    func encoding() {
        #expect(throws: JSONError(message: "a string is not valid UTF-8", line: 1, column: 2)) {
            try JSON.parse([0x22, 0xFF, 0x22])
        }
    }
}
