import HayComponents
import HayGeneration
import HayGrammar
import HayJSON
import Hayloft

/// Writes what a generator answers: as it comes, or as one JSON object.
struct ReplyWriter {
    let engine: TextEngine
    let modelName: String
    let dtype: String
    let loadSeconds: Double
    let json: Bool
    /// Whether each reply of the JSON has its tool calls.
    var tellsCalls = false
    let isQuiet: Bool

    var local: LocalModel { engine.local }

    /// What happened to a request so far.
    private struct Progress {
        var result = TextResult()
        var messages: [Int: ChatMessage] = [:]
        var bar: ReadingBar
    }

    /// Writes the replies of a call. With `json` nothing is written before all is there.
    ///
    /// - Returns: the first reply; nil where there is none.
    @discardableResult
    func write(_ events: LocalEventStream) async throws -> ChatMessage? {
        let work = Task {
            var progress = Progress(bar: ReadingBar(isQuiet: isQuiet))
            defer { progress.bar.clear() }
            for try await event in events {
                if Task.isCancelled { break }
                show(event, &progress)
            }
            return progress
        }
        var progress: Progress?
        try await Interrupt.whileWriting(stopping: { work.cancel() }) {
            do { progress = try await work.value } catch is CancellationError where Interrupt.shouldStop {
            } catch let error as GrammarError {
                throw CommandError("--json-schema: \(error)")
            }
        }
        guard var progress else { return nil }
        progress.result.replies.sort { $0.reply.index < $1.reply.index }
        finish(progress)
        return progress.result.replies.first.flatMap { progress.messages[$0.reply.index] }
    }

    private func show(_ event: LocalEvent, _ progress: inout Progress) {
        switch event {
        case .began(let prompt, let reused):
            (progress.result.promptTokens, progress.result.reusedTokens) = (prompt, reused)
        case .reading(let done, let total): progress.bar.show(done, of: total)
        case .chunk(let chunk):
            progress.bar.clear()
            // Of several replies only whole ones can be read.
            if !json, chunk.meta["index"] == nil, !chunk.content.isEmpty { Console.show(chunk.content) }
        case .reply(let message, let reply):
            progress.result.replies.append(reply)
            progress.messages[reply.reply.index] = message
        case .ended(let timings): progress.result.timings = timings
        }
    }

    private func finish(_ progress: Progress) {
        let replies = progress.result.replies
        if json {
            print(JSON.object(object(progress.result, progress.messages)).text(spaced: true))
        } else if let reply = replies.first, replies.count == 1 {
            print(calls(of: reply, progress.messages).map { "\($0.text(spaced: true))\n" }.joined(), terminator: "")
            if calls(of: reply, progress.messages).isEmpty { print() }
        } else {
            for (number, reply) in replies.enumerated() {
                let calls = calls(of: reply, progress.messages).map { $0.text(spaced: true) }
                print("\(number + 1). \(calls.isEmpty ? reply.text : calls.joined(separator: "\n   "))")
            }
        }
    }

    private func calls(of reply: TextReply, _ messages: [Int: ChatMessage]) -> [JSON] {
        (messages[reply.reply.index]?.toolCalls ?? []).map { call in
            ["name": .string(call.toolName), "arguments": call.givenArguments]
        }
    }

    private func object(_ result: TextResult, _ messages: [Int: ChatMessage]) -> JSON.Object {
        let count = result.replies.reduce(0) { $0 + $1.reply.tokens.count }
        let timings = result.timings
        let rest = count - result.replies.count
        let rate = rest > 0 && timings.decode > 0 ? Double(rest) / timings.decode : 0
        return JSON.Object([
            ("replies", .array(result.replies.map { .object(object($0, messages)) })),
            (
                "usage",
                [
                    "prompt_tokens": .int(result.promptTokens), "completion_tokens": .int(count),
                    "total_tokens": .int(result.promptTokens + count), "cached_tokens": .int(result.reusedTokens),
                ]
            ),
            (
                "timing",
                [
                    "load_seconds": .double(loadSeconds), "time_to_first_token_seconds": .double(timings.prompt),
                    "prompt_tokens_per_second": .double(
                        timings.prompt > 0
                            ? Double(result.promptTokens - result.reusedTokens) / timings.prompt : 0),
                    "tokens_per_second": .double(rate),
                ]
            ),
            ("model", .string(modelName)), ("device", .string(local.backend.name)), ("dtype", .string(dtype)),
        ])
    }

    private func object(_ reply: TextReply, _ messages: [Int: ChatMessage]) -> JSON.Object {
        let tokens = reply.reply.tokens
        let reason = messages[reply.reply.index]?.meta["finish_reason"] ?? "stop"
        var object = JSON.Object([
            ("text", .string(reply.text)), ("token_ids", .array(tokens.map { .int(Int($0.id)) })),
            ("finish_reason", reason), ("index", .int(reply.reply.index)),
        ])
        if let stop = reply.stopText { object.append("stop_text", .string(stop)) }
        if let score = reply.reply.score { object.append("score", .double(Double(score))) }
        if tokens.contains(where: { $0.logprob != nil }) { object.append("logprobs", .array(tokens.map(logprobs))) }
        if tellsCalls { object.append("tool_calls", .array(calls(of: reply, messages))) }
        return object
    }

    private func logprobs(_ token: GeneratedToken) -> JSON {
        let top = token.top.map {
            JSON.object(.init([("id", .int(Int($0.id))), ("logprob", .double(Double($0.logprob)))]))
        }
        return .object(
            .init([
                ("id", .int(Int(token.id))), ("logprob", token.logprob.map { .double(Double($0)) } ?? .null),
                ("top_logprobs", .array(top)),
            ]))
    }
}
