#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import HayComponents
import HayGeneration
import HayJSON
import HayTensor
import TestSupport
import Testing

@testable import Hayloft

/// The folder that `Tests/Support/make_smollm2.py` makes.
private let folder = getenv("HAYLOFT_SMOLLM2").map { String(cString: $0) }

/// One engine for all tests, with the checkpoint's f32 weights.
private let smolLM2 = Result {
    var options = Engine.Options()
    options.scheduler.cachePositions = 1 << 13
    return try TextEngine(LocalModel(folder: folder ?? "", on: CPUBackend()), options)
}

@Suite(
    "A genuine model, SmolLM2-135M-Instruct",
    .enabled(if: folder != nil, "HAYLOFT_SMOLLM2 names no folder; Tests/Support/make_smollm2.py makes one"), .serialized
)
struct SmolLM2Tests {
    /// Ends a turn of a chat: `<|im_end|>`.
    private static let endToken = 2

    private func cases() throws -> [JSON] {
        try #require(Fixtures.json("\(folder ?? "")/expected.json")["cases"]?.array)
    }

    private func ids(_ json: JSON?) throws -> [Int32] {
        try #require(json?.array).map { Int32(try #require($0.int)) }
    }

    private func chat(
        _ kwargs: GenerationKwargs, stopWords: [String]? = nil, tools: [Tool]? = nil, strict: Bool = false
    ) throws -> HuggingFaceLocalChatGenerator {
        let defaults: GenerationKwargs = ["max_new_tokens": 200, "eos_token_id": .int(Self.endToken)]
        let generator = try HuggingFaceLocalChatGenerator(
            model: folder ?? "", generationKwargs: defaults.overlaid(by: kwargs), stopWords: stopWords, tools: tools,
            toolsStrict: strict)
        try generator.warmUp(with: smolLM2.get())
        return generator
    }

    @Test("texts and chats become the ids of transformers")
    func prompts() throws {
        let tokenizer = try smolLM2.get().tokenizer
        let chat = try ChatPrompt(tokenizer, folder: folder ?? "")
        let cases = try cases()
        #expect(cases.count == 20)
        for item in cases {
            let found = try item["text"]?.string.map { tokenizer.encode($0) } ?? chat.ids(item["messages"] ?? .null)
            #expect(try found == ids(item["input_ids"]), "\(item)")
        }
    }

    @Test("greedy search writes the 128 ids of transformers after each of 20 prompts")
    func greedy() async throws {
        let engine = try smolLM2.get().engine
        var config = GenerationConfig()
        config.maxNewTokens = 128
        let cases = try cases()
        #expect(cases.count == 20)
        // All at once: a row's ids do not depend on its company.
        let streams = try cases.map {
            try engine.stream(GenerationRequest(prompt: ids($0["input_ids"]), config: config))
        }
        for (item, stream) in zip(cases, streams) {
            let reply = try #require(try await stream.result().replies.first)
            #expect(reply.tokenIDs.count == 128)
            #expect(try reply.tokenIDs == ids(item["new_ids"]), "\(item["text"] ?? item["messages"] ?? .null)")
        }
    }

    @Test("a reply holds to a JSON schema, greedy and drawn")
    func schema() async throws {
        let schema: JSON = [
            "type": "object", "additionalProperties": false, "required": ["name", "legs", "colours", "id"],
            "properties": [
                "name": ["type": "string", "minLength": 1, "maxLength": 20],
                "legs": ["type": "integer", "minimum": 0, "maximum": 8],
                "colours": [
                    "type": "array", "items": ["enum": ["black", "white", "brown"]], "minItems": 1, "maxItems": 2,
                ],
                "id": ["type": "integer", "minimum": 1_000_000_000_000_000_000, "maximum": .int(.max)],
            ],
        ]
        for extra in [[:], ["temperature": 1.3, "seed": 1], ["temperature": 1.3, "seed": 2]] as [GenerationKwargs] {
            let generator = try chat(["response_format": ResponseFormat.jsonSchema(schema).json])
            let reply = try await generator.run("Describe a cat as JSON.", generationKwargs: extra).replies[0]
            let value = try JSON.parse(try #require(reply.text))
            #expect(value.object?.keys == ["name", "legs", "colours", "id"])
            #expect((1 ... 20).contains(value["name"]?.string?.unicodeScalars.count ?? 0), "\(value)")
            #expect((0 ... 8).contains(value["legs"]?.int ?? -1), "\(value)")
            #expect((1 ... 2).contains(value["colours"]?.array?.count ?? 0), "\(value)")
            #expect(
                value["colours"]?.array?.allSatisfy { ["black", "white", "brown"].contains($0) } == true, "\(value)")
            #expect(value["id"]?.int ?? 0 >= 1_000_000_000_000_000_000, "\(value)")
            #expect(reply.meta["finish_reason"] == "stop")
        }
    }

