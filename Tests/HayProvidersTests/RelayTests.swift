import HayComponents
import HayJSON
import HaystackRecordings
import Synchronization
import TestSupport
import Testing

@testable import HayProviders

/// A generator that does as a test says, and is no server.
struct ScriptedGenerator: ChatGenerator, TextGenerator {
    static let type = "tests.ScriptedGenerator"
    typealias Work = @Sendable (_ prompt: String, _ sink: (String) async throws -> Void) async throws -> Void

    var streamingCallback: StreamingCallback?
    let work: Work

    init(callback: StreamingCallback? = nil, _ work: @escaping Work) {
        streamingCallback = callback
        self.work = work
    }

    /// What it says piece by piece, joined.
    private func text(_ prompt: String, _ callback: StreamingCallback?) async throws -> String {
        var text = ""
        try await work(prompt) { piece in
            text += piece
            try await (callback ?? streamingCallback)?(StreamingChunk(text: piece))
        }
        return text
    }

    func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?,
        tools: (any ToolSource)?
    ) async throws -> ChatReplies {
        let text = try await text(messages.last?.text ?? "", streamingCallback)
        return ChatReplies(replies: [.assistant(text, meta: ["model": "scripted"])])
    }

    func run(
        prompt: String, streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?
    ) async throws -> TextReplies {
        TextReplies(replies: [try await text(prompt, streamingCallback)], meta: [["model": "scripted"]])
    }

    func stream(_ prompt: String, generationKwargs: GenerationKwargs?) -> ChunkStream {
        ChunkStream { yield in try await work(prompt) { yield(StreamingChunk(text: $0)) } }
    }

    func stream(_ messages: [ChatMessage], generationKwargs: GenerationKwargs?, tools: (any ToolSource)?) -> ChunkStream
    {
        stream(messages.last?.text ?? "", generationKwargs: nil)
    }

    func toDict() throws -> JSON { ["type": .string(Self.type), "init_parameters": [:]] }
    static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> ScriptedGenerator { saying("read") }

    static func saying(_ pieces: String...) -> ScriptedGenerator {
        ScriptedGenerator { _, sink in for piece in pieces { try await sink(piece) } }
    }

    static func failing(_ error: any Error, after pieces: String...) -> ScriptedGenerator {
        ScriptedGenerator { _, sink in
            for piece in pieces { try await sink(piece) }
            throw error
        }
    }

    static let hanging = ScriptedGenerator { _, _ in try await Task.sleep(for: .seconds(600)) }
}

/// A generator whose stream ends as those of components do.
struct EndingGenerator: ChatGenerator {
    static let type = "tests.EndingGenerator"
    let base: ScriptedGenerator

    init(_ base: ScriptedGenerator) { self.base = base }

    func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?,
        tools: (any ToolSource)?
    ) async throws -> ChatReplies { ChatReplies(replies: []) }

    func stream(_ messages: [ChatMessage], generationKwargs: GenerationKwargs?, tools: (any ToolSource)?) -> ChunkStream
    {
        ChunkStream(of: Self.type) { sink in
            try await base.work("") { try await sink(StreamingChunk(text: $0)) }
            return [.assistant("", meta: ["finish_reason": "stop"])]
        }
    }

    func toDict() throws -> JSON { .null }
    static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> EndingGenerator {
        EndingGenerator(.saying())
    }
}

private let broken = RemoteError.connection(url: "http://a", reason: "refused")
private let wrong = ProviderError.streamedReplies

@Suite("Generators in each other's place")
struct FallbackTests {
    private func text(_ stream: ChunkStream) async throws -> String {
        var text = ""
        for try await chunk in stream { text += chunk.content }
        return text
    }

