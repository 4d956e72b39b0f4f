import HayComponents
import HayJSON
import HayProviders
import HaystackRecordings
import TestSupport
import Testing

@Suite("Recorded calls of remote components", .enabled(if: Recordings.areThere, "there are no recordings"))
struct WireRecordingTests {
    static let calls = RecordedComponents.types.keys.sorted().flatMap { Recordings.calls("wire/\($0)") }

    @Test("requests, results, chunks and errors are as recorded", arguments: calls)
    func replay(recorded: RecordedCase) async throws {
        if Deviation.isAboutCoroutines(recorded) || Deviation.isAboutTypes(recorded) { return }
        let call = WireCall(recorded)
        try await MockServer.run(call.answer) { server in
            await Outside.$current.withValue(call.outside(server)) {
                let notation = Notation(baseURL: server.url)
                let outcome = await RecordedRun(recorded.slowed, notation, call.warnings).outcome()
                check(recorded, outcome, notation, call)
            }
        }
    }

    @Test("a stream says what was recorded, and its last chunk tells the reply's meta", arguments: calls)
    func stream(recorded: RecordedCase) async throws {
        guard recorded["chunks"] != nil, let result = recorded.result else { return }
        let call = WireCall(recorded)
        try await MockServer.run(call.answer) { server in
            await Outside.$current.withValue(call.outside(server)) {
                let run = RecordedRun(recorded, Notation(baseURL: server.url), call.warnings)
                guard case .value(let stream) = await run.streamed(), let last = stream.last else {
                    if !Deviation.isRefused(recorded) { Issue.record("\(recorded): no stream") }
                    return
                }
                let reply = result["replies"]?.array?.first ?? .null
                let text = reply["content"]?.array?.compactMap { $0["text"]?.string }.joined() ?? reply.string
                #expect(stream.map(\.content).joined() == text ?? "")
                let meta = reply["meta"] ?? result["meta"]?.array?.first ?? .null
                let expected = Deviation.meta(meta, of: recorded)
                let found = JSON.object(last.meta).comparable
                #expect(found.difference(from: run.notation.plain(expected).comparable) == nil)
                #expect(stream.dropLast().allSatisfy { $0.finishReason == nil })
            }
        }
    }

    private func check(
        _ recorded: RecordedCase, _ outcome: Outcome<JSON>, _ notation: Notation, _ call: WireCall
    ) {
        let name = Comment(rawValue: recorded.description)
        switch outcome {
        case .notRun: #expect(recorded.error?.stage == "init", name)
        case .failure(let error):
            if Deviation.isRefused(recorded) {
                #expect(error as? ProviderError == .toolsWithStreaming, name)
                break
            }
            guard let expected = recorded.error else {
                Issue.record("\(recorded): \(error)")
                return
            }
            #expect(expected.difference(from: error) == nil, name)
            #expect(expected.differenceOfStatus(from: error) == nil, name)
        case .value(let value):
            #expect(!Deviation.isRefused(recorded), name)
            if let error = recorded.error {
                #expect(Deviation.mayHaveResult(recorded), "\(recorded): \(value) instead of \(error.message)")
            } else {
                let expected = notation.plain(Deviation.result(recorded)).comparable
                #expect(Deviation.found(value, of: recorded).comparable.difference(from: expected) == nil, name)
            }
        }
        #expect(Deviation.sendsNothing(recorded) ? call.isUntouched : call.problems == [], "\(name): \(call.problems)")
        if recorded["quirk"] == nil {
            let count = recorded["warnings"]?.array?.count ?? 0
            #expect(call.warnings.all.count == count, "\(recorded): \(call.warnings.all)")
        }
        if let chunks = recorded["chunks"], !Deviation.mayHaveResult(recorded), !Deviation.isRefused(recorded) {
            let found = JSON.array(notation.chunks.all.map { $0.toDict() })
            #expect(found.comparable.difference(from: chunks.comparable) == nil, name)
        }
    }
}

/// What came of an attempt.
enum Outcome<Value: Sendable>: Sendable {
    case value(Value)
    case failure(any ClassifiedError)
    /// There was nothing to run.
    case notRun
}

extension RecordedCase {
    /// How many times longer than recorded is waited, so that a busy machine misses nothing else.
    static let slowness = 12.0

    /// The case with longer timeouts.
    fileprivate var slowed: RecordedCase {
        let arguments = self["init"] ?? .null
        if let timeout = arguments["timeout"]?.double {
            return with(["timeout": .double(timeout * RecordedCase.slowness)])
        }
        guard let parameters = arguments["api_params"]?.object, let timeout = parameters["timeout"]?.double else {
            return self
        }
        let longer: (String, JSON) = ("timeout", .double(timeout * RecordedCase.slowness))
        return with(["api_params": .object(JSON.Object(parameters.filter { $0.0 != "timeout" } + [longer]))])
    }
}

extension RecordedError {
    /// How what an error tells of a server's reply differs from what was recorded; nil when it does not.
    fileprivate func differenceOfStatus(from error: any Error) -> String? {
        if kind == "api_error_in_stream" {
            guard case RemoteError.inReply(_, let message, let body) = error else { return "no error in a reply" }
            return body.difference(from: members["body"] ?? .null)
                ?? JSON.string(message).difference(from: members["message"] ?? .null)
        }
        guard kind == "http_status" else { return nil }
        guard case RemoteError.status(let status) = error else { return "no status: \(error)" }
        let found: [(String, JSON)] = [
            ("status_code", .int(status.status)), ("code", status.code.map(JSON.string) ?? .null),
            ("param", status.param.map(JSON.string) ?? .null), ("type", status.type.map(JSON.string) ?? .null),
            ("body", status.body), ("request_id", status.requestID.map(JSON.string) ?? .null),
            ("server_message", .string(status.message)),
        ]
        return found.lazy.compactMap { key, value in
            members[key].flatMap { value.difference(from: $0, at: key) }
        }.first
    }
}

extension JSON {
    /// The value with times as recordings have them, and without null members of pieces of calls.
    fileprivate var comparable: JSON {
        switch self {
        case .array(let elements): return .array(elements.map(\.comparable))
        case .object(let members):
            return .object(
                JSON.Object(
                    members.map { key, value in
                        let isTime = key == "received_at" || key == "completion_start_time"
                        if isTime, value.string?.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}/#) != nil {
                            return (key, "<timestamp>")
                        }
                        let calls = key == "tool_calls" ? value.array : nil
                        return (key, calls.map { .array($0.map(\.withoutNulls)) } ?? value.comparable)
                    }))
        default: return self
        }
    }

    private var withoutNulls: JSON {
        guard let members = object else { return self }
        return .object(JSON.Object(members.filter { !$0.1.isNull }.map { ($0, $1.withoutNulls) }))
    }
}
