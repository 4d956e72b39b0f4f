import HayComponents
import HayGeneration
import HayGrammar
import HayJSON
import TestSupport
import Testing

@testable import Hayloft

/// A schema as an option.
private func format(_ schema: JSON) -> JSON { ResponseFormat.jsonSchema(schema).json }

/// `compare_formats.py` beside this file judges such replies by a validator in Python.
@Suite("Replies that hold to a format")
struct FormatTests {
    static let person: JSON = [
        "type": "object", "additionalProperties": false, "required": ["name", "age"],
        "properties": [
            "name": ["type": "string", "maxLength": 8], "age": ["type": "integer", "minimum": 0, "maximum": 120],
            "tags": ["type": "array", "items": ["enum": ["new", "old"]], "maxItems": 2],
        ],
    ]

    @Test("greedy and drawn replies to random schemas parse, and end by themselves")
    func randomSchemas() async throws {
        let cases = try #require(
            Fixtures.json("\(Fixtures.packageFolder)/Tests/HayGrammarTests/random_schemas.json").array)
        let generator = try zephyrGenerator(["max_new_tokens": 400])
        for (number, item) in cases.enumerated() where Fixtures.runsLongTests || number % 4 == 0 {
            let schema = item["schema"] ?? .null
            for kwargs in [[:], ["temperature": 1.5, "seed": .int(number)]] as [GenerationKwargs] {
                var kwargs = kwargs
                kwargs["response_format"] = format(schema)
                do {
                    let reply = try await generator.run("Say", generationKwargs: kwargs)
                    _ = try JSON.parse(reply.replies[0])
                    // Near the limit a reply is made whole, and says so.
                    let isFull = reply.meta[0]["usage"]?["completion_tokens"]?.int ?? 0 > 300
                    #expect(reply.meta[0]["finish_reason"] == "stop" || isFull, "\(schema)")
                } catch let error as GrammarError {
                    #expect(item["valid"]?.array?.isEmpty == true, "\(schema): \(error)")
                }
            }
        }
    }

    @Test("a reply is whole also in the least room, and less room is an error", arguments: [0, 1, 5])
    func room(extra: Int) async throws {
        let engine = try zephyr.get()
        let constraint = try engine.constraint(.jsonSchema(Self.person), engine.local.generationDefaults)
        for seed in 0 ..< 20 {
            let kwargs: GenerationKwargs = [
                "max_new_tokens": .int(constraint.shortestReply + extra), "temperature": 1.5, "seed": .int(seed),
                "response_format": format(Self.person),
            ]
            let reply = try await zephyrGenerator().run("Say", generationKwargs: kwargs)
            #expect(try JSON.parse(reply.replies[0])["age"]?.int != nil)
        }
        let least = constraint.shortestReply
        await #expect(throws: GenerationError.constraintTooLong(needed: least, limit: least - 1)) {
            try await zephyrGenerator().run(
                "Say", generationKwargs: ["max_new_tokens": .int(least - 1), "response_format": format(Self.person)])
        }
    }

    @Test("a reply that is made whole before the model ends it says so", arguments: [1, 2, 5])
    func cut(missing: Int) async throws {
        let kwargs: GenerationKwargs = [
            "max_new_tokens": 200, "response_format": format(["type": "string", "maxLength": 40]),
        ]
        let prompt = zephyrPrompt("Write 8215 in words.")
        let whole = try await zephyrGenerator(kwargs).run(prompt)
        #expect(whole.meta[0]["finish_reason"] == "stop")
        // The end token takes room too, and is not counted.
        let count = try #require(whole.meta[0]["usage"]?["completion_tokens"]?.int) + 1
        let fitting = try await zephyrGenerator(kwargs.overlaid(by: ["max_new_tokens": .int(count)])).run(prompt)
        #expect(fitting.replies == whole.replies && fitting.meta[0]["finish_reason"] == "stop")
        let cut = try await zephyrGenerator(kwargs.overlaid(by: ["max_new_tokens": .int(count - missing)])).run(prompt)
        #expect(try JSON.parse(cut.replies[0]).string != nil && cut.replies != whole.replies)
        #expect(cut.meta[0]["finish_reason"] == "length")
    }

    @Test("chats, streams, beams, several replies and guesses hold to it as well, and an encoder-decoder model")
    func everywhere() async throws {
        func check(_ text: String?) throws {
            let value = try JSON.parse(try #require(text))
            #expect(value["name"]?.string != nil && (0 ... 120).contains(value["age"]?.int ?? -1), "\(value)")
        }
        let plain: GenerationKwargs = ["max_new_tokens": 60, "response_format": format(Self.person)]
        let others: [GenerationKwargs] = [
            ["num_beams": 4], ["num_return_sequences": 3, "temperature": 1.5], ["prompt_lookup_num_tokens": 4],
        ]
        for kwargs in others {
            for text in try await zephyrGenerator(plain.overlaid(by: kwargs)).run("Say").replies { try check(text) }
        }
        let guessed = try await zephyrGenerator(plain.overlaid(by: others[2])).run("Say").replies
        #expect(try await zephyrGenerator(plain).run("Say").replies == guessed)
        let chunks = try await zephyrChat(plain).stream("Who are you?").all()
        try check(chunks.map(\.content).joined())
        let flan = try HuggingFaceLocalGenerator(model: "\(bundled)/tiny-flan-t5", generationKwargs: plain)
        try await flan.warmUp()
        try check(try await flan.run("Write 12 in words.").replies[0])
    }

    @Test("any object is written where none is described")
    func jsonObject() async throws {
        let kwargs: GenerationKwargs = ["max_new_tokens": 80, "response_format": ["type": "json_object"]]
        let reply = try await zephyrChat().run("Say", generationKwargs: kwargs).replies[0]
        #expect(try JSON.parse(reply.text ?? "").object != nil)
        #expect(
            try await zephyrChat().run("Write 12 in words.", generationKwargs: ["response_format": ["type": "text"]])
                .replies[0].text == "twelve")
    }

    @Test("with strict tools a reply is a call or holds to the format")
    func either() async throws {
        let generator = try zephyrChat(["response_format": format(Self.person)], tools: [weatherTool()], strict: true)
        #expect(try await generator.run(LocalChatTests.question).replies[0].toolCalls == [LocalChatTests.call])
        for question in questions {
            let reply = try await generator.run(question).replies[0]
            if let text = reply.text {
                #expect(try JSON.parse(text)["age"] != nil)
            } else {
                #expect(reply.toolCalls.allSatisfy { $0.arguments["city"]?.string != nil })
            }
        }
    }

    @Test(
        "a schema that cannot be honoured, and options that would cut a reply off, are errors before anything is written"
    )
    func refusals() async throws {
        let generator = try zephyrGenerator()
        let unheard: JSON = ["type": "array", "items": ["not": ["type": "string"]]]
        let error = await #expect(throws: GrammarError.self) {
            try await generator.run("Say", generationKwargs: ["response_format": format(unheard)])
        }
        #expect(
            error?.description.contains("'not'") == true && error?.description.contains("#/items") == true,
            "\(error as Any)")
        for (name, value) in [
            ("stop_strings", ["x"]), ("num_beam_groups", 2), ("penalty_alpha", 0.6), ("max_time", 5.0),
        ] as [(String, JSON)] {
            var kwargs: GenerationKwargs = ["response_format": format(Self.person), name: value]
            if name == "num_beam_groups" { kwargs = kwargs.overlaid(by: ["num_beams": 2, "diversity_penalty": 1.0]) }
            if name == "penalty_alpha" { kwargs["top_k"] = 4; kwargs["do_sample"] = false }
            await #expect(throws: GenerationError.self, "\(name)") {
                try await generator.run("Say", generationKwargs: kwargs)
            }
        }
    }

    @Test("options that would leave no token give way to the format")
    func conflictingOptions() async throws {
        let end = try zephyr.get().local.generationDefaults.eosTokenIDs
        let others: [GenerationKwargs] = [
            ["min_new_tokens": 50], ["no_repeat_ngram_size": 1], ["bad_words_ids": .array(end.map { [.int(Int($0))] })],
            ["suppress_tokens": .array(end.map { .int(Int($0)) })], ["forced_bos_token_id": 300],
            ["logit_bias": ["2": -100]],
        ]
        for kwargs in others {
            let format = ResponseFormat.jsonSchema(["enum": ["yes", "no"]])
            let reply = try await zephyrGenerator(kwargs).run(
                "Say", generationKwargs: .init(maxNewTokens: 60, responseFormat: format))
            #expect(["\"yes\"", "\"no\""].contains(reply.replies[0].trimmingStart), "\(kwargs)")
        }
    }

    @Test("a prompt is no part of a reply that holds to a format")
    func fullText() async throws {
        await #expect(throws: LocalGeneratorError.fullTextWithFormat) {
            try await zephyrGenerator().run(
                "Say", generationKwargs: ["return_full_text": true, "response_format": ["type": "json_object"]])
        }
    }

    @Test("formats with one schema share what was worked out, by many tasks at once")
    func sharing() async throws {
        let generator = try zephyrGenerator(["max_new_tokens": 60, "response_format": format(Self.person)])
        let alone = try await generator.run("Say").replies
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0 ..< 16 { group.addTask { try await generator.run("Say").replies } }
            for try await replies in group { #expect(replies == alone) }
        }
    }
}

extension String {
    /// Without the space that a first token may bring.
    fileprivate var trimmingStart: String { String(drop { $0 == " " || $0 == "\n" }) }
}
