import AsyncHTTPClient
import HayComponents
import HayJSON
import NIOHTTP1
import NIOSSL
import Synchronization
import TestSupport
import Testing

@testable import HayProviders

@Suite("Server-sent events")
struct ServerSentEventTests {
    /// The events of a text that comes in pieces of a size.
    private func events(_ text: String, pieces size: Int) throws -> [String] {
        var parser = ServerSentEvents()
        let bytes = Array(text.utf8)
        return try stride(from: 0, to: bytes.count, by: size).flatMap {
            try parser.append(bytes[$0 ..< min($0 + size, bytes.count)])
        }
    }

    @Test(
        "events are found however they are written",
        arguments: [
            ("data: one\n\ndata: two\n\n", ["one", "two"]),
            ("data: one\r\n\r\ndata: two\r\n\r\n", ["one", "two"]),
            ("data: one\r\rdata: two\r\r", ["one", "two"]),
            ("data: one\r\n\ndata: two\n\r\n", ["one", "two"]),
            ("\u{FEFF}data:one\n\n", ["one"]),
            ("data:  two spaces\n\n", [" two spaces"]),
            ("data: first\ndata: second\ndata\ndata:\n\n", ["first\nsecond\n\n"]),
            (": a comment\nevent: message\nid: 7\nretry: 10\ndata: é€😀\n\n", ["é€😀"]),
            ("data: one\n: between\ndata: two\n\n", ["one\ntwo"]),
            ("data\n\n", [""]),
            ("database: no\nData: no\n data: no\n\n\n\n", []),
            ("data: {\"a\": \"x:y\"}\n\n", ["{\"a\": \"x:y\"}"]),
            ("data: cut off", []),
        ])
    func forms(text: String, expected: [String]) throws {
        for size in 1 ... text.utf8.count { #expect(try events(text, pieces: size) == expected) }
    }

    @Test("a stream tells whether it ends within an event")
    func ends() throws {
        let texts: [(String, String?)] = [
            ("data: a\n\n", nil), (": c\n", nil), ("event: x", nil), ("data: a\n", "a"), ("data: a\ndata: b", "a\nb"),
            ("data", ""), ("", nil),
        ]
        for (text, unfinished) in texts {
            var parser = ServerSentEvents()
            _ = try parser.append(text.utf8)
            #expect(parser.unfinished == unfinished)
        }
    }

    @Test("an event has a limit, a stream has none")
    func limit() throws {
        var parser = ServerSentEvents(limit: 20)
        for _ in 0 ..< 100 { #expect(try parser.append("data: 0123456789\n\n".utf8) == ["0123456789"]) }
        #expect(throws: ServerSentEvents.TooLarge.self) { try parser.append("data: 01234567890123456789".utf8) }
        var lines = ServerSentEvents(limit: 20)
        #expect(throws: ServerSentEvents.TooLarge.self) {
            for _ in 0 ..< 10 { _ = try lines.append("data: 01234\n".utf8) }
        }
    }
}

/// A status of an empty reply, unless a text is given.
func remoteStatus(_ status: Int, _ headers: HTTPHeaders = [:], body: String = "", secrets: [String] = [])
    -> RemoteStatus
{
    let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
    return RemoteStatus(head, of: ServerRequest(url: "http://a", secrets: secrets), body: body)
}

@Suite("When requests are sent again")
struct RetryTests {
    private func error(_ status: Int, _ headers: HTTPHeaders = [:]) -> RemoteError {
        .status(remoteStatus(status, headers))
    }

