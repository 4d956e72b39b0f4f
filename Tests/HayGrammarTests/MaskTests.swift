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
            var reply: [Int32] = []
            for _ in 0 ..< 12 {
                let tried = Words.texts.indices.map(Int32.init).filter { constraint.isBeginning((reply + [$0])[...]) }
                let allowed = Words.allowed(constraint, reply, 10_000)
                #expect(allowed == tried)
                #expect(Words.allowed(constraint, reply, 10_000) == tried, "the second time")
                #expect(allowed.contains(Words.end) == constraint.accepts(reply[...]))
                guard let token = tried.filter({ $0 != Words.end }).randomElement(using: &random) else { break }
                reply.append(token)
            }
        }
    }

    @Test("a token is one step, its bytes one by one are the same ones")
    func bytes() throws {
        let constraint = try Words.constraint(.anyJSON)
        let spelled = (Words.texts[256] ?? []).map(Int32.init)
        #expect(Words.allowed(constraint, [256], 50) == Words.allowed(constraint, spelled, 50))
        #expect(!constraint.isBeginning([256, Int32(UInt8(ascii: "a")), Words.end]))
    }

    @Test("after what begins no text nothing is left")
    func dead() throws {
        let constraint = try Words.constraint(.text("true"))
        for reply in [Words.tokens("f"), Words.tokens("truer"), Words.tokens("tr") + [Words.end], [Words.end]] {
            var logits = [Float](repeating: 0, count: Words.texts.count)
            constraint.apply(to: &logits, after: reply[...], remaining: 10)
            #expect(logits.allSatisfy { $0 == -.infinity })
            #expect(!constraint.accepts(reply[...]) && !constraint.isBeginning(reply[...]))
        }
    }

    @Test("when nothing but the end is possible only end tokens are left, and after the end too")
    func end() throws {
        let constraint = try Words.constraint(.text("true"))
        let token = try #require(Words.texts.firstIndex { $0 == Array("true".utf8) })
        #expect(Words.allowed(constraint, [Int32(token)], 5) == [Words.end])
        #expect(Words.allowed(constraint, [Int32(token), Words.end], 5) == [Words.end])
        #expect(constraint.accepts([Int32(token), Words.end]))
    }

    @Test("tokens without text, of special tokens, and beyond the vocabulary are never allowed")
    func neverAllowed() throws {
        let constraint = try Words.constraint(.anyText())
        #expect(!Words.allowed(constraint, [], 100).contains(Words.end + 1))
        for token in [Words.end + 1, -1, 100_000, .max, .min] { #expect(!constraint.isBeginning([token])) }
        var logits = [Float](repeating: 0, count: Words.texts.count + 100)
        constraint.apply(to: &logits, after: [], remaining: 10)
        #expect(logits[Words.texts.count...].allSatisfy { $0 == -.infinity })
        var few = [Float](repeating: 0, count: 3)
        constraint.apply(to: &few, after: [], remaining: 10)
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
        #expect(Words.allowed(constraint, [], 0) == [Int32(UInt8(ascii: "z"))])
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
        #expect(!constraint.isBeginning([0, 1]))
        #expect(constraint.isBeginning([0, 3]))
    }

    @Test("masks stay what they are while a constraint lets go of what it learnt")
    func makingRoom() throws {
        let grammar = try Grammar(
            schema: ["type": "array", "items": ["type": "array", "items": ["type": "string", "maxLength": 400]]])
        let constraint = try TokenConstraint(grammar, Words.trie, endTokens: [Words.end], countLimit: 200)
        let roomy = try Words.constraint(grammar)
        var random = SplitMix(seed: 1)
        var replies: [([Int32], [Int32])] = []
        for _ in 0 ..< 10 {
            var reply: [Int32] = []
            for step in 0 ..< 300 {
                let allowed = Words.allowed(constraint, reply, 1_000_000).filter { $0 != Words.end }
                guard let token = allowed.randomElement(using: &random) else { break }
                if step % 50 == 0 { replies.append((reply, allowed)) }
                reply.append(token)
                #expect(Words.allowed(roomy, reply, 50) == Words.allowed(constraint, reply, 50))
            }
        }
        for (reply, allowed) in replies {
            #expect(Words.allowed(constraint, reply, 1_000_000).filter { $0 != Words.end } == allowed)
        }
        #expect(constraint.memory < roomy.memory)
    }

    @Test("texts nest no deeper than readers read")
    func depth() throws {
        let constraint = try Words.constraint(.anyJSON)
        let bracket = Int32(UInt8(ascii: "["))
        var reply: [Int32] = []
        while constraint.isBeginning((reply + [bracket])[...]) {
            reply.append(bracket)
            try #require(reply.count < 1000)
        }
        #expect(reply.count > 60 && reply.count < JSON.maximumDepth)
        #expect(constraint.accepts((reply + reply.map { _ in Int32(UInt8(ascii: "]")) })[...]))
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
