import HayJSON
import Testing

@testable import HayTokenizer

struct PatternTests {
    private func cuts(_ expression: String, _ text: String) throws -> [String] {
        var list = PieceList(TrackedText(Array(text.utf8), beginsInput: true))
        list.split(.isolated, at: try Pattern(expression: expression))
        return list.pieces.map { String(decoding: list.bytes[$0], as: UTF8.self) }
    }

    @Test("an empty match cuts, unless another match ends there")
    func emptyMatches() throws {
        #expect(try cuts(#"(?=\d)"#, "ab12c3") == ["ab", "1", "2c", "3"])
        #expect(try cuts("a*", "baac") == ["b", "aa", "c"])
        #expect(try cuts("", "aé") == ["a", "é"])
        var replaced = TrackedText(Array("axb".utf8), beginsInput: true)
        replaced.replace(try Pattern(expression: "x*"), with: Array("-".utf8))
        #expect(String(decoding: replaced.bytes, as: UTF8.self) == "-a-b-")
    }

    @Test(
        "expressions that cannot be used are named with what is wrong in them",
        arguments: [
            ("(a", "is '(a', in which a '(' has no ')', expected a regular expression"),
            ("a)", "is 'a)', in which a ')' has no '(', expected a regular expression"),
            ("[a", "is '[a', in which a '[' has no ']', expected a regular expression"),
            ("*a", "is '*a', in which there is nothing before '*' to repeat, expected a regular expression"),
            ("^*", "is '^*', in which a condition on a place is repeated, expected a regular expression"),
            ("[z-a]", "is '[z-a]', in which a range in brackets is upside down, expected a regular expression"),
            ("\\", "is '\\', in which an escape does not end, expected a regular expression"),
            ("a{1001}", "is 'a{1001}', in which it repeats more than 1000 times, expected a regular expression"),
        ])
    func wrongExpressions(expression: String, expected: String) {
        #expect(message(expression) == "tokenizer.json: 'pattern.Regex' \(expected)")
    }

    @Test(
        "expressions that are not supported are named with what is not",
        arguments: [
            (#"(a)\1"#, "a back reference"), (#"\p{Unheard}"#, "the property 'Unheard'"), (#"\Xa"#, #"'\X'"#),
            ("(?<=a+)b", "a look-behind of no fixed length below 256"), ("(?~a)", "a group '(?~…'"),
            ("(((ab){900}){900}){900}", "more than 20000 instructions"),
        ])
    func unsupportedExpressions(expression: String, expected: String) {
        #expect(
            message(expression)
                == "tokenizer.json: \(expected) in the expression '\(expression)' is not supported yet (at 'pattern.Regex')"
        )
    }

    @Test("groups nested without end are refused")
    func nesting() {
        let expression = String(repeating: "(", count: 10_000)
        #expect(message(expression).contains("in which groups are nested more than 100 deep"))
        #expect(message(String(repeating: "[", count: 10_000)).contains("more than 100 deep"))
    }

    @Test(
        "matching takes steps in proportion to the text, whatever the expression",
        arguments: [
            #"\s+$"#, #"(?=(\d{3})+(?!\d))"#, "(?:a+)+b", "(a*)*b", "(?:a|aa)+$x", "(?>(?:aa)*)c", "a++b", ".*?z|.*y",
            "(?:a?){10}b", #"^.*(?:foo|bar)$"#, #"(?!.*z)\."#, "(?:[^z]*z)*q", #"\b\w+\b!"#, "(?=(a|aa)+$)b",
        ])
    func hostileExpressions(expression: String) throws {
        for unit in ["a", " ", "1", "a ", "é"] {
            // Were it quadratic, this would take minutes.
            let text = String(repeating: unit, count: 30_000 / unit.utf8.count)
            #expect(try cuts(expression, text).joined() == text)
        }
    }

    @Test("careful matching finds what quick matching finds")
    func carefulMatching() throws {
        let expressions = [
            #"(?:a|ab)(?:c|bcd)?"#, "(?:a+b?)+c|a", "(?>a|ab)c|b+?", #"(?=(ab)+c)a|\b\w"#, "(?:a??b){2,3}",
            "(a*b*)*c|b",
            "a{2,3}b|a{2,}c", "(?<=ab)c+|(?!abc)a", "[ab]*c|[bc]*a", "(?:x|(?>ab*)c|b)*?a",
        ]
        for expression in expressions {
            let program = try PatternProgram(expression)
            var state: UInt64 = 1
            for length in 0 ..< 200 {
                let text = (0 ..< length % 40).map { _ -> UInt8 in
                    state = state &* 6_364_136_223_846_793_005 &+ 1
                    return Array("abc".utf8)[Int(state >> 33) % 3]
                }
                #expect(matches(program, text, isCareful: true) == matches(program, text, isCareful: false))
            }
        }
    }

    private func matches(_ program: PatternProgram, _ text: [UInt8], isCareful: Bool) -> [Range<Int>] {
        var found: [Range<Int>] = []
        program.withMatcher { matcher in
            text.withUnsafeBufferPointer { text in
                var matches = PatternMatches()
                while let match = matches.next(
                    in: text, { matcher.find(in: $0, from: $1, budget: isCareful ? 0 : .max) })
                {
                    found.append(match)
                }
            }
        }
        return found
    }

    private func message(_ expression: String) -> String {
        let pattern = JSON.object(JSON.Object([("Regex", .string(expression))]))
        do {
            _ = try Pattern(Section(pattern, file: "tokenizer.json", path: "pattern"))
            return "none"
        } catch {
            return "\(error)"
        }
    }
}
