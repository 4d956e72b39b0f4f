import HayComponents
import HayGeneration
import HayJSON
import HaystackRecordings
import TestSupport
import Testing

@testable import Hayloft

/// The tools that tiny-zephyr knows.
func weatherTool(_ name: String? = nil) throws -> Tool {
    try Tool(
        name: "get_weather", description: "The weather in a city",
        parameters: ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]],
        function: ToolFunction(name) { arguments in
            arguments["city"] == "Paris" ? "18 degrees, sunny" : "7 degrees, cloudy"
        })
}

/// A chat generator on tiny-zephyr.
func zephyrChat(
    _ kwargs: GenerationKwargs = [:], tools: (any ToolSource)? = nil, strict: Bool = false, template: String? = nil,
    parser: ToolParser? = nil, thinks: Bool? = nil, variables: JSON.Object = [:]
) throws -> HuggingFaceLocalChatGenerator {
    let generator = try HuggingFaceLocalChatGenerator(
        model: "\(bundled)/tiny-zephyr", chatTemplate: template, generationKwargs: kwargs, tools: tools,
        toolsStrict: strict, toolParsingFunction: parser, enableThinking: thinks, chatTemplateKwargs: variables)
    try generator.warmUp(with: zephyr.get())
    return generator
}

@Suite("The local chat generator")
struct LocalChatTests {
    static let question = "What is the weather in Paris?"
    static let call = ToolCall(toolName: "get_weather", arguments: ["city": "Paris"])

    @Test("a message as text is answered, with what it took")
    func text() async throws {
        let reply = try await zephyrChat().run("Write 347 in words.").replies[0]
        #expect(reply.text == "three hundred forty-seven")
        #expect(reply.meta.keys == ["finish_reason", "index", "model", "usage"])
        #expect(reply.meta["finish_reason"] == "stop")
    }

    @Test("a tool is called, and the result is put into words", arguments: [false, true])
    func tool(isStrict: Bool) async throws {
        let generator = try zephyrChat(tools: [weatherTool()], strict: isStrict)
        let reply = try await generator.run(Self.question).replies[0]
        #expect(reply.toolCalls == [Self.call] && reply.text == nil)
        #expect(reply.meta["finish_reason"] == "tool_calls")
        let result = ChatMessage.tool("18 degrees, sunny", origin: reply.toolCalls[0])
        let answer = try await generator.run([.user(Self.question), reply, result]).replies[0]
        #expect(answer.text == "It is sunny and 18 degrees in Paris.")
    }

    @Test("a streamed call comes in pieces, its name first, and no piece of it as text", arguments: [false, true])
    func streamedTool(isStrict: Bool) async throws {
        let generator = try zephyrChat(tools: [weatherTool()], strict: isStrict)
        let chunks = try await generator.stream(Self.question).all()
        let deltas = chunks.flatMap { $0.toolCalls ?? [] }
        #expect(deltas.first == ToolCallDelta(index: 0, toolName: "get_weather"))
        #expect(deltas.count > 2 && deltas.dropFirst().allSatisfy { $0.toolName == nil })
        #expect(try JSON.parse(deltas.compactMap(\.arguments).joined()) == .object(Self.call.arguments))
        #expect(chunks.allSatisfy { $0.content.isEmpty })
        #expect(chunks.last?.finishReason == "tool_calls")
        let collected = Collected<StreamingChunk>()
        let reply = try await generator.run(Self.question, streamingCallback: collected.callback).replies[0]
        #expect(reply.toolCalls == [Self.call])
        #expect(collected.all.flatMap { $0.toolCalls ?? [] } == deltas)
        var assembly = ReplyAssembly()
        for chunk in chunks { assembly.add(chunk) }
        let assembled = try assembly.message()
        #expect(assembled.toolCalls.map(\.arguments) == [Self.call.arguments])
        #expect(assembled.meta["usage"] == reply.meta["usage"])
    }

    @Test("an agent calls tools and answers, streamed and not")
    func agent() async throws {
        let generator = try zephyrChat()
        let agent = try Agent(generator, tools: [weatherTool()])
        let result = try await agent.run(Self.question)
        #expect(result.lastMessage.text == "It is sunny and 18 degrees in Paris.")
        #expect(result.ending == .answered && result.steps == 2)
        #expect(result.messages.map(\.role) == [.user, .assistant, .tool, .assistant])
        let collected = Collected<StreamingChunk>()
        let streamed = try await agent.run(Self.question, streamingCallback: collected.callback)
        #expect(streamed.messages.map(\.text) == result.messages.map(\.text))
        #expect(collected.all.compactMap(\.toolCallResult).map(\.result) == ["18 degrees, sunny"])
        let chunks = try await agent.stream(Self.question).all()
        #expect(chunks.map(\.content) == collected.all.map(\.content))
    }