    @Test("the status decides, unless the server does")
    func statuses() {
        let policy = RetryPolicy(limit: 2)
        let retried = [400, 401, 404, 408, 409, 422, 429, 499, 500, 503, 599].filter {
            policy.allows(error($0), after: 0)
        }
        #expect(retried == [408, 409, 429, 500, 503, 599])
        #expect(policy.allows(error(400, ["x-should-retry": "true"]), after: 0))
        #expect(!policy.allows(error(503, ["X-Should-Retry": "False"]), after: 0))
        #expect(!policy.allows(error(503), after: 2))
        #expect(policy.allows(.timedOut(url: ""), after: 1))
        #expect(policy.allows(.connection(url: "", reason: ""), after: 1))
        for other: RemoteError in [
            .streamCut(url: ""), .redirected(url: "", to: ""), .replyTooLarge(url: "", limit: 1),
            .invalidReply(url: "", reason: ""), .invalidRequest(reason: ""),
        ] { #expect(!policy.allows(other, after: 0)) }
    }

    @Test("the server is waited for as it asks, else longer each time, never in step with others")
    func pauses() async throws {
        let pauses = Mutex<[Double]>([])
        var outside = Outside()
        outside.sleep = { seconds in pauses.withLock { $0.append(seconds) } }
        outside.jitter = { 0.8 }
        let asked: [(HTTPHeaders, Double)] = [
            ([:], 0.4), (["retry-after": "3"], 3), (["retry-after": "1.5"], 1.5), (["retry-after-ms": "250"], 0.25),
            (["retry-after-ms": "250", "retry-after": "3"], 0.25), (["retry-after": "60"], 60),
            (["retry-after": "61"], 0.4), (["retry-after": "-1"], 0.4), (["retry-after": "0"], 0.4),
            (["retry-after": "soon"], 0.4), (["retry-after": "nan"], 0.4),
            (["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"], 0.4),
        ]
        try await Outside.$current.withValue(outside) {
            for (headers, _) in asked {
                try await RetryPolicy(limit: 9).pause(before: 0, after: error(429, headers))
            }
        }
        #expect(pauses.withLock { $0 } == asked.map(\.1))
        pauses.withLock { $0 = [] }
        outside.jitter = { 1 }
        try await Outside.$current.withValue(outside) {
            for retry in 0 ..< 7 { try await RetryPolicy(limit: 9).pause(before: retry, after: .timedOut(url: "")) }
        }
        #expect(pauses.withLock { $0 } == [0.5, 1, 2, 4, 8, 8, 8])
        #expect((0 ..< 100).allSatisfy { _ in 0.75 ... 1 ~= Outside().jitter() })
    }

    @Test("dates of HTTP are read")
    func dates() throws {
        // 784111777 is the example's time in seconds since 1970 (RFC 9110, 5.6.7).
        let epoch = try #require(WallTime.seconds(until: "Thu, 01 Jan 1970 00:00:00 GMT"))
        let example = try #require(WallTime.seconds(until: "Sun, 06 Nov 1994 08:49:37 GMT"))
        #expect(abs(example - epoch - 784_111_777) <= 1)
        for text in ["", "tomorrow", "Sun, 06 Nov 1994", "Sun, 06 Foo 1994 08:49:37 GMT"] {
            #expect(WallTime.seconds(until: text) == nil)
        }
    }
}

@Suite("Options of the client")
struct ClientOptionTests {
    private func options(
        _ kwargs: JSON.Object?, address: String = "https://api.example/v1", timeout: Double? = 30,
        _ environment: [String: String] = [:]
    ) throws -> ClientOptions {
        try ClientOptions(timeout: timeout, kwargs: kwargs, address: address, environment: environment)
    }

    @Test("timeouts are taken as they are, and none as none")
    func timeouts() throws {
        #expect(try options(nil, timeout: 2.5).timeout == .milliseconds(2500))
        #expect(try options(nil, timeout: 0).configuration.timeout.connect == .nanoseconds(0))
        #expect(try options(nil, timeout: nil).timeout == nil)
        #expect(try options(nil, timeout: .infinity).timeout == nil)
        for timeout in [-1, -.infinity, .nan] as [Double] {
            #expect(throws: ProviderError.self) { try options(nil, timeout: timeout) }
        }
        #expect(throws: ProviderError.wrongOption("max_retries", expected: "0 or more, found -1")) {
            try OpenAIGenerator(apiKey: .token("k"), maxRetries: -1, environment: [:])
        }
        #expect(try options(nil, timeout: 1e300).timeout == .seconds(1_000_000_000))
    }

