import HayComponents
import HayJSON
import HayProviders
import HaystackRecordings
import Synchronization
import TestSupport
import Testing

/// What goes wrong with a reply.
enum Fault: String, CaseIterable, Sendable {
    case reset, half, hang, invalidJSON, wrongType, redirect

    /// Answers as was recorded as far as the fault lets it.
    func answer(_ response: JSON, _ reply: MockReply) async throws {
        let first = WireCall.pieces(response)?.first
        switch (self, first) {
        case (.redirect, _):
            try await reply.send(status: 307, headers: [("location", "http://127.0.0.1:9/elsewhere")], "")
        case (.wrongType, _): try await reply.send(type: "text/html", "<html></html>")
        case (_, let piece?):
            try await reply.beginStream()
            try await reply.piece(piece)
            try await end(reply)
        case (.invalidJSON, nil): try await reply.send("{")
        case (_, nil):
            let body = response["json"]?.text() ?? ""
            let count = self == .half ? body.utf8.count / 2 : body.utf8.count
            try await reply.write(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(count)\r\n\r\n")
            try await reply.write(body.utf8.prefix(body.utf8.count / 2))
            if self != .half { try await end(reply) }
        }
    }

    private func end(_ reply: MockReply) async throws {
        switch self {
        case .reset:
            try await Task.sleep(for: .milliseconds(20))  // a reset takes along what has not been read
            try await reply.reset()
        case .hang: try await Task.sleep(for: .seconds(60))
        default:
            try await reply.event(self == .invalidJSON ? "{" : "")
            try await reply.piece(Array("data: {".utf8))
            try await reply.endStream()
        }
    }
}

@Suite("Recorded calls with faults", .enabled(if: Recordings.areThere, "there are no recordings"))
struct WireFaultTests {
    /// The calls of one good exchange.
    static let calls = WireRecordingTests.calls.filter { recorded in
        let exchanges = recorded["exchanges"]?.array ?? []
        return exchanges.count == 1 && recorded.result != nil && exchanges[0]["response"]?["status"] == 200
            && !Deviation.isRefused(recorded)
    }

    @Test("each fault is a typed error, and only what may be is sent again", arguments: calls, Fault.allCases)
    func faults(recorded: RecordedCase, fault: Fault) async throws {
        let isHuggingFace = recorded.component.hasPrefix("HuggingFace")
        // Only silence is to be waited for.
        let timeout: JSON = fault == .hang ? 4 : 120
        let parameters =
            (recorded["init"]?["api_params"]?.object ?? [:]).filter { $0.0 != "timeout" } + [("timeout", timeout)]
        let changed = recorded.with(
            isHuggingFace
                ? ["api_params": .object(JSON.Object(parameters))] : ["timeout": timeout, "max_retries": 1])
        let response = recorded["exchanges"]?.array?.first?["response"] ?? .null
        try await MockServer.run { _, reply in
            try await fault.answer(response, reply)
        } _: { server in
            var outside = Outside()
            outside.sleep = { _ in }
            outside.route = { url in
                let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
                return server.url + url[start...].drop { $0 != "/" }
            }
            let outcome = await Outside.$current.withValue(outside) {
                await RecordedRun(changed, Notation(baseURL: server.url), CollectedWarnings()).outcome()
            }
            guard case .failure(let error) = outcome, error is RemoteError else {
                Issue.record("\(recorded), \(fault): \(outcome)")
                return
            }
            let isTriedAgain = !isHuggingFace && recorded["chunks"] == nil && (fault == .reset || fault == .hang)
            #expect(server.requests.count == (isTriedAgain ? 2 : 1), "\(recorded): \(error)")
            let isClosed = try await server.eventually { $0.openConnections == 0 }
            #expect(isClosed)
        }
    }
}
