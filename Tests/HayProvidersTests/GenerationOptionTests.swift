import HayComponents
import HayJSON
import TestSupport
import Testing

@testable import HayProviders

@Suite("Generation options of remote components")
struct GenerationOptionTests {
    private static let refusal =
        #"{"error": "The following `model_kwargs` are not used by the model: ['top_k', 'watermark'] (note: typos)"}"#
    private static let reply = #"{"generated_text": "hi"}"#

    /// What a server that refuses so often before it answers was sent, and what came of each of the calls.
    private func prompts(
        refusing count: Int, options: GenerationKwargs, isStreamed: Bool = false, calls: Int = 1
    ) async throws -> (bodies: [JSON], outcomes: [String]) {
        let bodies = Collected<JSON>()
        let outcomes = Collected<String>()
        try await MockServer.run { request, reply in
            bodies.append(request.body ?? .null)
            let isRefused = bodies.all.count <= count
            try await reply.send(
                status: isRefused ? 400 : 200, isRefused ? GenerationOptionTests.refusal : GenerationOptionTests.reply)
        } _: { server in
            let generator = try HuggingFaceAPIGenerator(
                apiType: .textGenerationInference, apiParams: ["url": .string(server.url)], token: nil,
                generationKwargs: options, environment: [:])
            for _ in 0 ..< calls {
                do {
                    let callback = isStreamed ? StreamingCallback { _ in } : nil
                    outcomes.append(try await generator.run("x", streamingCallback: callback).replies[0])
                } catch let error as any ClassifiedError { outcomes.append(error.description) }
            }
        }
        return (bodies.all, outcomes.all)
    }

    private func names(_ body: JSON) -> [String] { body["parameters"]?.object?.keys.sorted() ?? [] }

    private let all = ["details", "max_new_tokens", "stop", "temperature", "top_k", "watermark"]
    private let used = ["details", "max_new_tokens", "stop", "temperature"]
    private let options: GenerationKwargs = ["top_k": 5, "watermark": true, "temperature": 0.5]

    @Test("what a server does not use is left out when it is asked again, and from then on")
    func unused() async throws {
        let twice = try await prompts(refusing: 2, options: options, calls: 2)
        #expect(twice.bodies.map(names) == [all, all, used, used])
        #expect(twice.outcomes == ["hi", "hi"])
        let once = try await prompts(refusing: 1, options: options, calls: 2)
        #expect(once.bodies.map(names) == [all, all, used])
        #expect(once.outcomes == ["hi", "hi"])
    }

    @Test("a server that uses none of the options, or keeps refusing, is not asked for ever")
    func stubborn() async throws {
        let always = try await prompts(refusing: 9, options: options)
        #expect(always.bodies.map(names) == [all, all, used])
        #expect(always.outcomes[0].contains("answered with status 400: The following `model_kwargs`"))
        let none = try await prompts(refusing: 9, options: [:])
        #expect(none.bodies.count == 3)
    }

    @Test("a server that does not use options cannot stream")
    func streaming() async throws {
        let found = try await prompts(refusing: 2, options: options, isStreamed: true)
        #expect(found.bodies.map(names) == [all, all])
        #expect(found.outcomes == ["\(ProviderError.noStreaming)"])
    }

    @Test("the names of options are read out of the refusal")
    func refusals() {
        #expect(UnusedOptions.names(in: GenerationOptionTests.refusal) == ["top_k", "watermark"])
        #expect(UnusedOptions.names(in: "The following `model_kwargs` are not used by the model: []") == [""])
        #expect(UnusedOptions.names(in: "The following `model_kwargs` are not used by the model: ['a'") == nil)
        #expect(UnusedOptions.names(in: "") == nil)
    }

    /// What is sent to OpenAI with some options.
    private func sent(_ options: GenerationKwargs, isStreamed: Bool = false) async throws -> MockServer.Request? {
        let requests = Collected<MockServer.Request>()
        try await MockServer.run { request, reply in
            requests.append(request)
            try await reply.send(
                #"{"model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "hi"}}]}"#)
        } _: { server in
            let generator = try OpenAIChatGenerator(
                apiKey: .token("none"), apiBaseURL: server.url, generationKwargs: options, environment: [:])
            _ = try await generator.run("Hi")
        }
        return requests.all.first
    }

    @Test("options that OpenAI's interface does not have are refused, and say where they go")
    func unknown() async throws {
        for name in ["top_k", "max_new_tokens"] {
            await #expect(throws: ProviderError.unknownGenerationOption(name)) { try await sent([name: 5]) }
        }
        let error = ProviderError.unknownGenerationOption("top_k")
        #expect(error.kind == .type && error.description.hasSuffix("what other servers take goes into 'extra_body'"))
        await #expect(throws: ProviderError.unknownGenerationOption("stream")) {
            try await sent(["stream": true, "response_format": ["type": "json_object"]])
        }
    }

    @Test("options that say how a request is sent are not part of its body")
    func sending() async throws {
        let request = try #require(
            try await sent([
                "extra_body": ["top_k": 5, "n": 7], "extra_headers": ["x-tenant": "a", "x-none": .null],
                "extra_query": ["k": "a b"], "timeout": 20, "stream": true, "response_format": [:],
            ]))
        let body = try #require(request.body?.object)
        #expect(body.keys.sorted() == ["messages", "model", "n", "stream", "top_k"])
        #expect(body["n"] == 7 && body["top_k"] == 5 && body["stream"] == false)
        #expect(request.headers.first(name: "x-tenant") == "a" && request.headers.first(name: "x-none") == nil)
        #expect(request.query["k"] == "a%20b" || request.query["k"] == "a b")
    }

    @Test("a schema keeps its definitions and what is null in it")
    func nestedSchema() async throws {
        let schema: JSON = [
            "type": "object", "properties": ["a": ["$ref": "#/$defs/A"]],
            "$defs": ["A": ["type": "object", "properties": ["b": ["type": ["string", "null"], "default": .null]]]],
        ]
        let format: JSON = ["type": "json_schema", "json_schema": ["name": "x", "schema": schema]]
        #expect(try await sent(["response_format": format])?.body?["response_format"] == format)
        let bodies = Collected<JSON>()
        try await MockServer.run { request, reply in
            bodies.append(request.body ?? .null)
            try await reply.send(#"{"choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "{}"}}]}"#)
        } _: { server in
            let generator = try HuggingFaceAPIChatGenerator(
                apiType: .textGenerationInference, apiParams: ["url": .string(server.url)], token: nil,
                generationKwargs: ["response_format": format], environment: [:])
            _ = try await generator.run("Hi")
        }
        #expect(bodies.all.first?["response_format"] == ["type": "json_object", "value": schema])
    }

    @Test("without a deployment of its own, Azure's is the one that the model names")
    func openDeployment() async throws {
        let paths = Collected<String>()
        try await MockServer.run { request, reply in
            paths.append(request.path)
            try await reply.send(
                #"{"model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "hi"}}]}"#)
        } _: { server in
            for deployment in [nil, "own"] {
                let generator = try AzureOpenAIChatGenerator(
                    azureEndpoint: server.url, azureDeployment: deployment, apiKey: .token("none"), environment: [:])
                for options in [[:], ["model": "other"]] as [GenerationKwargs] {
                    _ = try await generator.run("Hi", generationKwargs: options)
                }
            }
        }
        let names = ["gpt-4o-mini", "other", "own", "own"]
        #expect(paths.all == names.map { "/openai/deployments/\($0)/chat/completions" })
    }
}