    @Test("the first that can answers, and its reply tells who failed before")
    func order() async throws {
        let warnings = CollectedWarnings()
        let generator = try FallbackChatGenerator(
            [ScriptedGenerator.failing(broken), ScriptedGenerator.failing(wrong), ScriptedGenerator.saying("Hi", "!")],
            logger: warnings.logger)
        let reply = try await generator.run("Hello").replies[0]
        #expect(reply.text == "Hi!")
        #expect(
            reply.meta == [
                "model": "scripted", "successful_chat_generator_index": 2,
                "successful_chat_generator_class": "tests.ScriptedGenerator", "total_attempts": 3,
                "failed_chat_generators": ["tests.ScriptedGenerator", "tests.ScriptedGenerator"],
            ])
        #expect(warnings.all.count == 2)
        #expect(warnings.all.first == "tests.ScriptedGenerator has not answered: no answer from http://a: refused")
        #expect(try await text(generator.stream("Hello")) == "Hi!")
        let plain = try FallbackGenerator([ScriptedGenerator.failing(broken), ScriptedGenerator.saying("A", "B")])
        #expect(try await plain.run("Hello").replies == ["AB"])
        #expect(try await plain.run("Hello").meta[0]["total_attempts"] == 2)
        #expect(try await text(plain.stream("Hello")) == "AB")
    }

    @Test("only the errors of the rule make another answer")
    func kinds() async throws {
        let rule = FallbackRule(kinds: [.timeout, .connection])
        let generators = { (error: any Error) in
            [ScriptedGenerator.failing(error), ScriptedGenerator.saying("Hi")] as [any ChatGenerator]
        }
        #expect(try await FallbackChatGenerator(generators(broken), rule: rule).run("Hi").replies[0].text == "Hi")
        let strict = try FallbackChatGenerator(generators(wrong), rule: rule)
        await #expect(throws: wrong) { try await strict.run("Hi") }
    }

    @Test("where all fail the error tells of each")
    func all() async throws {
        let generator = try FallbackGenerator([ScriptedGenerator.failing(wrong), ScriptedGenerator.failing(broken)])
        do {
            _ = try await generator.run("Hi")
            Issue.record("no error")
        } catch let error as RelayError {
            #expect(error.kind == .connection)
            #expect(
                "\(error)" == "All 2 generators have failed: tests.ScriptedGenerator (0): Cannot stream multiple "
                    + "responses, please set n=1.; tests.ScriptedGenerator (1): no answer from http://a: refused")
        }
        #expect(throws: RelayError.self) { try FallbackGenerator([]) }
    }

    @Test("one that takes too long is given up, but not one whose reply has begun")
    func timeout() async throws {
        let generator = try FallbackChatGenerator(
            [ScriptedGenerator.hanging, ScriptedGenerator.saying("Hi")], rule: FallbackRule(timeout: 3))
        #expect(try await generator.run("Hi").replies[0].text == "Hi")
        #expect(try await text(generator.stream("Hi")) == "Hi")
        let slow = ScriptedGenerator { _, sink in
            try await sink("slow")
            try await Task.sleep(for: .seconds(4))
            try await sink(" reply")
        }
        let patient = try FallbackChatGenerator(
            [slow, ScriptedGenerator.saying("other")], rule: FallbackRule(timeout: 3))
        #expect(try await text(patient.stream("Hi")) == "slow reply")
        let chunks = Collected<StreamingChunk>()
        let reply = try await patient.run("Hi", streamingCallback: chunks.callback).replies[0]
        #expect(reply.text == "slow reply" && chunks.text == "slow reply")
    }

    @Test("a reply that has begun is not put together of two")
    func half() async throws {
        let generator = try FallbackChatGenerator([
            ScriptedGenerator.failing(broken, after: "Half"), ScriptedGenerator.saying("other"),
        ])
        var text = ""
        do {
            for try await chunk in generator.stream("Hi") { text += chunk.content }
            Issue.record("no error")
        } catch { #expect(error as? RemoteError == broken) }
        #expect(text == "Half")
        // Without a stream nothing has been given on, so another may answer.
        #expect(try await generator.run("Hi").replies[0].text == "other")
    }

    @Test("a reply that went to a member's own callback is not put together of two either")
    func ownCallbacks() async throws {
        let chunks = Collected<StreamingChunk>()
        let first = ScriptedGenerator(callback: chunks.callback) { _, sink in
            try await sink("Half")
            throw broken
        }
        let second = ScriptedGenerator(callback: chunks.callback) { _, sink in try await sink("other") }
        await #expect(throws: broken) { try await FallbackChatGenerator([first, second]).run("Hi") }
        #expect(chunks.text == "Half")
    }

    @Test("a stream's last chunk tells who answered")
    func lastChunk() async throws {
        let ending = EndingGenerator(.saying("Hi"))
        let generator = try FallbackChatGenerator([ScriptedGenerator.failing(broken), ending])
        var last: StreamingChunk?
        for try await chunk in generator.stream("Hi") { last = chunk }
        #expect(last?.meta["successful_chat_generator_index"] == 1 && last?.meta["total_attempts"] == 2)
    }

    @Test("times that are none are refused, and no limit is none")
    func times() async throws {
        let members: [any ChatGenerator] = [ScriptedGenerator.saying("Hi")]
        for timeout in [-1, .nan, -.infinity] as [Double] {
            #expect(throws: ProviderError.self) {
                try FallbackChatGenerator(members, rule: FallbackRule(timeout: timeout))
            }
            #expect(throws: ProviderError.self) { try ChatGeneratorPool(members, timeout: timeout) }
            #expect(throws: ProviderError.self) { try ChatGeneratorPool(members, longestRest: timeout) }
        }
        for timeout in [.infinity, 1e300] as [Double] {
            let generator = try FallbackChatGenerator(members, rule: FallbackRule(timeout: timeout))
            #expect(try await generator.run("Hi").replies[0].text == "Hi")
            _ = try ChatGeneratorPool(members, longestRest: timeout)
        }
    }

    @Test("cancelling ends all")
    func cancelling() async throws {
        let asked = Collected<Int>()
        let second = ScriptedGenerator { _, _ in asked.append(1) }
        let generator = try FallbackChatGenerator([ScriptedGenerator.hanging, second])
        let task = Task { try await generator.run("Hi") }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        let result = await task.result
        #expect(throws: CancellationError.self) { try result.get() }
        #expect(asked.all.isEmpty)
    }

    @Test("files hold the generators and the rule")
    func files() throws {
        let key = Secret.environment("PATH")
        let remote = try OpenAIChatGenerator(apiKey: key, model: "m")
        let rule = FallbackRule(kinds: [.timeout, .httpStatus], timeout: 2.5)
        let generator = try FallbackChatGenerator([ScriptedGenerator.saying("x"), remote], rule: rule)
        let data = try generator.toDict()
        #expect(data["init_parameters"]?["kinds"] == ["http_status", "timeout"])
        var registry = FunctionRegistry()
        #expect(throws: ComponentError.unknownComponent(name: "tests.ScriptedGenerator", place: "chat_generators")) {
            try FallbackChatGenerator.fromDict(data, registry: registry)
        }
        registry.add(component: ScriptedGenerator.self)
        let read = try FallbackChatGenerator.fromDict(data, registry: registry)
        #expect(read.rule == rule && read.generators.count == 2)
        #expect(try read.toDict() == data)
        let pool = try ChatGeneratorPool([remote, remote], timeout: 3)
        #expect(try ChatGeneratorPool.fromDict(pool.toDict(), registry: registry).toDict() == pool.toDict())
        let plain = try GeneratorPool([ScriptedGenerator.saying("x")])
        #expect(try GeneratorPool.fromDict(plain.toDict(), registry: registry).toDict() == plain.toDict())
        let texts = try FallbackGenerator([ScriptedGenerator.saying("x")])
        #expect(try FallbackGenerator.fromDict(texts.toDict(), registry: registry).toDict() == texts.toDict())
        let wrongKind: JSON = [
            "type": .string(FallbackGenerator.type), "init_parameters": ["generators": [], "kinds": ["nope"]],
        ]
        #expect(throws: ComponentError.self) { try FallbackGenerator.fromDict(wrongKind, registry: registry) }
    }
}

