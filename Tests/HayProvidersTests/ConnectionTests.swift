import HayComponents
import HayJSON
import TestSupport
import Testing

@testable import HayProviders

@Suite("Connections to servers")
struct ConnectionTests {
    private func answering(_ text: String = "Hello") -> MockServer.Answer {
        { request, reply in
            guard request.body?["stream"] == true else { return try await reply.send(textReply(text)) }
            try await reply.beginStream()
            try await reply.event(textEvent(text))
            try await reply.event("[DONE]")
            try await reply.endStream()
        }
    }

    @Test("a connection is used again, and closed when its generator is let go")
    func reuse() async throws {
        try await MockServer.run(answering()) { server in
            do {
                let generator = try chatGenerator(server)
                for _ in 0 ..< 3 {
                    #expect(try await generator.run("Hi").replies[0].text == "Hello")
                    for try await _ in generator.stream("Hi") {}
                    try await Task.sleep(for: .milliseconds(20))  // the end of the stream is on its way
                }
            }
            #expect(server.totalConnections == 1)
            #expect(try await server.eventually { $0.openConnections == 0 })
        }
    }

    @Test("a stream that goes on after its end costs its connection, not the reader's time")
    func afterTheEnd() async throws {
        try await MockServer.run { request, reply in
            try await reply.beginStream()
            try await reply.event(textEvent("Hello"))
            try await reply.event("[DONE]")
            if request.headers.contains(name: "x-flood") {
                while true { try await reply.piece([UInt8](repeating: 10, count: 1 << 16)) }
            }
            try await Task.sleep(for: .seconds(60))
        } _: { server in
            for kwargs in [["headers": ["x-flood": "1"]], [:]] as [JSON.Object] {
                let generator = try chatGenerator(server, kwargs: kwargs)
                #expect(try await generator.run("Hi", streamingCallback: .init { _ in }).replies[0].text == "Hello")
                #expect(try await server.eventually { $0.openConnections == 0 })
                _ = generator
            }
            let generator = try chatGenerator(server)
            let start = ContinuousClock.now
            let replies = try await generator.run("Hi", streamingCallback: StreamingCallback { _ in })
            #expect(replies.replies[0].text == "Hello")
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(try await server.eventually { $0.openConnections == 0 })
            _ = generator
        }
    }