    @Test("each option has its place, and what has none is refused")
    func kwargs() throws {
        let all = try options([
            "headers": ["x-team": "blue"], "cookies": ["a": "1", "b": "2"], "params": ["k": "ä b", "n": 3],
            "auth": ["user", "word"], "http2": false, "trust_env": false, "verify": false,
            "limits": ["max_connections": 7, "max_keepalive_connections": 3, "keepalive_expiry": 4],
            "proxy": "http://me:you@proxy.example:3128", "follow_redirects": false,
        ])
        #expect(all.headers["x-team"] == ["blue"] && all.headers["cookie"] == ["a=1; b=2"])
        #expect(
            all.login == Login(user: "user", password: "word") && all.secrets.contains("dXNlcjp3b3Jk")
                && all.secrets.contains("blue"))
        #expect(all.query.map(\.name) == ["k", "n"] && all.query[0].value.percentEncoded == "%C3%A4%20b")
        #expect(all.configuration.httpVersion == .http1Only)
        #expect(all.configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit == 7)
        #expect(all.configuration.connectionPool.idleTimeout == .seconds(4))
        #expect(all.configuration.proxy?.host == "proxy.example" && all.configuration.proxy?.port == 3128)
        #expect(all.configuration.proxy?.authorization != nil)
        #expect(all.configuration.tlsConfiguration?.certificateVerification == CertificateVerification.none)
        #expect(throws: ComponentError.self) { try options(["transport": "x"]) }
        #expect(throws: ComponentError.self) { try options(["headers": ["x": 1]]) }
        #expect(throws: ComponentError.self) { try options(["limits": ["max": 1]]) }
        #expect(throws: ProviderError.redirects) { try options(["follow_redirects": true]) }
        #expect(throws: ProviderError.self) { try options(["limits": ["max_connections": 0]]) }
        #expect(throws: ProviderError.self) { try options(["auth": ["user"]]) }
        #expect(throws: ProviderError.self) { try options(["cert": "/nowhere.pem"]) }
        #expect(throws: ProviderError.self) { try options(["verify": "/nowhere.pem"]) }
        #expect(throws: ComponentError.self) { try options(["limits": ["max_keepalive_connections": "x"]]) }
        for proxy in ["ftp://proxy", "http://", "https://proxy", "http://proxy:70000", "socks5://me:you@proxy"] {
            #expect(throws: ProviderError.wrongProxy) { try options(["proxy": .string(proxy)]) }
        }
        #expect(
            throws: ProviderError.wrongOption(
                "verify", expected: "a boolean or a file of certificates, found an integer")
        ) { try options(["verify": 1]) }
    }

    @Test("the environment's proxy is that of the scheme, unless the host is excepted")
    func proxies() throws {
        let environment = [
            "HTTPS_PROXY": "http://secure:1", "http_proxy": "plain:2", "ALL_PROXY": "socks5://all:3",
            "NO_PROXY": "localhost, .inner.example,10.0.0.1,host.example:8080,::1,:,::,[fe80::1]:8000,far.example:443",
        ]
        func proxy(_ address: String, _ environment: [String: String]) throws -> String? {
            try options(nil, address: address, environment).configuration.proxy.map { "\($0.host):\($0.port)" }
        }
        #expect(try proxy("https://api.example/v1", environment) == "secure:1")
        #expect(try proxy("http://api.example/v1", environment) == "plain:2")
        #expect(try proxy("http://api.example", ["ALL_PROXY": "socks5://all:3"]) == "all:3")
        for excepted in [
            "http://localhost:8000/v1", "https://a.inner.example", "https://inner.example", "http://10.0.0.1:1",
            "http://host.example:8080/x", "http://[::1]:8000/v1", "https://far.example/v1", "http://[fe80::1]:8000",
        ] { #expect(try proxy(excepted, environment) == nil) }
        #expect(try proxy("http://host.example:8081", environment) == "plain:2")
        #expect(try proxy("http://192.168.1.1", environment) == "plain:2")
        #expect(try proxy("http://far.example", environment) == "plain:2")
        #expect(try proxy("http://[fe80::1]:8001", environment) == "plain:2")
        #expect(try proxy("http://notinner.example", environment) == "plain:2")
        #expect(try proxy("http://a", ["HTTP_PROXY": "http://p", "NO_PROXY": "*"]) == nil)
        #expect(try proxy("http://a", ["HTTP_PROXY": ""]) == nil)
        #expect(
            try options(["trust_env": false], address: "http://a", ["HTTP_PROXY": "http://p"]).configuration.proxy
                == nil)
        #expect(throws: ProviderError.wrongProxy) { try proxy("http://a", ["HTTP_PROXY": "gopher://p"]) }
    }

    @Test("requests go through the proxy, with the options' headers and query")
    func throughProxy() async throws {
        try await MockServer.run { _, reply in
            try await reply.send(textReply("Hello"))
        } _: { server in
            let generator = try OpenAIGenerator(
                apiKey: .token("k"), apiBaseURL: server.url, maxRetries: 0,
                httpClientKwargs: ["headers": ["x-team": "blue"], "params": ["v": "1"]], environment: [:])
            _ = try await generator.run("Hi")
            #expect(server.requests.last?.query == ["v": "1"])
            #expect(server.requests.last?.headers["x-team"] == ["blue"])
            let proxied = try OpenAIGenerator(
                apiKey: .token("k"), apiBaseURL: "http://far.example/v1", timeout: 1, maxRetries: 0,
                httpClientKwargs: ["proxy": .string(server.url)], environment: [:])
            _ = try? await proxied.run("Hi")
            // A tunnel is asked for, which this server does not open.
            #expect(server.requests.last?.method == "CONNECT")
            #expect(server.requests.last?.headers["host"].first?.hasPrefix("far.example") == true)
        }
    }

    @Test("addresses are shown without what may be secret")
    func addresses() {
        let shown = { ServerRequest(url: $0).shownURL }
        #expect(shown("https://me:word@a.example/v1?key=1#x") == "https://a.example/v1")
        #expect(shown("https://a.example/v1/@me") == "https://a.example/v1/@me")
        #expect(shown("http://me:p@ss@a/x@y") == "http://a/x@y")
        #expect(shown("me:word@a/b") == "a/b")
        #expect(shown("https://me:p/ss@host/x") == "https://host/x" && shown("https://me:pa?ss@h") == "https://h")
        #expect(shown("http://a") == "http://a")
    }
}

