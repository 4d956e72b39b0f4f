import HayComponents
import HayJSON
import TestSupport
import Testing

@testable import HayProviders

/// A generator on a server of a test.
func chatGenerator(
    _ server: MockServer, timeout: Double? = 120, retries: Int = 0, kwargs: JSON.Object? = nil
) throws -> OpenAIChatGenerator {
    try OpenAIChatGenerator(
        apiKey: .token("sk-very-secret"), apiBaseURL: "\(server.url)/v1", timeout: timeout, maxRetries: retries,
        httpClientKwargs: kwargs, environment: [:])
}

/// An event of OpenAI's with a piece of text.
func textEvent(_ text: String) -> String {
    JSON.object(["model": "m", "choices": [["index": 0, "delta": ["content": .string(text)]]]]).text()
}

/// A whole reply of OpenAI's.
func textReply(_ text: String) -> String {
    JSON.object([
        "model": "m", "choices": [["index": 0, "message": ["content": .string(text)], "finish_reason": "stop"]],
    ]).text()
}

/// Streams as long as anybody reads.
let onAndOn: MockServer.Answer = { _, reply in
    try await reply.beginStream()
    while true {
        try await reply.event(textEvent("on and on"))
        try await Task.sleep(for: .milliseconds(1))
    }
}

@Suite("Servers that fail")
struct FaultTests {
    /// The error that an attempt ends in.
    private func thrown(_ work: () async throws -> Void) async -> (any Error)? {
        do { try await work() } catch { return error }
        return nil
    }

    /// The error of a streamed call, and what came before it.
    private func streamFailure(
        timeout: Double? = 120, retries: Int = 3, _ answer: @escaping MockServer.Answer
    ) async throws -> (error: (any Error)?, text: String, requestCount: Int) {
        let chunks = Collected<StreamingChunk>()
        var error: (any Error)?, count = 0
        try await MockServer.run(answer) { server in
            error = await thrown {
                let generator = try chatGenerator(server, timeout: timeout, retries: retries)
                _ = try await generator.run("Hi", streamingCallback: StreamingCallback { chunks.append($0) })
            }
            count = server.requests.count
            let isClosed = try await server.eventually { $0.openConnections == 0 }
            #expect(isClosed)
        }
        return (error, chunks.all.map(\.content).joined(), count)
    }

    /// The error of a call that is not streamed, and how many requests there were.
    private func failure(
        timeout: Double? = 120, retries: Int = 0, _ answer: @escaping MockServer.Answer
    ) async throws -> (error: (any Error)?, requestCount: Int) {
        var error: (any Error)?, count = 0
        try await MockServer.run(answer) { server in
            error = await thrown {
                _ = try await chatGenerator(server, timeout: timeout, retries: retries).run("Hi")
            }
            count = server.requests.count
            let isClosed = try await server.eventually { $0.openConnections == 0 }
            #expect(isClosed)
        }
        return (error, count)
    }

    private func kind(_ error: (any Error)?) -> ErrorKind? { (error as? any ClassifiedError)?.kind }

    @Test("a stream that is reset is an error after what came, and is not asked for again")
    func reset() async throws {
        let found = try await streamFailure { _, reply in
            try await reply.beginStream()
            try await reply.event(textEvent("Half"))
            try await reply.event(textEvent(" an"))
            try await Task.sleep(for: .milliseconds(50))  // a reset takes along what has not been read
            try await reply.reset()
        }
        #expect(kind(found.error) == .connection)
        #expect(found.text == "Half an")
        #expect(found.requestCount == 1)
    }

    @Test(
        "a stream that ends within an event is an error", arguments: ["data: {\"choices\"", "data: {}\n", "data: {}"])
    func halfEvent(half: String) async throws {
        let found = try await streamFailure { _, reply in
            try await reply.beginStream()
            try await reply.event(textEvent("Text"))
            try await reply.piece(Array(half.utf8))
            try await reply.endStream()
        }
        guard case RemoteError.streamCut(let url)? = found.error else { throw Unexpected(error: found.error) }
        #expect(found.error.map { "\($0)" } == "the stream from \(url) ended within an event")
        #expect(found.text == "Text" && found.requestCount == 1)
    }

    @Test("a server that closes without ending its stream is an error")
    func closed() async throws {
        let found = try await streamFailure { _, reply in
            try await reply.beginStream()
            try await reply.event(textEvent("Text"))
            try await reply.close()
        }
        #expect(kind(found.error) == .connection && found.text == "Text" && found.requestCount == 1)
    }

