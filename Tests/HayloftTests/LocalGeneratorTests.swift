import HayComponents
import HayGeneration
import HayJSON
import HayTensor
import HaystackRecordings
import TestSupport
import Testing

@testable import Hayloft

/// Prompts that tiny-zephyr was trained for, as its template writes them.
let questions = [
    "Write 347 in words.", "Write 8215 in words.", "Sort alphabetically: lemon apple train",
    "Reverse the words: fig sun map",
    "Translate into German: three dogs and two cats", "Write in capital letters: lemon train",
]

/// One engine of tiny-zephyr for tests that only read replies.
let zephyr = Result { try TextEngine(model("\(bundled)/tiny-zephyr")) }

/// A prompt with a question as tiny-zephyr expects it.
func zephyrPrompt(_ question: String) -> String { "<|user|>\n\(question)</s>\n<|assistant|>\n" }

/// A plain generator on tiny-zephyr.
func zephyrGenerator(
    _ kwargs: GenerationKwargs = [:], stopWords: [String]? = nil, callback: StreamingCallback? = nil
) throws -> HuggingFaceLocalGenerator {
    let generator = try HuggingFaceLocalGenerator(
        model: "\(bundled)/tiny-zephyr", generationKwargs: kwargs, stopWords: stopWords, streamingCallback: callback)
    generator.warmUp(with: try zephyr.get())
    return generator
}

extension ChunkStream {
    /// All chunks.
    func all() async throws -> [StreamingChunk] {
        var chunks: [StreamingChunk] = []
        for try await chunk in self { chunks.append(chunk) }
        return chunks
    }
}

@Suite("The local generator")
struct LocalGeneratorTests {
    @Test("it loads the model of a folder once, and answers what transformers answers")
    func answer() async throws {
        let generator = try HuggingFaceLocalGenerator(model: "\(bundled)/tiny-flan-t5")
        async let first: Void = generator.warmUp()
        async let second: Void = generator.warmUp()
        _ = try await (first, second)
        let replies = try await generator.run(prompt: "Write 347 in words.")
        #expect(replies.replies == ["three hundred forty-seven"])
        let prompt = try await generator.run("Write 347 in words.").meta[0]
        #expect(prompt["finish_reason"] == "stop" && prompt["model"] == .string("\(bundled)/tiny-flan-t5"))
    }

    @Test("the chunks of a stream are the reply, and the last one tells why it ended and what it took")
    func stream() async throws {
        let generator = try zephyrGenerator()
        let prompt = zephyrPrompt(questions[0])
        let reply = try await generator.run(prompt)
        let chunks = try await generator.stream(prompt).all()
        #expect(chunks.map(\.content).joined() == reply.replies[0])
        #expect(chunks.last?.finishReason == "stop")
        #expect(chunks.last?.meta == reply.meta[0])
        #expect(chunks.map(\.start) == chunks.indices.map { $0 == 0 })
        let tokenizer = try zephyr.get().tokenizer
        let usage = try #require(reply.meta[0]["usage"])
        #expect(usage["prompt_tokens"]?.int == tokenizer.encode(prompt).count)
        #expect(usage["completion_tokens"]?.int == tokenizer.encode(reply.replies[0], addingSpecialTokens: false).count)
    }