@Suite("Providers behind the hub")
struct InferenceProviderTests {
    /// Where a conversation goes, and what it calls the model.
    private func target(
        provider: String, mapping: JSON, token: String = "hf_token"
    ) async throws -> (url: String, model: JSON?, format: JSON?) {
        let urls = Collected<String>()
        let bodies = Collected<JSON>()
        try await MockServer.run { request, reply in
            if request.method == "POST" {
                bodies.append(request.body ?? .null)
                return try await reply.send(textReply("Hello"))
            }
            let key = request.query["expand"] == nil ? "pipeline_tag" : "inferenceProviderMapping"
            try await reply.send(JSON.object([key: key == "pipeline_tag" ? "text-generation" : mapping]).text())
        } _: { server in
            var outside = Outside()
            outside.route = { url in
                urls.append(url)
                return server.url + "/" + url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }.dropFirst()
            }
            try await Outside.$current.withValue(outside) {
                let generator = try HuggingFaceAPIChatGenerator(
                    apiType: .serverlessInferenceAPI,
                    apiParams: ["model": "acme/chat", "provider": .string(provider)], token: .token(token),
                    environment: [:])
                try await generator.warmUp()
                let format: JSON = ["type": "json_schema", "json_schema": ["name": "x", "schema": ["type": "object"]]]
                for _ in 0 ..< 2 {
                    _ = try await generator.run("Hi", generationKwargs: ["response_format": format])
                }
            }
        }
        // Each question is asked once.
        #expect(urls.all.count <= 4 && urls.all[0] == "https://huggingface.co/api/models/acme/chat")
        return (urls.all.last ?? "", bodies.all.last?["model"], bodies.all.last?["response_format"])
    }

    private func entry(_ provider: String, _ model: String, task: String = "conversational") -> JSON {
        ["provider": .string(provider), "status": "live", "providerId": .string(model), "task": .string(task)]
    }

    @Test("a conversation goes to the provider's model, by the hub's router or straight")
    func targets() async throws {
        let list: JSON = [entry("groq", "g"), entry("together", "t/x"), entry("hf-inference", "h")]
        let first = try await target(provider: "auto", mapping: list)
        #expect(first.url == "https://router.huggingface.co/groq/openai/v1/chat/completions" && first.model == "g")
        let second = try await target(provider: "together", mapping: list)
        #expect(second.url == "https://router.huggingface.co/together/v1/chat/completions" && second.model == "t/x")
        #expect(second.format == ["type": "json_object", "schema": ["type": "object"]])
        let straight = try await target(provider: "together", mapping: list, token: "own-key")
        #expect(straight.url == "https://api.together.xyz/v1/chat/completions")
        let hub = try await target(provider: "hf-inference", mapping: .null)
        #expect(hub.url == "https://router.huggingface.co/hf-inference/models/acme/chat/v1/chat/completions")
        #expect(hub.format == ["type": "json_object", "value": ["type": "object"]])
        let dictionary: JSON = [
            "nebius": ["status": "live", "providerId": "n", "task": "text-generation"],
            "sambanova": ["status": "live", "providerId": "s", "task": "conversational"],
        ]
        let named = try await target(provider: "auto", mapping: dictionary)
        #expect(named.model == "s" && named.format?["json_schema"]?["strict"] == false)
    }

    @Test("a provider that does not serve the model is refused, with those that do")
    func refused() async throws {
        let list: JSON = [entry("groq", "g"), entry("nobody", "n"), entry("cohere", "c", task: "text-generation")]
        await #expect(
            throws: ProviderError.noProvider(
                model: "acme/chat", provider: "cohere", known: ["hf-inference", "groq", "nobody"])
        ) { try await target(provider: "cohere", mapping: list) }
        await #expect(throws: ProviderError.self) { try await target(provider: "nobody", mapping: list) }
    }
}