    @Test(
        "tools that are not needed leave the answer as it is, held to their schemas or not", arguments: [false, true])
    func unusedTool(isStrict: Bool) async throws {
        let generator = try zephyrChat(tools: [weatherTool()], strict: isStrict)
        let chunks = try await generator.stream("Write 347 in words.").all()
        #expect(chunks.map(\.content).joined() == "three hundred forty-seven")
        #expect(chunks.allSatisfy { $0.toolCalls == nil })
    }

    @Test("a strict call holds to the schema also where the model would not")
    func strict() async throws {
        let tool = try Tool(
            name: "get_weather", description: "The weather in a city",
            parameters: [
                "type": "object", "required": ["city", "days"], "additionalProperties": false,
                "properties": [
                    "city": ["enum": ["Oslo", "Rome"]], "days": ["type": "integer", "minimum": 2, "maximum": 5],
                ],
            ], function: ToolFunction { _ in "" })
        let generator = try zephyrChat(tools: [tool], strict: true)
        for seed in 0 ..< 10 {
            let kwargs: GenerationKwargs = ["temperature": 1.2, "seed": .int(seed), "num_return_sequences": 4]
            for reply in try await generator.run(Self.question, generationKwargs: kwargs).replies {
                for call in reply.toolCalls {
                    #expect(call.toolName == "get_weather")
                    #expect(["Oslo", "Rome"].contains(call.arguments["city"]))
                    #expect((2 ... 5).contains(call.arguments["days"]?.int ?? 0))
                }
            }
        }
        #expect(try await generator.run(Self.question).replies[0].toolCalls.count == 1)
    }

    @Test("a parser of the program's own finds calls, which a stream gives at its end")
    func parser() async throws {
        let parser = ToolParser { text in
            text.contains("seven") ? [ToolCall(toolName: "count", arguments: ["text": .string(text)])] : nil
        }
        let generator = try zephyrChat(tools: [weatherTool()], parser: parser)
        let reply = try await generator.run("Write 347 in words.").replies[0]
        #expect(reply.toolCalls.map(\.toolName) == ["count"])
        let chunks = try await generator.stream("Write 347 in words.").all()
        #expect(chunks.map(\.content).joined() == "three hundred forty-seven")
        #expect(chunks.flatMap { $0.toolCalls ?? [] }.map(\.toolName) == ["count"])
    }

    @Test("with the prompt in the reply, calls are looked for in what is new")
    func fullText() async throws {
        let generator = try zephyrChat(["return_full_text": true], tools: [weatherTool()])
        #expect(try await generator.run(Self.question).replies[0].toolCalls == [Self.call])
        let text = try #require(try await generator.run("Write 12 in words.").replies[0].text)
        #expect(text.hasPrefix("<|system|>") && text.hasSuffix("twelve"))
    }

    @Test("a special token before calls is seen by the parser and by the stream, and stands in no string")
    func specialMark() async throws {
        let folder = TemporaryFolder()
        for file in Fixtures.entries(of: "\(bundled)/tiny-zephyr") {
            let name = file.split(separator: "/").last.map(String.init) ?? ""
            let bytes = try #require(Fixtures.bytes(file))
            let isTokenizer = name == "tokenizer.json"
            let text =
                isTokenizer ? String(decoding: bytes, as: UTF8.self).replacing("<|tool|>", with: "[TOOL_CALLS]") : ""
            folder.write(isTokenizer ? Array(text.utf8) : bytes, to: name)
        }
        let local = try model(folder.path)
        let tokenizer = try local.tokenizer.get()
        let mark = try #require(tokenizer.id(of: "[TOOL_CALLS]"))
        let script = [mark] + tokenizer.encode("get_weather{\"city\": \"Paris\"}", addingSpecialTokens: false)
        let scripted = ScriptedModel([script], endToken: 2, vocabularySize: tokenizer.vocabularySize)
        let engine = TextEngine(local, tokenizer, Engine(scripted, on: local.backend))
        let generator = try zephyrChat(tools: [weatherTool()])
        try generator.warmUp(with: engine)
        #expect(try await generator.run(Self.question).replies[0].toolCalls == [Self.call])
        let deltas = try await generator.stream(Self.question).all().flatMap { $0.toolCalls ?? [] }
        #expect(deltas.first?.toolName == "get_weather")

        let string = try engine.constraint(.jsonSchema(["type": "string"]), local.generationDefaults)
        let strict = try #require(ReplyFormat(nil, tools: [weatherTool()], template: "[TOOL_CALLS]"))
        let calls = try engine.constraint(strict, local.generationDefaults)
        func isAllowed(_ constraint: any ReplyConstraint, after text: String) -> Bool {
            var logits = [Float](repeating: 0, count: tokenizer.vocabularySize)
            let reply = tokenizer.encode(text, addingSpecialTokens: false)
            constraint.apply(to: &logits, after: reply[...], remaining: 500)
            return logits[Int(mark)] == 0
        }
        #expect(!isAllowed(string, after: "\"a"))
        #expect(isAllowed(calls, after: "Let me see."))
    }

