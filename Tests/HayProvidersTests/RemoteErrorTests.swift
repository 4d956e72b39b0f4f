import HayComponents
import HayJSON
import Testing

@testable import HayProviders

@Suite("What errors tell")
struct RemoteErrorTests {
    @Test("a status tells the server's words, the parameter, the request and what to do")
    func status() {
        let body = #"{"error": {"message": "too hot", "param": "temperature", "type": "bad", "code": 7}}"#
        let status = remoteStatus(400, ["x-request-id": "r1"], body: body)
        #expect(
            status.description == "http://a answered with status 400: too hot (parameter `temperature`) (request r1)")
        #expect(status.code == "7" && status.type == "bad" && status.body["message"] == "too hot")
        #expect(
            remoteStatus(401).description == "http://a answered with status 401; see to the component's key or token")
        #expect(remoteStatus(502, body: "<html>").message == "<html>")
        #expect(remoteStatus(500, body: String(repeating: "x", count: 5000)).message.count == 2000)
    }

    @Test("secrets are in no text, however they are written, and short ones change none")
    func secrets() {
        let body = #"{"error": {"message": "key a\/b-secret", "code": "e", "param": "a/b-secret"}}"#
        let status = remoteStatus(400, body: body, secrets: ["a/b-secret", "e"])
        #expect(status.message == "key ***" && status.param == "***" && status.code == "e")
        #expect(!String(reflecting: status).contains("b-secret"))
        let list = #"{"detail": [{"key a\/b-secret": 1}]}"#
        #expect(remoteStatus(422, body: list, secrets: ["a/b-secret"]).message == #"{"detail":[{"key ***":1}]}"#)
        let parts = remoteStatus(400, body: "contoso-9f8e7d", secrets: ["contoso", "contoso-9f8e7d"])
        #expect(parts.message == "***")
    }

    @Test("of options all parts are secret that are long enough")
    func options() throws {
        let options = try ClientOptions(
            timeout: nil,
            kwargs: [
                "headers": ["authorization": "Bearer sk-abcdef"], "cookies": ["a": "cookie-1", "b": "cookie-2"],
                "params": ["key": "ä query"], "auth": ["me", "password"],
            ], address: "http://a", environment: [:])
        for secret in ["sk-abcdef", "cookie-1", "cookie-2", "ä query", "%C3%A4%20query", "password"] {
            #expect(options.secrets.contains { secret.hasSuffix($0) || $0.hasSuffix(secret) })
        }
    }

    @Test("each error says what happened")
    func texts() {
        let busy = remoteStatus(429)
        let errors: [(RemoteError, String)] = [
            (.timedOut(url: "u"), "u has not answered in time; a greater `timeout` allows for more"),
            (.connection(url: "u", reason: "refused"), "no answer from u: refused"),
            (.streamCut(url: "u"), "the stream from u ended within an event"),
            (.inReply(url: "u", message: "no room", body: .null), "u broke its reply off: no room"),
            (.generation(type: "overloaded", message: "busy", status: nil), "busy (overloaded)"),
            (
                .generation(type: "overloaded", message: "busy", status: busy),
                "busy (overloaded, status 429 from http://a)"
            ),
            (
                .redirected(url: "u", to: "v"),
                "u sends clients to v, which is not followed; give the component that address"
            ),
            (.replyTooLarge(url: "u", limit: 7), "the reply from u has more than 7 bytes, the most that is read"),
            (.invalidReply(url: "u", reason: "empty"), "the reply from u cannot be used: empty"),
            (
                .unfinishedFormat(reason: "the length limit was reached"),
                "Could not parse response content as the length limit was reached"
            ),
            (.invalidRequest(reason: "no"), "no"),
        ]
        for (error, text) in errors { #expect(error.description == text) }
    }

    @Test("each error of a component says what is wrong and what would be right")
    func providerTexts() {
        let errors: [(ProviderError, String)] = [
            (.redirects, "Redirects are not followed, as keys would go along; give the component the right address."),
            (.wrongProxy, "A proxy must be given as http://host:port or socks5://host:port"),
            (.streamedReplies, "Cannot stream multiple responses, please set n=1."),
            (
                .notStrict(tool: "add"),
                "`add` is not strict. Only `strict` function tools can be auto-parsed; set `toolsStrict`."
            ),
            (.wrongOption("timeout", expected: "0 or more"), "The client's 'timeout' must be 0 or more"),
            (
                .noProvider(model: "m", provider: "p", known: ["a", "b"]),
                "The provider 'p' does not serve m here; it can be one of ['a', 'b']"
            ),
            (.emptyToken, "The token provider has given an empty token"),
            (
                .notWarmedUp(component: "DALLEImageGenerator"),
                "The component DALLEImageGenerator wasn't warmed up. Run 'warm_up()' before calling 'run()'."
            ),
        ]
        for (error, text) in errors { #expect(error.description == text) }
        #expect(RelayError.noMembers.description == "There must be at least one generator.")
        #expect(RelayError.noAnswer(timeout: 2).description == "no answer within 2.0 seconds")
    }

    @Test("what a server says of an error in its reply is told without secrets")
    func inReplies() {
        let request = ServerRequest(url: "http://a/x?key=1", secrets: ["sk-secret"])
        for empty: JSON in [.null, false, "", [:]] { #expect(request.error(in: ["error": empty]) == nil) }
        #expect(request.error(in: ["choices": []]) == nil)
        #expect(
            request.error(in: ["error": ["message": "bad sk-secret", "code": "c"]])
                == .inReply(url: "http://a/x", message: "bad ***", body: ["message": "bad ***", "code": "c"]))
        #expect(
            request.error(in: ["error": "busy sk-secret", "error_type": "overloaded"])
                == .generation(type: "overloaded", message: "busy ***", status: nil))
    }
}