@Suite("Pools of equal generators")
struct PoolTests {
    @Test("work goes to who has least, and equals take turns")
    func loads() throws {
        let order = try LeastLoaded(count: 3, longestRest: 30)
        let first = (0 ..< 3).compactMap { _ in order.begin(after: []) }
        #expect(first == [0, 1, 2])
        order.end(1, error: nil)
        #expect(order.begin(after: []) == 1)
        #expect(order.workCounts == [1, 1, 1])
        for index in 0 ..< 3 { order.end(index, error: nil) }
        #expect((0 ..< 4).compactMap { _ in order.begin(after: []) } == [2, 0, 1, 2])
    }

    @Test("who fails rests, each time longer, and is asked when there is nobody else")
    func rests() throws {
        let start = ContinuousClock.now, time = Mutex(0.0)
        let order = try LeastLoaded(count: 2, longestRest: 3) { start + .seconds(time.withLock { $0 }) }
        func turn(_ error: (any Error)?) -> Int? {
            let index = order.begin(after: [])
            index.map { order.end($0, error: error) }
            return index
        }
        #expect(turn(broken) == 0)
        #expect([turn(nil), turn(nil)] == [1, 1])
        time.withLock { $0 = 1.1 }
        #expect(turn(broken) == 0)  // two seconds this time
        time.withLock { $0 = 2.5 }
        #expect(turn(broken) == 1)  // one second, until 3.5
        #expect(turn(nil) == 0)  // both rest, and this one wakes first
        #expect(order.begin(after: [1]) == 0)
        order.end(0, error: nil)
        #expect(order.begin(after: [0]) == 1)
    }