    @Test("the template sees what it may name: thinking, the component's variables, the call's")
    func templateVariables() async throws {
        let template =
            "<|user|>\n{{ 'Write 347 in words.' if enable_thinking and a == 1 and b == 2 else 'opposite: hot' }}</s>\n"
            + "<|assistant|>{{ '\\n' }}"
        let generator = try zephyrChat(template: template, thinks: true, variables: ["a": 1])
        let kwargs: GenerationKwargs = ["chat_template_kwargs": ["b": 2]]
        #expect(try await generator.run("x", generationKwargs: kwargs).replies[0].text == "three hundred forty-seven")
        #expect(try await generator.run("x").replies[0].text == "cold")
        let off: GenerationKwargs = ["chat_template_kwargs": ["b": 2], "enable_thinking": false]
        #expect(try await generator.run("x", generationKwargs: off).replies[0].text == "cold")
        let parameters = try #require(try generator.toDict()["init_parameters"])
        #expect(parameters["enable_thinking"] == true && parameters["chat_template_kwargs"] == ["a": 1])
    }

    @Test("a template that writes the begin token gets no second one")
    func beginToken() async throws {
        let written = try zephyrChat(template: "<s>{{ messages[0].content }}")
        let added = try zephyrChat(template: "{{ messages[0].content }}")
        let usage = { (generator: HuggingFaceLocalChatGenerator) in
            try await generator.run("three dogs").replies[0].meta["usage"]?["prompt_tokens"]?.int
        }
        #expect(try await usage(written) == usage(added))
    }

    @Test("a template that reads tools only in OpenAI's form gets them so")
    func wrappedTools() async throws {
        let template = """
            {%- for tool in tools %}{%- set tool = tool['function'] %}{{ tool.name + '?' }}{% endfor -%}
            """
        let loaded = try HuggingFaceLocalChatGenerator.Loaded(
            zephyr.get(), .init(chatTemplate: template, enableThinking: nil, variables: [:]))
        let specs = try [JSON.object(weatherTool().toolSpec)]
        #expect(try loaded.render([["role": "user", "content": "x"]], specs, [:]) == "get_weather?")
    }

    @Test("after a shutdown the model is gone until it is loaded again")
    func shutdown() async throws {
        let generator = try HuggingFaceLocalChatGenerator(model: "\(bundled)/tiny-zephyr")
        try await generator.warmUp()
        generator.shutdown()
        generator.shutdown()
        let error = await #expect(throws: LocalGeneratorError.self) { try await generator.run("x") }
        #expect(
            error?.description
                == "The generation model has not been loaded. Please call warm_up() before running.")
        try await generator.warmUp()
        #expect(try await generator.run("Write 12 in words.").replies[0].text == "twelve")
    }

    @Test("a component with tools, a parser and a callback is written, and read with a registry that has them")
    func files() throws {
        var registry = FunctionRegistry()
        let tool = try weatherTool("my.weather")
        let parser = ToolParser("my.parser") { _ in nil }
        let generator = try HuggingFaceLocalChatGenerator(
            model: "a/b", task: "text-generation", streamingCallback: .printChunk, tools: [tool], toolsStrict: true,
            toolParsingFunction: parser)
        let dictionary = try generator.toDict()
        let error = #expect(throws: ComponentError.self) {
            try HuggingFaceLocalChatGenerator.fromDict(dictionary, registry: registry)
        }
        #expect(error?.description == "No tool function named 'my.weather' is registered.")
        try registry.add(tool.function)
        try registry.add(parser)
        let again = try HuggingFaceLocalChatGenerator.fromDict(dictionary, registry: registry)
        #expect(try again.toDict() == dictionary)
        #expect(dictionary["init_parameters"]?["tools_strict"] == true)
    }

    @Test("createMessage makes calls of a text only where there are tools")
    func message() async throws {
        let generator = try zephyrChat()
        let text = "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}"
        let plain = try await generator.createMessage(text, meta: ["finish_reason": "stop"])
        #expect(plain.text == text && plain.meta["finish_reason"] == "stop")
        let called = try await generator.createMessage(
            text, meta: ["finish_reason": "length"], parsingCallsOf: [weatherTool()])
        #expect(called.toolCalls == [Self.call] && called.meta["finish_reason"] == "length")
    }
}
