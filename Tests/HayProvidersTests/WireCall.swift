import HayComponents
import HayJSON
import HaystackRecordings
import NIOHTTP1
import Synchronization
import TestSupport

@testable import HayProviders

/// A recorded call of a remote component, made again on a server that answers as was recorded.
final class WireCall: Sendable {
    let recorded: RecordedCase
    let warnings = CollectedWarnings()
    private let exchanges: [JSON]
    private let state = Mutex(State())

    private struct State {
        var next = 0
        var origins: [String] = []
        var pauses: [Double] = []
        var problems: [String] = []
        var serverURL = ""
    }

    private var serverURL: String { state.withLock(\.serverURL) }

    init(_ recorded: RecordedCase) {
        self.recorded = recorded
        exchanges = recorded["exchanges"]?.array ?? []
    }

    /// How the requests that came, and the pauses between them, differ from those that were recorded.
    var problems: [String] {
        state.withLock { state in
            let left = exchanges.dropFirst(state.next).count { !WireCall.isSecondLookUp($0["request"]) }
            let pauses = recorded["retry_sleeps_s"]?.array?.compactMap(\.double) ?? []
            return state.problems + (left == 0 ? [] : ["\(left) requests were not sent"])
                + (pauses == state.pauses ? [] : ["waited \(state.pauses), recorded is \(pauses)"])
        }
    }

    /// Whether no request came.
    var isUntouched: Bool { state.withLock { $0.next == 0 && $0.problems.isEmpty } }

    /// What the call meets: pauses are noted, not waited, and addresses of providers lead to the server.
    func outside(_ server: MockServer) -> Outside {
        state.withLock { $0.serverURL = server.url }
        var outside = Outside()
        outside.sleep = { seconds in self.state.withLock { $0.pauses.append(seconds) } }
        outside.jitter = { 1 }
        outside.route = { url in
            let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
            let end = url[start...].firstIndex(of: "/") ?? url.endIndex
            let origin = String(url[..<end])
            self.state.withLock { $0.origins.append(origin == server.url ? "{{BASE_URL}}" : origin) }
            return server.url + url[end...]
        }
        return outside
    }

    /// Answers as was recorded, and notes how the request differs.
    @Sendable func answer(_ request: MockServer.Request, _ reply: MockReply) async throws {
        let response: JSON? = state.withLock { state in
            let origin = state.origins.isEmpty ? "" : state.origins.removeFirst()
            let found = Found(request, origin)
            while state.next < exchanges.count, let recorded = exchanges[state.next]["request"],
                WireCall.isSecondLookUp(recorded), found.place != Found(recorded).place
            { state.next += 1 }
            guard state.next < exchanges.count else {
                state.problems.append("a request too many: \(request.method) \(origin)\(request.path)")
                return nil
            }
            let exchange = exchanges[state.next]
            state.next += 1
            if let difference = found.difference(from: exchange["request"] ?? .null) {
                state.problems.append(difference)
            }
            return exchange["response"]
        }
        guard let response, response["drop_before_headers"] != true else { return try await reply.close() }
        if let delay = response["delay_s"]?.double {
            try await Task.sleep(for: .seconds(delay * RecordedCase.slowness))
        }
        let headers = (response["headers"]?.object ?? [:]).map { ($0, $1.string ?? "") }
        let status = response["status"]?.int ?? 200
        guard let pieces = WireCall.pieces(response) else {
            let text = response["text"]?.string
            return try await reply.send(
                status: status, headers: headers, type: text == nil ? "application/json" : "text/plain",
                (text ?? response["json"]?.text() ?? "").replacing("{{BASE_URL}}", with: serverURL))
        }
        try await reply.beginStream(status: status, headers: headers + [("content-type", "text/event-stream")])
        for piece in pieces { try await reply.piece(piece) }
        if response["abort_after_body"] == true { try await reply.close() } else { try await reply.endStream() }
    }

    /// The hub is asked once by Haystack; what its client library asks besides may be left out.
    static func isSecondLookUp(_ request: JSON?) -> Bool {
        request?["origin"] == "https://huggingface.co" && request?["method"] == "GET"
            && request?["headers"]?.object?.count == 0
    }

    static func pieces(_ response: JSON) -> [[UInt8]]? {
        if let texts = response["sse"]?.array { return texts.map { Array(($0.string ?? "").utf8) } }
        return response["sse_base64"]?.array?.map { base64Bytes($0.string ?? "") }
    }
}

/// A request, ours or a recorded one, as it is compared.
private struct Found {
    let place: JSON
    let headers: [String: String]
    let body: JSON

    /// The headers that matter.
    private static let names = [
        "authorization", "api-key", "content-type", "openai-organization", "openai-project",
    ]

    init(_ request: MockServer.Request, _ origin: String) {
        let query = request.query.sorted { $0.key < $1.key }.map { ($0, JSON.string($1)) }
        place = [
            "method": .string(request.method), "origin": .string(origin), "path": .string(request.path),
            "query": .object(JSON.Object(query)),
        ]
        headers = Dictionary(request.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
        body = request.body ?? .null
    }

    init(_ request: JSON) {
        place = [
            "method": request["method"] ?? .null, "origin": request["origin"] ?? .null,
            "path": request["path"] ?? .null, "query": request["query"] ?? .null,
        ]
        headers = Dictionary((request["headers"]?.object ?? [:]).map { ($0.lowercased(), $1.string ?? "") }) { $1 }
        body = request["body"] ?? .null
    }

    func difference(from request: JSON) -> String? {
        let recorded = Found(request)
        if let difference = place.difference(from: recorded.place) { return difference }
        for name in Set(Found.names).union(recorded.headers.keys) {
            if name == "authorization" {
                // With a key Azure's client also sends it as a token, which is an accident.
                if recorded.headers["api-key"] != nil {
                    if headers[name] != nil { return "the key is sent as a token too" }
                    continue
                }
                // The hub may be told who asks, so that it goes by that user's settings.
                if WireCall.isSecondLookUp(request) { continue }
            }
            guard headers[name] == recorded.headers[name] else {
                return "header \(name): \(headers[name] ?? "none"), recorded is \(recorded.headers[name] ?? "none")"
            }
        }
        return body.withParsedArguments.difference(from: recorded.body.withParsedArguments)
    }
}

extension JSON {
    /// A request's body with the arguments of calls as what their texts say.
    fileprivate var withParsedArguments: JSON {
        switch self {
        case .array(let elements): .array(elements.map(\.withParsedArguments))
        case .object(let members):
            .object(
                JSON.Object(
                    members.map { key, value in
                        let text = key == "arguments" ? value.string : nil
                        return (key, text.flatMap { try? JSON.parse($0) } ?? value.withParsedArguments)
                    }))
        default: self
        }
    }
}

/// The bytes that a text of base64 stands for.
func base64Bytes(_ text: String) -> [UInt8] {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bits: UInt32 = 0, count = 0, bytes: [UInt8] = []
    for letter in text.utf8 {
        guard let value = letters.firstIndex(of: letter) else { continue }
        (bits, count) = (bits << 6 | UInt32(value), count + 6)
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
    return bytes
}
