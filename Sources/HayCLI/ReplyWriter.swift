import HayGeneration
import HayJSON
import HayNN
import HayTensor
import Hayloft

/// Runs generations and writes their replies: as they come, or as one JSON object.
struct ReplyWriter {
    let engine: TextEngine
    let assistant: LocalModel?
    let modelName: String
    let dtype: String
    let loadSeconds: Double
    let json: Bool

    var local: LocalModel { engine.local }

    /// Generates and writes the replies to a prompt. With `json` nothing is written before all is there.
    ///
    /// - Parameters:
    ///   - format: what replies hold to.
    ///   - extra: what is told of a reply besides, by its text.
    /// - Returns: the text of the first reply.
    @discardableResult
    func write(
        _ prompt: [Int32], _ config: GenerationConfig, format: ResponseFormat? = nil,
        extra: (String) -> JSON.Object = { _ in .init() }
    ) async throws -> String {
        var request = GenerationRequest(prompt: prompt, config: config)
        request.assistant = assistant?.model
        do { request.constraint = try format.map { try engine.constraint($0, config) } } catch {
            throw CommandError("--json-schema: \(error)")
        }
        var result = TextResult()
        var shown = ""
        let stream = try engine.stream(request)
        try await Interrupt.whileWriting(stopping: { stream.cancel() }) {
            for try await event in stream {
                if Interrupt.shouldStop { break }
                switch event {
                case .began(let prompt, let reused): (result.promptTokens, result.reusedTokens) = (prompt, reused)
                case .text(let piece, 0) where config.returnCount == 1:
                    shown += piece
                    if !json { Console.show(piece) }
                case .text: break
                case .reply(let reply): result.replies.append(reply)
                case .ended(let timings): result.timings = timings
                }
            }
        }
        result.replies.sort { $0.reply.index < $1.reply.index }
        if json {
            print(JSON.object(object(result, extra)).text(spaced: true))
        } else if config.returnCount == 1 {
            print()
        } else {
            for (number, reply) in result.replies.enumerated() { print("\(number + 1). \(reply.text)") }
        }
        return result.replies.first?.text ?? shown
    }

    private func object(_ result: TextResult, _ extra: (String) -> JSON.Object) -> JSON.Object {
        let count = result.replies.reduce(0) { $0 + $1.reply.tokens.count }
        let timings = result.timings
        let rest = count - result.replies.count
        let rate = rest > 0 && timings.decode > 0 ? Double(rest) / timings.decode : 0
        return JSON.Object([
            ("replies", .array(result.replies.map { .object(object($0, extra($0.text))) })),
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

    private func object(_ reply: TextReply, _ extra: JSON.Object) -> JSON.Object {
        let tokens = reply.reply.tokens
        var object = JSON.Object([
            ("text", .string(reply.text)), ("token_ids", .array(tokens.map { .int(Int($0.id)) })),
            ("finish_reason", .string(reply.reply.finishReason?.rawValue ?? "stop")),
            ("index", .int(reply.reply.index)),
        ])
        if let stop = reply.stopText { object.append("stop_text", .string(stop)) }
        if let score = reply.reply.score { object.append("score", .double(Double(score))) }
        if tokens.contains(where: { $0.logprob != nil }) { object.append("logprobs", .array(tokens.map(logprobs))) }
        for (key, value) in extra { object.append(key, value) }
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

extension ModelOptions {
    /// Opens a model for replies, and the one that guesses ahead for it.
    func replyWriter(bundled: String, assistant: String? = nil, json: Bool) throws -> ReplyWriter {
        let folder = try folder(bundled: bundled)
        let stopwatch = Stopwatch()
        let backend = makeBackend()
        let local = try open(folder, on: backend)
        var engine = Engine.Options()
        engine.scheduler.cacheType = cacheType.dtype
        let assistant = try assistant.map { try open(ModelOptions.locator.folder(of: $0), on: backend) }
        return ReplyWriter(
            engine: try TextEngine(local, engine), assistant: assistant, modelName: model ?? bundled,
            dtype: dtype.dtype?.rawValue ?? local.storedType, loadSeconds: stopwatch.seconds, json: json)
    }
}