    @Test("only what is a replica's own fault is tried on another")
    func faults() {
        func status(_ code: Int) -> RemoteError { .status(remoteStatus(code)) }
        func generation(_ type: String) -> RemoteError { .generation(type: type, message: "", status: nil) }
        let own: [any Error] = [
            status(500), status(429), RemoteError.timedOut(url: ""), broken, generation("overloaded"),
            generation("incomplete_generation"), RelayError.noAnswer(timeout: 1),
            RemoteError.inReply(url: "", message: "", body: ["type": "server_error"]),
            RemoteError.invalidReply(url: "", reason: ""),
            RelayError.allFailed([RelayError.Failure(index: 0, name: "", error: broken)]),
        ]
        let callers: [any Error] = [
            status(400), status(401), generation("validation"), wrong, RemoteError.invalidRequest(reason: ""),
            RemoteError.unfinishedFormat(reason: ""),
            RemoteError.inReply(url: "", message: "", body: ["type": "invalid_request_error"]),
            RelayError.allFailed([RelayError.Failure(index: 0, name: "", error: wrong)]), CancellationError(),
        ]
        #expect(own.allSatisfy(LeastLoaded.isMembersFault) && !callers.contains(where: LeastLoaded.isMembersFault))
    }

    @Test("a replica that fails is replaced, wrong options are not tried twice")
    func replicas() async throws {
        let answered = Collected<String>()
        let good: MockServer.Answer = { request, reply in
            if request.body?["n"] == 7 { return try await reply.send(status: 400, "{\"error\":{\"message\":\"n\"}}") }
            answered.append("good")
            try await reply.send(textReply("Hello"))
        }
        let bad: MockServer.Answer = { _, reply in
            answered.append("bad")
            try await reply.send(status: 503, "")
        }
        try await MockServer.run(bad) { sick in
            try await MockServer.run(good) { healthy in
                let pool = try ChatGeneratorPool([sick.url, healthy.url]) { address in
                    try OpenAIChatGenerator(
                        apiKey: .token("k"), apiBaseURL: address, maxRetries: 0, environment: [:])
                }
                for _ in 0 ..< 5 { #expect(try await pool.run("Hi").replies[0].text == "Hello") }
                #expect(answered.all.filter { $0 == "bad" }.count <= 3 && answered.all.first == "bad")
                await #expect(throws: RemoteError.self) { try await pool.run("Hi", generationKwargs: ["n": 7]) }
                #expect(healthy.requests.count == 6)
            }
        }
    }

    @Test("a crowd is spread over the replicas")
    func crowd() async throws {
        let answer: MockServer.Answer = { _, reply in
            try await Task.sleep(for: .milliseconds(20))
            try await reply.send(textReply("Hello"))
        }
        try await MockServer.run(answer) { first in
            try await MockServer.run(answer) { second in
                let pool = try ChatGeneratorPool([first.url, second.url]) { address in
                    try OpenAIChatGenerator(apiKey: .token("k"), apiBaseURL: address, environment: [:])
                }
                let texts = try await withThrowingTaskGroup(of: String?.self) { group in
                    for _ in 0 ..< 60 { group.addTask { try await pool.run("Hi").replies[0].text } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(texts == Array(repeating: "Hello", count: 60))
                #expect(abs(first.requests.count - second.requests.count) < 30)
                #expect(first.requests.count + second.requests.count == 60)
            }
        }
    }
}
