import HayComponents
import HayJSON
import Testing

@testable import HayProviders

@Suite("Requests as they are sent")
struct SentRequestTests {
    @Test("addresses where no request can go are refused, and not tried again")
    func impossible() async throws {
        for url in ["http://127.0.0.1:80800/v1", "http://my host/v1", "http://:80/v1", "127.0.0.1:80"] {
            let generator = try OpenAIGenerator(apiKey: .token("k"), apiBaseURL: url, environment: [:])
            do {
                _ = try await generator.run("Hi")
                Issue.record("no error")
            } catch { #expect((error as? RemoteError)?.kind == .value, "\(url): \(error)") }
        }
        #expect(ServerAddress.target("/x?y=1", from: "http://a:1/b") == "http://a:1/x?y=1")
        #expect(ServerAddress.target("http://b/x", from: "http://a/b") == "http://b/x")
        #expect(ServerAddress.isSameServer("http://a/x", "HTTP://A:80/y"))
        #expect(!ServerAddress.isSameServer("http://a", "https://a"))
        #expect(!ServerAddress.isSameServer("http://a", "http://b"))
    }

    @Test("what options say reaches the server, a login before the key")
    func options() async throws {
        try await MockServer.run { _, reply in
            try await reply.send(textReply("Hello"))
        } _: { server in
            func header(_ name: String, _ kwargs: JSON.Object, url: String? = nil) async throws -> [String] {
                let generator = try OpenAIGenerator(
                    apiKey: .token("key"), apiBaseURL: url ?? server.url, httpClientKwargs: kwargs, environment: [:])
                _ = try await generator.run("Hi")
                return server.requests.last?.headers[name] ?? []
            }
            let login = server.url.replacing("://", with: "://user:word@")
            let found = [
                try await header("authorization", [:]),
                try await header("authorization", ["auth": ["user", "word"]]),
                try await header("authorization", [:], url: login), try await header("cookie", ["cookies": ["a": "1"]]),
            ]
            #expect(found == [["Bearer key"], ["Basic dXNlcjp3b3Jk"], ["Basic dXNlcjp3b3Jk"], ["a=1"]])
            #expect(server.requests.allSatisfy { $0.headers["host"].first?.contains("@") == false })
        }
    }

    @Test("headers that were given go before the token, and the hub does not get them")
    func givenAuthorization() async throws {
        try await MockServer.run { request, reply in
            let isHub = request.method == "GET"
            try await reply.send(isHub ? #"{"pipeline_tag": "text-generation"}"# : textReply("Hello"))
        } _: { server in
            let own = try HuggingFaceAPIChatGenerator(
                apiType: .textGenerationInference,
                apiParams: ["url": .string(server.url), "headers": ["Authorization": "Basic own", "x-own": "1"]],
                token: .token("hf_token"), environment: [:])
            _ = try await own.run("Hi")
            #expect(server.requests.last?.headers["authorization"] == ["Basic own"])
            let hub = try HuggingFaceAPIChatGenerator(
                apiType: .serverlessInferenceAPI,
                apiParams: ["model": "a/b", "provider": "hf-inference", "headers": ["x-own": "1"]],
                token: .token("hf_token"), environment: ["HF_ENDPOINT": server.url + "/"])
            for _ in 0 ..< 3 { try await hub.warmUp() }
            #expect(server.requests.count == 2)
            #expect(server.requests.last?.path == "/api/models/a/b")
            #expect(server.requests.last?.headers["x-own"] == [])
            #expect(server.requests.last?.headers["authorization"] == ["Bearer hf_token"])
        }
    }

    @Test("a model that was renamed is found, an unknown one is told; the token goes to no other server")
    func hub() async throws {
        try await MockServer.run { _, reply in
            try await reply.send("{}")
        } _: { other in
            let otherURL = other.url
            try await MockServer.run { request, reply in
                switch request.path {
                case "/api/models/old":
                    try await reply.send(status: 307, headers: [("location", "/api/models/new")], "")
                case "/api/models/new": try await reply.send(#"{"pipeline_tag": "text-generation"}"#)
                case "/api/models/away": try await reply.send(status: 302, headers: [("location", otherURL)], "")
                default: try await reply.send(status: 401, "{}")
                }
            } _: { server in
                func warmUp(_ model: String, token: Secret?) async throws {
                    let generator = try HuggingFaceAPIChatGenerator(
                        apiType: .serverlessInferenceAPI, apiParams: ["model": .string(model)], token: token,
                        environment: ["HF_ENDPOINT": server.url])
                    try await generator.warmUp()
                }
                try await warmUp("old", token: .token("hf_token"))
                await #expect(throws: ProviderError.modelNotFound(model: "none")) {
                    try await warmUp("none", token: nil)
                }
                await #expect(throws: RemoteError.self) { try await warmUp("none", token: .token("hf_token")) }
                await #expect(throws: RemoteError.redirected(url: server.url + "/api/models/away", to: otherURL)) {
                    try await warmUp("away", token: .token("hf_token"))
                }
                #expect(other.requests.isEmpty)
            }
        }
    }

    @Test("proxies are those of the address's scheme")
    func schemes() throws {
        func generator(_ proxies: JSON) throws {
            _ = try HuggingFaceAPIChatGenerator(
                apiType: .textGenerationInference, apiParams: ["url": "http://a", "proxies": proxies], environment: [:])
        }
        try generator("http://p:1")
        try generator(["http": "http://p:1", "https": "socks5://p:2"])
        try generator(["https": "https://unused:2"])
        #expect(throws: ProviderError.wrongProxy) { try generator(["http": "https://p:1"]) }
        #expect(throws: ComponentError.self) { try generator(["ftp": "http://p:1"]) }
        #expect(throws: ComponentError.self) { try generator(3) }
    }

    @Test("large bodies are sent piece by piece and come whole")
    func uploads() async throws {
        let text = String(repeating: "0123456789", count: 500_000)
        try await MockServer.run { request, reply in
            let isWhole = request.body?["messages"]?.array?.last?["content"] == .string(text)
            try await reply.send(textReply(isWhole ? "whole" : "cut"))
        } _: { server in
            let generator = try chatGenerator(server)
            for _ in 0 ..< 3 { #expect(try await generator.run(text).replies[0].text == "whole") }
            #expect(server.totalConnections == 1)
        }
    }

    @Test("calls that a server writes in its own way are read")
    func calls() async throws {
        try await MockServer.run { request, reply in
            let call = #"{"id": "c1", "function": {"name": "add", "arguments": {"a": 1}}}"#
            guard request.body?["stream"] == true else {
                return try await reply.send(
                    #"{"choices": [{"message": {"tool_calls": [\#(call)]}, "finish_reason": "tool_calls"}]}"#)
            }
            try await reply.beginStream()
            for call in [call, call.replacing("c1", with: "c2")] {
                try await reply.event(#"{"choices": [{"delta": {"tool_calls": [\#(call)]}}]}"#)
            }
            try await reply.endStream()
        } _: { server in
            let generator = try chatGenerator(server)
            let call = ToolCall(toolName: "add", arguments: ["a": 1], id: "c1")
            #expect(try await generator.run("Hi").replies[0].toolCalls == [call])
            let callback = StreamingCallback { _ in }
            let streamed = try await generator.run("Hi", streamingCallback: callback).replies[0].toolCalls
            #expect(streamed.map(\.id) == ["c1", "c2"] && streamed.allSatisfy { $0.arguments == ["a": 1] })
        }
    }
}