    @Test("a server that never answers is given up and asked again as often as is allowed")
    func silence() async throws {
        let silent: MockServer.Answer = { _, _ in try await Task.sleep(for: .seconds(60)) }
        let found = try await failure(timeout: 3, retries: 1, silent)
        guard case RemoteError.timedOut(let url)? = found.error else { throw Unexpected(error: found.error) }
        #expect(
            found.error.map { "\($0)" } == "\(url) has not answered in time; a greater `timeout` allows for more")
        #expect(found.requestCount == 2)
    }

    @Test("a server that falls silent is given up: within a stream without another try")
    func silenceLater() async throws {
        let inStream = try await streamFailure(timeout: 4) { _, reply in
            try await reply.beginStream()
            try await reply.event(textEvent("Text"))
            try await Task.sleep(for: .seconds(60))
        }
        #expect(kind(inStream.error) == .timeout && inStream.requestCount == 1 && inStream.text == "Text")
        let inReply = try await failure(timeout: 4) { _, reply in
            try await reply.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
            try await Task.sleep(for: .seconds(60))
        }
        #expect(kind(inReply.error) == .timeout)
        let inError = try await failure(timeout: 4) { _, reply in
            try await reply.write("HTTP/1.1 401 No\r\ncontent-length: 100\r\n\r\nwrong key")
            try await Task.sleep(for: .seconds(60))
        }
        guard case RemoteError.status(let status)? = inError.error else { throw Unexpected(error: inError.error) }
        #expect(status.status == 401 && status.message == "wrong key")
    }

    @Test("a server that stops reading a large request is given up")
    func silenceWhileSending() async throws {
        try await MockServer.run(readsBodies: false) { _, _ in
        } _: { server in
            let generator = try chatGenerator(server, timeout: 3)
            let text = String(repeating: "0123456789", count: 20_000)
            await #expect(throws: RemoteError.timedOut(url: server.url + "/v1/chat/completions")) {
                try await generator.run(text)
            }
            let refused = try chatGenerator(server, timeout: 60)
            let task = Task { try await refused.run(String(repeating: text, count: 100)) }
            try await Task.sleep(for: .milliseconds(200))
            task.cancel()
            let result = await task.result
            #expect(throws: CancellationError.self) { try result.get() }
        }
    }

    @Test("a reader that takes longer than the server may does not end a stream")
    func slowReader() async throws {
        try await MockServer.run { _, reply in
            try await reply.beginStream()
            for index in 0 ..< 5 { try await reply.event(textEvent("\(index)")) }
            try await reply.event("[DONE]")
            try await reply.endStream()
        } _: { server in
            let callback = StreamingCallback { chunk in
                if chunk.content == "0" { try await Task.sleep(for: .seconds(6)) }
            }
            let generator = try chatGenerator(server, timeout: 5)
            let replies = try await generator.run("Hi", streamingCallback: callback)
            #expect(replies.replies[0].text == "01234")
        }
    }

    @Test("nor does one that makes the server wait")
    func waitingServer() async throws {
        let event = textEvent(String(repeating: "x", count: 10_000)), sent = Collected<Int>()
        try await MockServer.run { _, reply in
            try await reply.beginStream()
            for index in 0 ..< 4000 {
                try await reply.event(event)
                sent.append(index)
            }
            try await reply.endStream()
        } _: { server in
            let generator = try chatGenerator(server, timeout: 3)
            let chunks = Collected<Int>()
            let callback = StreamingCallback { chunk in
                if chunks.all.isEmpty {
                    try await Task.sleep(for: .seconds(5))
                    #expect(sent.all.count < 3500)
                }
                chunks.append(chunk.content.count)
            }
            let replies = try await generator.run("Hi", streamingCallback: callback)
            #expect(replies.replies[0].text?.utf8.count == 40_000_000)
        }
    }

    @Test(
        "replies that are not what the interface promises are refused",
        arguments: [
            ("not JSON", "it is not JSON (text/html): line 1, column 1: expected a value, found 'n'"),
            ("{\"choices\": 3}", "it has no list of 'choices'"),
        ])
    func wrongReplies(body: String, reason: String) async throws {
        let found = try await failure(retries: 2) { _, reply in try await reply.send(type: "text/html", body) }
        guard case RemoteError.invalidReply(let url, let found)? = found.error else {
            throw Unexpected(error: found.error)
        }
        #expect(found.hasPrefix(reason.prefix { $0 != ":" }) && url.hasSuffix("/v1/chat/completions"))
    }

    @Test("events that are not what the interface promises are refused", arguments: ["{", "[1]", "\"text\"", "3"])
    func wrongEvents(event: String) async throws {
        let found = try await streamFailure { _, reply in
            try await reply.beginStream()
            try await reply.event(event)
            try await reply.endStream()
        }
        guard case RemoteError.invalidReply? = found.error else { throw Unexpected(error: found.error) }
        #expect(found.requestCount == 1)
    }

    @Test("an error within a reply is told with the server's words", arguments: [true, false])
    func errorsInReplies(isStreamed: Bool) async throws {
        let answer: MockServer.Answer = { _, reply in
            try await reply.send(#"{"error": {"message": "no model for sk-very-secret", "type": "server_error"}}"#)
        }
        let error = isStreamed ? try await streamFailure(answer).error : try await failure(answer).error
        guard case RemoteError.inReply(_, let message, _)? = error else { throw Unexpected(error: error) }
        #expect(message == "no model for ***")
        let event = try await streamFailure { _, reply in
            try await reply.beginStream()
            try await reply.event(#"{"error": {"message": "broken: sk-very-secret"}}"#)
        }
        #expect(event.error.map { "\($0)" }?.hasSuffix("/v1/chat/completions broke its reply off: broken: ***") == true)
    }

    @Test("a stream may end without the line that ends its last mark")
    func lastMark() async throws {
        let found = try await streamFailure { _, reply in
            try await reply.beginStream()
            try await reply.event(textEvent("Text"))
            try await reply.piece(Array("data: [DONE]".utf8))
            try await reply.endStream()
        }
        #expect(found.error == nil && found.text == "Text")
    }

    @Test("a callback that throws ends the call with its error, and the connection")
    func throwingCallback() async throws {
        struct Own: Error {}
        try await MockServer.run(onAndOn) { server in
            let generator = try chatGenerator(server, retries: 3)
            await #expect(throws: Own.self) {
                try await generator.run("Hi", streamingCallback: StreamingCallback { _ in throw Own() })
            }
            #expect(try await server.eventually { $0.openConnections == 0 })
            #expect(server.requests.count == 1)
            _ = generator
        }
    }

    @Test("cancelling while an error's body drips is a cancellation")
    func cancelledError() async throws {
        try await MockServer.run { _, reply in
            try await reply.write("HTTP/1.1 400 No\r\ncontent-length: 100\r\n\r\n")
            while true {
                try await reply.write(" ")
                try await Task.sleep(for: .milliseconds(50))
            }
        } _: { server in
            let generator = try chatGenerator(server)
            let task = Task { try await generator.run("Hi") }
            #expect(try await server.eventually { $0.requests.count == 1 })
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            let result = await task.result
            #expect(throws: CancellationError.self) { try result.get() }
        }
    }

    @Test("a stream of another type is refused")
    func contentType() async throws {
        let found = try await streamFailure { _, reply in try await reply.send(textReply("Hello")) }
        guard case RemoteError.invalidReply(_, let reason)? = found.error else { throw Unexpected(error: found.error) }
        #expect(reason == "expected text/event-stream, found application/json")
    }

    @Test("what is not HTTP is an error")
    func notHTTP() async throws {
        let found = try await failure { _, reply in
            try await reply.write("SSH-2.0-OpenSSH_9.2\r\n\r\n")
            try await reply.close()
        }
        #expect(kind(found.error) == .connection)
    }

    @Test("a server that is not there is an error")
    func refused() async throws {
        var url = ""
        try await MockServer.run { _, _ in
        } _: {
            url = $0.url
        }
        let generator = try OpenAIGenerator(
            apiKey: .token("k"), apiBaseURL: url, maxRetries: 0, environment: [:])
        let error = await thrown { _ = try await generator.run("Hi") }
        #expect(kind(error) == .connection)
    }

    @Test("redirects are not followed", arguments: [301, 302, 303, 307, 308])
    func redirects(status: Int) async throws {
        let found = try await failure(retries: 2) { request, reply in
            try await reply.send(
                status: status, headers: [("location", "http://user:word@other.example/v1?key=1")], "")
        }
        guard case RemoteError.redirected(let url, let target)? = found.error else {
            throw Unexpected(error: found.error)
        }
        #expect(url.hasSuffix("/v1/chat/completions") && target == "http://other.example/v1")
        #expect(found.requestCount == 1)
    }

    @Test("a reply without end is given up, in bounded memory")
    func endlessInFlatMemory() async throws {
        let block = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
        let memory = MemoryWatch(ofPeak: true)
        memory.note()
        let whole = try await failure(retries: 2) { _, reply in
            try await reply.write("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n")
            while true { try await reply.write(block) }
        }
        guard case RemoteError.replyTooLarge? = whole.error else { throw Unexpected(error: whole.error) }
        #expect(whole.requestCount == 1)
        let event = try await streamFailure { _, reply in
            try await reply.beginStream()
            try await reply.piece(Array("data: ".utf8))
            while true { try await reply.piece(block) }
        }
        guard case RemoteError.replyTooLarge(_, let limit)? = event.error else { throw Unexpected(error: event.error) }
        #expect(limit == 16 << 20)
        let status = try await failure { _, reply in
            try await reply.write("HTTP/1.1 400 No\r\ncontent-length: 10000000000\r\n\r\n")
            while true { try await reply.write(block) }
        }
        #expect(kind(status.error) == .httpStatus)
        memory.note()
        #expect(memory.growth < 400 << 20)
    }

    @Test("a stream without end is given up")
    func endlessStream() async throws {
        let comments = Array(String(repeating: ": still here\n\n", count: 1 << 16).utf8)
        let found = try await streamFailure { _, reply in
            try await reply.beginStream()
            while true { try await reply.piece(comments) }
        }
        guard case RemoteError.replyTooLarge(_, let limit)? = found.error else { throw Unexpected(error: found.error) }
        #expect(limit == 128 << 20)
    }
}

/// An error that a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let error: (any Error)?
    var description: String { error.map { "unexpected: \($0)" } ?? "there was no error" }
}
