import HayJSON
import TestSupport
import Testing

@testable import HayGrammar

struct MaskTests {
    static let schemas: [JSON] = [
        ["type": "string"], ["type": "string", "maxLength": 3], ["type": "integer", "minimum": -12, "maximum": 1200],
        ["type": "string", "pattern": "^[a-z]+(\\n|é)?$"],
        ["type": "array", "items": ["enum": ["name", "value", 12]]],
        [
            "type": "object",
            "properties": ["name": ["type": "string"], "next": ["$ref": "#"]], "required": ["name"],
        ],
        ["type": "object", "additionalProperties": ["type": "number"]], [:],
    ]

    @Test("a mask has the tokens that may follow, as trying each of them shows", arguments: schemas)
    func bruteForce(schema: JSON) throws {
        let constraint = try Words.constraint(Grammar(schema: schema))
        var random = SplitMix(seed: 3)
        for _ in 0 ..< 20 {
            var state = constraint.start
            for _ in 0 ..< 12 {
                let tried = Words.texts.indices.map(Int32.init).filter { constraint.next(state, $0) != nil }
                let allowed = Words.allowed(constraint, state, 10_000)
                #expect(allowed == tried)
                #expect(Words.allowed(constraint, state, 10_000) == tried, "the second time")
                #expect(allowed.contains(Words.end) == constraint.mayEnd(state))
                guard let token = tried.filter({ $0 != Words.end }).randomElement(using: &random) else { break }
                state = try #require(constraint.next(state, token))
            }
        }
    }

    @Test("a token is one step, its bytes one by one are the same ones")
    func bytes() throws {
        let constraint = try Words.constraint(.anyJSON)
        var whole = try #require(constraint.next(constraint.start, 256))
        for byte in #"{""#.utf8 { #expect(constraint.next(constraint.start, Int32(byte)) != nil || byte == 0x22) }
        var spelled = constraint.start
        for byte in Words.texts[256] ?? [] { spelled = try #require(constraint.next(spelled, Int32(byte))) }
        #expect(whole == spelled)
        whole = try #require(constraint.next(whole, Int32(UInt8(ascii: "a"))))
        #expect(constraint.next(whole, Words.end) == nil)
    }

    @Test("when nothing but the end is possible only end tokens are left, and after the end too")
    func end() throws {
        let constraint = try Words.constraint(.text("true"))
        let token = try #require(Words.texts.firstIndex { $0 == Array("true".utf8) })
        let state = try #require(constraint.next(constraint.start, Int32(token)))
        #expect(Words.allowed(constraint, state, 5) == [Words.end])
        let ended = try #require(constraint.next(state, Words.end))
        #expect(Words.allowed(constraint, ended, 5) == [Words.end])
        #expect(constraint.mayEnd(ended))
    }

    @Test("tokens without text, of special tokens, and beyond the vocabulary are never allowed")
    func neverAllowed() throws {
        let constraint = try Words.constraint(.anyText())
        #expect(!Words.allowed(constraint, constraint.start, 100).contains(Words.end + 1))
        #expect(constraint.next(constraint.start, Words.end + 1) == nil)
        #expect(constraint.next(constraint.start, -1) == nil)
        #expect(constraint.next(constraint.start, 100_000) == nil)
        var logits = [Float](repeating: 0, count: Words.texts.count + 100)
        constraint.apply(to: &logits, constraint.start, remaining: 10)
        #expect(logits[Words.texts.count...].allSatisfy { $0 == -.infinity })
        var few = [Float](repeating: 0, count: 3)
        constraint.apply(to: &few, constraint.start, remaining: 10)
        #expect(few == [0, 0, 0])
    }

    @Test("the fewest tokens count words that the vocabulary has whole")
    func shortest() throws {
        #expect(try Words.constraint(.text("true")).shortest == 2)
        #expect(try Words.constraint(.text("trueabc")).shortest == 3)
        #expect(try Words.constraint(.text("zz")).shortest == 3)
    }

    @Test("with less room than the shortest text the way to the end is as short as it can be")
    func tooLittleRoom() throws {
        let constraint = try Words.constraint(.text("zz"))
        #expect(Words.allowed(constraint, constraint.start, 0) == [Int32(UInt8(ascii: "z"))])
    }

    @Test("a vocabulary that cannot spell what is needed is refused")
    func missingBytes() {
        let letters = TokenTrie(["a", "b", "{\"", "\""].map { Array($0.utf8) } + [nil])
        let error = #expect(throws: GrammarError.self) {
            try TokenConstraint(.anyJSONObject, letters, endTokens: [4])
        }
        #expect("\(error!)" == "the vocabulary has no token for '}' alone, which the grammar needs")
        let ended = #expect(throws: GrammarError.self) { try TokenConstraint(.anyJSON, Words.trie, endTokens: []) }
        #expect("\(ended!)" == "there is no end token, so no text could end")
    }

    @Test("what only a longer token could finish is not begun")
    func partialVocabulary() throws {
        // 'c' is no token, so that a text with it cannot be finished at will; "abc" may be written all the same.
        let trie = TokenTrie(["a", "b", "abc", "d"].map { Array($0.utf8) } + [nil])
        let constraint = try TokenConstraint(.choice(of: ["abcd", "ad"]), trie, endTokens: [4])
        let state = try #require(constraint.next(constraint.start, 0))
        #expect(constraint.next(state, 1) == nil)
        #expect(constraint.next(state, 3) != nil)
    }

    @Test("states stay what they are while a constraint makes room")
    func makingRoom() throws {
        let grammar = try Grammar(
            schema: ["type": "array", "items": ["type": "array", "items": ["type": "string", "maxLength": 400]]])
        let constraint = try TokenConstraint(grammar, Words.trie, endTokens: [Words.end], countLimit: 200)
        let roomy = try Words.constraint(grammar)
        var random = SplitMix(seed: 1)
        var states: [(TokenConstraint.State, [Int32])] = []
        for _ in 0 ..< 20 {
            var (state, other) = (constraint.start, roomy.start)
            for step in 0 ..< 500 {
                let allowed = Words.allowed(constraint, state, 1_000_000).filter { $0 != Words.end }
                guard let token = allowed.randomElement(using: &random) else { break }
                if step % 100 == 0 { states.append((state, allowed)) }
                state = try #require(constraint.next(state, token))
                other = try #require(roomy.next(other, token))
                #expect(Words.allowed(roomy, other, 50) == Words.allowed(constraint, state, 50))
            }
        }
        for (state, allowed) in states {
            #expect(Words.allowed(constraint, state, 1_000_000).filter { $0 != Words.end } == allowed)
        }
    }

    @Test("texts nest no deeper than readers read")
    func depth() throws {
        let constraint = try Words.constraint(.anyJSON)
        var state = constraint.start
        var depth = 0
        while let next = constraint.next(state, Int32(UInt8(ascii: "["))) {
            state = next
            depth += 1
            try #require(depth < 1000)
        }
        #expect(depth > 60 && depth < JSON.maximumDepth)
        while !constraint.mayEnd(state) { state = try #require(constraint.next(state, Int32(UInt8(ascii: "]")))) }
    }

    @Test("threads may share a constraint")
    func threads() async throws {
        let constraint = try Words.constraint(.anyJSON)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 0 ..< 4 {
                group.addTask {
                    var random = SplitMix(seed: UInt64(seed))
                    for _ in 0 ..< 20 {
                        _ = try #require(Words.walk(constraint, room: 60, plain: 5, &random))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