    @Test("cancelling closes the connection: before the reply, within a stream, within a pause before a retry")
    func cancelling() async throws {
        let answers: [MockServer.Answer] = [
            { _, _ in try await Task.sleep(for: .seconds(60)) },
            { _, reply in
                try await reply.beginStream()
                try await reply.event(textEvent("Hello"))
                try await Task.sleep(for: .seconds(60))
            },
            { _, reply in try await reply.send(status: 503, headers: [("retry-after", "50")], "") },
        ]
        for (index, answer) in answers.enumerated() {
            try await MockServer.run(answer) { server in
                let generator = try chatGenerator(server, retries: 5)
                let begun = Collected<Bool>()
                let task = Task {
                    let callback = StreamingCallback { _ in begun.append(true) }
                    return try await generator.run("Hi", streamingCallback: index == 1 ? callback : nil)
                }
                #expect(try await server.eventually { $0.requests.count == 1 && (index != 1 || !begun.all.isEmpty) })
                task.cancel()
                let result = await task.result
                #expect(throws: CancellationError.self) { try result.get() }
                if index < 2 { #expect(try await server.eventually { $0.openConnections == 0 }) }
                #expect(server.requests.count == 1)
                _ = generator
            }
        }
    }

    @Test("dropping a stream closes the connection")
    func dropping() async throws {
        try await MockServer.run(onAndOn) { server in
            let generator = try chatGenerator(server)
            for try await _ in generator.stream("Hi") { break }
            #expect(try await server.eventually { $0.openConnections == 0 })
            _ = generator
        }
    }

    @Test("a reader that stops makes the server wait, in flat memory")
    func slowReaderInFlatMemory() async throws {
        let sent = Collected<Int>()
        let events = Array(String(repeating: "data: \(textEvent("x"))\n\n", count: 1000).utf8)
        try await MockServer.run { _, reply in
            try await reply.beginStream()
            for _ in 0 ..< 400 {
                try await reply.piece(events)
                sent.append(1)
            }
            try await reply.event("[DONE]")
            try await reply.endStream()
        } _: { server in
            let memory = MemoryWatch()
            let generator = try chatGenerator(server)
            var count = 0
            for try await chunk in generator.stream("Hi") {
                if count % 50_000 == 0 {
                    try await Task.sleep(for: .milliseconds(300))
                    memory.note()
                }
                if count == 0 { #expect(sent.all.count < 350) }
                count += chunk.content.count
            }
            #expect(count == 400_000)
            #expect(memory.growth < 32 << 20)
        }
    }

    @Test("each request is made anew, and may be allowed anew")
    func tokens() async throws {
        let tokens = Collected<String>()
        try await MockServer.run { request, reply in
            tokens.append(request.headers.first(name: "authorization") ?? "")
            guard tokens.all.count > 2 else { return try await reply.send(status: 503, "") }
            try await reply.send(textReply("Hello"))
        } _: { server in
            let count = Collected<Int>()
            let provider = TokenProvider {
                count.append(1)
                return "token-\(count.all.count)"
            }
            let generator = try AzureOpenAIGenerator(
                azureEndpoint: server.url, azureADTokenProvider: provider, environment: [:])
            var outside = Outside()
            outside.sleep = { _ in }
            try await Outside.$current.withValue(outside) { _ = try await generator.run("Hi") }
            #expect(tokens.all == ["Bearer token-1", "Bearer token-2", "Bearer token-3"])
        }
        let empty = try AzureOpenAIGenerator(
            azureEndpoint: "http://127.0.0.1:1", azureADTokenProvider: TokenProvider { "" }, environment: [:])
        await #expect(throws: ProviderError.emptyToken) { try await empty.run("Hi") }
    }

    @Test("what allows a request is in no error, and cannot bring in another header")
    func secrets() async throws {
        try await MockServer.run { request, reply in
            let key = request.headers.first(name: "authorization") ?? ""
            try await reply.send(status: 400, JSON.object(["error": ["message": .string("no: \(key)")]]).text())
        } _: { server in
            let generator = try chatGenerator(server)
            do {
                _ = try await generator.run("Hi")
                Issue.record("no error")
            } catch {
                #expect("\(error)".contains("no: Bearer ***") && !"\(error)".contains("secret"))
                #expect(!String(reflecting: error).contains("very-secret"))
            }
            let azure = try AzureOpenAIChatGenerator(
                azureEndpoint: server.url, apiKey: .token("sk-very-secret"),
                defaultHeaders: ["Ocp-Apim-Subscription-Key": "very-secret-header"],
                httpClientKwargs: ["auth": ["me", "very-secret-word"]], environment: [:])
            let hub = try HuggingFaceAPIGenerator(
                apiType: .textGenerationInference,
                apiParams: ["url": .string(server.url), "headers": ["x-key": "very-secret"]],
                token: .token("very-secret"), environment: [:])
            for component in [generator, azure, hub] as [any RemoteComponent] {
                var dumped = ""
                dump(component, to: &dumped)
                #expect(!"\(component)\(String(reflecting: component))\(dumped)".contains("very-secret"))
            }
            do {
                _ = try await azure.run("Hi")
                Issue.record("no error")
            } catch { #expect("\(error)".contains("no: Basic ***") && !"\(error)".contains("very-secret")) }
            #expect(server.requests.last?.headers["ocp-apim-subscription-key"] == ["very-secret-header"])
            let wrong = try OpenAIGenerator(
                apiKey: .token("sk-secret\r\nx-other: 1"), apiBaseURL: server.url, environment: [:])
            let error = RemoteError.invalidRequest(
                reason: "the header 'authorization' has characters in its name or value that headers cannot have")
            await #expect(throws: error) { try await wrong.run("Hi") }
            #expect(server.requests.count == 2)
        }
    }

    @Test("an address that is none of http is refused, and nothing is tried again")
    func addresses() async throws {
        let generator = try OpenAIGenerator(apiKey: .token("k"), apiBaseURL: "localhost:8080/v1", environment: [:])
        let error = RemoteError.invalidRequest(
            reason: "'localhost:8080/v1/chat/completions' is not an address of http or https")
        await #expect(throws: error) { try await generator.run("Hi") }
    }

    @Test("500 streams at the same time come whole and unmixed, in flat memory", .timeLimit(.minutes(5)))
    func manyStreamsInFlatMemory() async throws {
        let pieceCount = 40
        @Sendable func expected(_ id: String) -> String {
            (0 ..< pieceCount).map { "\(id):\($0)é " }.joined()
        }
        try await MockServer.run { request, reply in
            let id = request.body?["messages"]?.array?.last?["content"]?.string ?? ""
            var random = SplitMix(seed: UInt64(id.count) &+ (UInt64(id) ?? 0))
            try await reply.beginStream()
            var bytes: [UInt8] = []
            for index in 0 ..< pieceCount { bytes += Array("data: \(textEvent("\(id):\(index)é "))\n\n".utf8) }
            bytes += Array("data: [DONE]\n\n".utf8)
            while !bytes.isEmpty {
                let count = min(bytes.count, Int(random.next() % 300) + 1)
                try await reply.piece(Array(bytes.prefix(count)))
                bytes.removeFirst(count)
            }
            try await reply.endStream()
        } _: { server in
            let generator = try chatGenerator(server, timeout: 120)
            let memory = MemoryWatch()
            for round in 0 ..< 4 {
                let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
                    for index in 0 ..< 500 {
                        let id = "\(round * 1000 + index)"
                        group.addTask {
                            var text = ""
                            for try await chunk in generator.stream(id) { text += chunk.content }
                            return text == expected(id) ? 0 : 1
                        }
                    }
                    return try await group.reduce(0, +)
                }
                #expect(wrong == 0)
                memory.note()
            }
            #expect(server.requests.count == 2000)
            #expect(server.totalConnections <= 1000)
            // The first round fills what is kept: connections, and what the allocator holds.
            #expect(memory.growth < 16 << 20)
        }
    }
}
