import HayGrammar
import HayJSON
import Testing

struct CombinationTests {
    private func accepts(_ grammar: Grammar, _ text: String) throws -> Bool {
        Words.accepts(try Words.constraint(grammar), text)
    }

    @Test("texts, sequences, choices and repetitions combine")
    func combine() throws {
        let pair = Grammar.sequence([.text("a"), .choice([.text("b"), .choice(of: ["cd", "ce"])])])
        #expect(try accepts(pair, "ab") && accepts(pair, "acd") && accepts(pair, "ace"))
        #expect(try !accepts(pair, "a") && !accepts(pair, "ac") && !accepts(pair, "abb"))
        #expect(try accepts(pair.optional, "") && accepts(pair.optional, "ab") && !accepts(pair.optional, "abab"))
        let some = pair.repeated(atLeast: 2, atMost: 3)
        #expect(try !accepts(some, "ab") && accepts(some, "abab") && accepts(some, "ababab"))
        #expect(try !accepts(some, "abababab"))
        let many = Grammar.choice([.text(""), .text("x")]).repeated(atLeast: 1)
        #expect(try accepts(many, "") && accepts(many, "xxxx") && !accepts(many, "xy"))
    }

    @Test("free text stops where a trigger begins a schema")
    func toolCall() throws {
        let call = Grammar.sequence([
            .text("<call>"), try Grammar(schema: ["type": "object", "properties": ["a": ["type": "integer"]]]),
            .text("</call>"),
        ])
        let reply = Grammar.sequence([
            .sequence([try .anyText(without: ["<call>"]), call]).repeated(), try .anyText(without: ["<call>"]),
        ])
        #expect(try accepts(reply, "just text, and <call, and é😀"))
        #expect(try accepts(reply, #"first <call>{"a":1}</call> then <<call>{}</call>"#))
        #expect(try !accepts(reply, "first <call> then"))
        #expect(try !accepts(reply, #"<call>{"b":1}</call>"#))
    }

    @Test("free text is UTF-8")
    func freeText() throws {
        let constraint = try Words.constraint(.anyText())
        for bytes in [[0x80], [0xC0], [0xC1, 0x80], [0xED, 0xA0], [0xF4, 0x90], [0xFF], [0xE0, 0x80]] as [[Int32]] {
            #expect(Words.allowed(constraint, bytes, 10).isEmpty, "\(bytes)")
        }
    }

    @Test("a JSON object is one, and any JSON is any")
    func anyJSON() throws {
        #expect(
            try accepts(
                .anyJSONObject, #" {"a": [1, 2.5e-3, null], "b": {"c": "\u00e9\n"}}"#.replacing(" {", with: "{")))
        #expect(try !accepts(.anyJSONObject, "[]") && !accepts(.anyJSONObject, #"{"a":1,}"#))
        for text in ["null", "-0.5", "[[],{}]", #""😀""#, "1E+10"] { #expect(try accepts(.anyJSON, text), "\(text)") }
        for text in ["", "01", "1.", ".5", "[1,]", "{a:1}", "'a'", #""\x""#, #""\ud800""#, "NaN", "+1", "\"\u{1}\""] {
            #expect(try !accepts(.anyJSON, text), "\(text)")
        }
    }

    @Test("a grammar without texts is refused")
    func empty() throws {
        let error = #expect(throws: GrammarError.self) { try Words.constraint(.choice([Grammar]())) }
        #expect("\(error!)" == "#: no value satisfies the schema")
    }
}