    /// The model's template shows no tools, so that earlier turns show what a call looks like.
    private func conversation(_ question: String) -> [ChatMessage] {
        let call = #"{"name": "get_weather", "arguments": {"city": "Rome", "days": 2}}"#
        let other = #"{"name": "get_weather", "arguments": {"city": "Oslo", "days": 5}}"#
        return [
            .system("You call functions. Answer with JSON only."),
            .user("What is the weather in Rome for the next 2 days?"), .assistant(call),
            .user("What is the weather in Oslo for the next 5 days?"), .assistant(other), .user(question),
        ]
    }

    @Test("a tool is called with arguments that hold to its schema", arguments: [false, true])
    func tool(isStrict: Bool) async throws {
        let tool = try Tool(
            name: "get_weather", description: "The weather in a city",
            parameters: [
                "type": "object", "additionalProperties": false, "required": ["city", "days"],
                "properties": ["city": ["type": "string"], "days": ["type": "integer", "minimum": 1, "maximum": 7]],
            ], function: ToolFunction { _ in "sunny" })
        let generator = try chat([:], tools: [tool], strict: isStrict)
        let reply = try await generator.run(conversation("What is the weather in Paris for the next 3 days?")).replies[
            0]
        #expect(reply.toolCalls == [ToolCall(toolName: "get_weather", arguments: ["city": "Paris", "days": 3])])
        #expect(reply.meta["finish_reason"] == "tool_calls")
        guard isStrict else { return }
        // Not 30, which the schema does not allow.
        let other = try await generator.run(conversation("What is the weather in Paris for the next 30 days?")).replies[
            0]
        #expect(other.toolCalls.count == 1)
        #expect((1 ... 7).contains(other.toolCalls.first?.arguments["days"]?.int ?? 0), "\(other)")
    }

    @Test("a stop word ends a reply and is not part of it")
    func stop() async throws {
        let question = "What is the largest planet?"
        let whole = try #require(try await chat([:]).run(question).replies[0].text)
        let word = "solar system"
        // Replies have no white space at their ends.
        let before = try #require(whole.firstRange(of: " " + word)).lowerBound
        let reply = try await chat([:], stopWords: [word]).run(question).replies[0]
        #expect(reply.text == String(whole[..<before]))
        #expect(reply.meta["finish_reason"] == "stop")
    }

    /// Measured beside llama.cpp's types in Benchmarks/README.md, on another text.
    @Test(
        "int8 and int4 weights stay near f32",
        arguments: [(DType.int8, 0.01, 0.93), (.int4, 0.02, 0.9)])
    func quantized(dtype: DType, divergence limit: Double, agreement least: Double) throws {
        let local = try smolLM2.get().local
        let narrow = try LocalModel(folder: folder ?? "", on: CPUBackend(), dtype: dtype)
        var (sum, same, count) = (0.0, 0, 0)
        for item in try cases().enumerated().filter({ $0.offset % 4 == 0 }).map(\.element) {
            let text = try ids(item["input_ids"]) + ids(item["new_ids"])
            let expected = try local.model.allLogits(prompt: text, on: local.backend)
            let found = try narrow.model.allLogits(prompt: text, on: narrow.backend)
            let size = local.model.vocabularySize
            for start in stride(from: 0, to: expected.count, by: size) {
                let (p, q) = (expected[start ..< start + size], found[start ..< start + size])
                sum += self.divergence(Array(p), Array(q))
                same += p.indices.max { p[$0] < p[$1] } == q.indices.max { q[$0] < q[$1] } ? 1 : 0
                count += 1
            }
        }
        #expect(sum / Double(count) < limit, "\(sum / Double(count))")
        #expect(Double(same) / Double(count) > least, "\(same) of \(count)")
    }

    /// The Kullback-Leibler divergence of what logits stand for, in nats.
    private func divergence(_ p: [Float], _ q: [Float]) -> Double {
        func logSum(_ logits: [Float]) -> Double {
            let most = Double(logits.max() ?? 0)
            return most + log(logits.reduce(0) { $0 + exp(Double($1) - most) })
        }
        let (left, right) = (logSum(p), logSum(q))
        return zip(p, q).reduce(0) { sum, pair in
            let (a, b) = (Double(pair.0) - left, Double(pair.1) - right)
            return sum + exp(a) * (a - b)
        }
    }
}