    @Test("where stop texts are looked for, a token's text travels with it, with beams at the end", arguments: [1, 3])
    func decodedOnce(beams: Int) async throws {
        let engine = try zephyr.get()
        var config = engine.local.generationDefaults
        config.stopStrings = ["never written"]
        config.beamCount = beams
        var request = GenerationRequest(prompt: engine.tokenizer.encode(zephyrPrompt(questions[0])), config: config)
        let expected = try await engine.generate(request).replies[0].text
        request.decoder = ReplyText(
            TextDecoding(
                tokenizer: engine.tokenizer, stops: ["never written"], showsSpecialTokens: false, keptTokens: [:]))
        var text = "", replies: [Reply] = []
        for try await event in try engine.engine.stream(request) {
            if case .token(let token, _) = event { text += try #require(token.text) }
            if case .reply(let whole) = event { replies.append(whole) }
        }
        let reply = try #require(replies.first)
        var decoded = try #require(reply.decoded?.decoder as? ReplyText)
        text += decoded.finish()
        #expect(decoded.tokenCount >= reply.tokens.count - 1 && decoded.reply(reply).text == expected)
        if beams == 1 { #expect(text == expected) }
    }

    @Test("a program's own decoder ends a reply, whose text is the engine's")
    func ownDecoder() async throws {
        struct EndsAfter: ReplyDecoder {
            var count: Int
            mutating func append(_ token: Int32) -> (text: String, isEnd: Bool) {
                count -= 1
                return ("?", count == 0)
            }
        }
        let engine = try zephyr.get()
        var request = GenerationRequest(
            prompt: engine.tokenizer.encode(zephyrPrompt(questions[0])), config: engine.local.generationDefaults)
        request.decoder = EndsAfter(count: 2)
        let reply = try await engine.generate(request).replies[0]
        #expect(reply.reply.tokens.count == 2 && reply.reply.hasStopText && reply.stopText == nil)
        #expect(reply.text == engine.tokenizer.decode(reply.reply.tokenIDs))
    }

    @Test("stop words end replies wherever they straddle tokens, and never reach the stream")
    func stopWords() async throws {
        var random = SeededRandom(seed: 5)
        let texts = try await questions.async { try await zephyrGenerator().run(zephyrPrompt($0)).replies[0] }
        for _ in 0 ..< 200 {
            let place = Int(random.uniform() * Double(texts.count))
            let text = Array(texts[place].unicodeScalars)
            let start = Int(random.uniform() * Double(text.count - 1))
            let count = 1 + Int(random.uniform() * Double(min(6, text.count - start)))
            var word = ""
            word.unicodeScalars.append(contentsOf: text[start ..< min(text.count, start + count)])
            let cut = try #require(texts[place].firstRange(of: word))
            let expected = String(texts[place][..<cut.lowerBound]).trimmedEnd
            let collected = Collected<StreamingChunk>()
            let generator = try zephyrGenerator(stopWords: [word, "never written"], callback: collected.callback)
            let reply = try await generator.run(zephyrPrompt(questions[place]))
            #expect(reply.replies == [expected], "stop word '\(word)'")
            #expect(reply.meta[0]["finish_reason"] == "stop")
            #expect(collected.text.trimmedEnd == expected && !collected.text.contains(word))
            let streamed = try await generator.stream(zephyrPrompt(questions[place])).all()
            #expect(streamed.map(\.content).joined() == expected)
        }
    }

    @Test("arguments of pipelines that change nothing are passed over, others refused")
    func pipelineArguments() async throws {
        let passive: GenerationKwargs = [
            "batch_size": 8, "num_workers": 2, "clean_up_tokenization_spaces": true, "truncation": false, "prefix": "",
            "streamer": .null, "generation_config": .null, "max_new_tokens": 3,
        ]
        let generator = try zephyrGenerator(passive)
        #expect(try await generator.run("Once").replies.count == 1)
        for wrong: GenerationKwargs in [["truncation": true], ["streamer": "x"], ["prefix": "Say: "], ["my_option": 1]]
        {
            let error = await #expect(throws: GenerationError.self) {
                try await generator.run(prompt: "Once", generationKwargs: wrong)
            }
            #expect(error?.kind == .value && error?.description.hasSuffix("is not a generation option") == true)
        }
    }

    @Test("several replies are streamed side by side, each chunk with the index of its reply")
    func severalReplies() async throws {
        let kwargs: GenerationKwargs = [
            "num_return_sequences": 3, "temperature": 2.0, "seed": 3, "max_new_tokens": 12, "min_new_tokens": 8,
        ]
        let generator = try zephyrGenerator(kwargs)
        let replies = try await generator.run("Once").replies
        let chunks = try await generator.stream("Once").all()
        #expect(replies.count == 3 && Set(replies).count > 1)
        for index in 0 ..< 3 {
            let own = chunks.filter { $0.meta["index"] == .int(index) }
            #expect(own.map(\.content).joined() == replies[index])
            #expect(own.filter(\.start).count == 1 && own.last?.finishReason != nil)
        }
    }

    @Test("a temperature is enough to draw; do_sample decides where it is given")
    func drawing() async throws {
        let plain: GenerationKwargs = ["max_new_tokens": 12, "min_new_tokens": 8]
        let greedy = try await zephyrGenerator(plain).run("Once").replies
        let drawn = plain.overlaid(by: ["temperature": 2.0, "seed": 3])
        #expect(try await zephyrGenerator(drawn).run("Once").replies != greedy)
        let decided = drawn.overlaid(by: ["do_sample": false])
        #expect(try await zephyrGenerator(decided).run("Once").replies == greedy)
    }

    @Test("calls at the same time give what they give alone")
    func concurrency() async throws {
        let generator = try zephyrGenerator()
        let alone = try await questions.async { try await generator.run(zephyrPrompt($0)).replies }
        let together = try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for round in 0 ..< 24 {
                group.addTask {
                    let place = round % questions.count
                    return (place, try await generator.run(zephyrPrompt(questions[place])).replies)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (place, replies) in together { #expect(replies == alone[place]) }
    }

    @Test("a callback that throws, a dropped stream and a cancelled task end the work")
    func ends() async throws {
        struct Enough: Error {}
        let engine = try TextEngine(model("\(bundled)/tiny-zephyr"))
        let generator = try zephyrGenerator(["max_new_tokens": 900, "eos_token_id": 0])
        generator.warmUp(with: engine)
        await #expect(throws: Enough.self) {
            try await generator.run("Once", streamingCallback: StreamingCallback { _ in throw Enough() })
        }
        for try await _ in generator.stream("Once") { break }
        let task = Task { try await generator.run("Once") }
        try await Task.sleep(for: .milliseconds(5))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        engine.engine.forgetPrefixes()
        for _ in 0 ..< 200 where await engine.engine.usedBlockCount() > 0 {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(await engine.engine.usedBlockCount() == 0)
    }

    @Test("a name is looked up in the local cache, and its task in its configuration")
    func hubName() async throws {
        let cache = HubCache()
        cache.add("acme/tiny", linkingTo: "\(bundled)/tiny-flan-t5")
        let generator = try HuggingFaceLocalGenerator(model: "acme/tiny", environment: cache.environment)
        #expect(
            try generator.toDict()["init_parameters"]?["huggingface_pipeline_kwargs"]?["task"] == "text2text-generation"
        )
        try await generator.warmUp()
        #expect(try await generator.run("Write 12 in words.").replies == ["twelve"])
        let revision = try HuggingFaceLocalGenerator(
            model: "acme/tiny", huggingfacePipelineKwargs: ["revision": "v2", "use_auth_token": "secret"],
            environment: cache.environment)
        #expect(try !revision.toDict().description.contains("secret"))
        let error = await #expect(throws: ModelLocationError.self) { try await revision.warmUp() }
        #expect(error?.description.contains("'hf download acme/tiny --revision v2'") == true)
        let absent = try HuggingFaceLocalGenerator(model: "acme/other", environment: cache.environment)
        await #expect(throws: ModelLocationError.notCached("acme/other", cache: cache.folder.path)) {
            try await absent.warmUp()
        }
    }

    @Test(
        "options of the pipeline that mean nothing here are an error when the model is loaded",
        arguments: [
            (["device": "cuda:0"], "the device 'cuda:0' is not supported; use 'cpu', or leave it out"),
            (["device_map": ["": 1]], "the device 'cuda:1' is not supported; use 'cpu', or leave it out"),
            (
                ["quantization_config": ["load_in_4bit": true]],
                "the option 'quantization_config' of huggingface_pipeline_kwargs has no meaning here: models are loaded as "
                    + "their folder says"
            ),
            (
                ["model_kwargs": ["load_in_8bit": true]],
                "the option 'model_kwargs.load_in_8bit' of huggingface_pipeline_kwargs has no meaning here: models are "
                    + "loaded as their folder says"
            ),
            (
                ["torch_dtype": "torch.int7"],
                "'torch_dtype' must be auto, float32, float16 or bfloat16, found \"torch.int7\""
            ),
            (
                ["framework": "tf"],
                "the option 'framework' of huggingface_pipeline_kwargs has no meaning here: checkpoints are read as for 'pt'"
            ),
        ] as [(JSON.Object, String)])
    func pipelineOptions(kwargs: JSON.Object, message: String) async throws {
        let generator = try HuggingFaceLocalGenerator(
            model: "\(bundled)/tiny-zephyr", huggingfacePipelineKwargs: kwargs)
        let error = await #expect(throws: LocalGeneratorError.self) { try await generator.warmUp() }
        #expect(error?.description == message)
    }

    @Test("of a multimodal checkpoint the text model generates text", arguments: ["gemma3", "mistral3"])
    func textPart(name: String) throws {
        let folder = try #require(Fixtures.entries(of: golden).first { $0.contains("\(name)-multimodal") })
        #expect(try ModelTask.name(ofModelIn: folder) == "text-generation")
    }

    @Test("a task that is not the model's is an error that says which is")
    func wrongTask() async throws {
        let path = "\(bundled)/tiny-zephyr"
        let generator = try HuggingFaceLocalGenerator(model: path, task: "text2text-generation")
        let error = await #expect(throws: LocalGeneratorError.self) { try await generator.warmUp() }
        #expect(
            error?.description
                == "the task is 'text2text-generation', but the model in \(path) does 'text-generation'; leave the task out"
        )
    }

    @Test("options that are none, and formats that are none, are errors before anything is generated")
    func options() async throws {
        let generator = try zephyrGenerator()
        await #expect(throws: GenerationError.unknownOption("max_tokens", nearest: "max_new_tokens")) {
            try await generator.run("Once", generationKwargs: ["max_tokens": 3])
        }
        await #expect(
            throws: LocalGeneratorError.wrongOption("return_full_text", expected: "true or false", found: "1")
        ) {
            try await generator.run("Once", generationKwargs: ["return_full_text": 1])
        }
        let error = await #expect(throws: ComponentError.self) {
            try await generator.run("Once", generationKwargs: ["response_format": ["type": "xml"]])
        }
        #expect(error?.description == "response_format: the type is 'xml', expected text, json_object or json_schema")
    }

    @Test("weights may be widened or narrowed")
    func dtype() async throws {
        let generator = try HuggingFaceLocalGenerator(
            model: "\(bundled)/tiny-flan-t5", huggingfacePipelineKwargs: ["torch_dtype": "torch.float32"])
        try await generator.warmUp()
        #expect(try await generator.run("Write 347 in words.").replies == ["three hundred forty-seven"])
    }
}

extension Array where Element: Sendable {
    /// One after the other.
    func async<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
