import HayGeneration
import HayJSON
import HayTensor
import Hayloft

/// Runs a generation and writes its reply: as it comes, or as one JSON object.
struct ReplyWriter {
    let local: LocalModel
    let modelName: String
    let dtype: String
    let loadSeconds: Double
    let json: Bool

    /// Generates and writes a reply. With `json` nothing is written before it is whole.
    ///
    /// - Returns: the text of the reply.
    @discardableResult
    func write(_ prompt: [Int32], _ config: GenerationConfig, extra: (String) -> JSON.Object = { _ in .init() }) throws
        -> String
    {
        let stopwatch = Stopwatch()
        let generation = try TextGeneration(local, prompt: prompt, config)
        var firstToken: Double?
        try Interrupt.whileWriting {
            while !Interrupt.shouldStop, let piece = try generation.next() {
                if firstToken == nil { firstToken = stopwatch.seconds }
                if !json { Console.show(piece) }
            }
        }
        if json {
            let object = object(generation, prompt.count, stopwatch.seconds, firstToken, extra(generation.text))
            print(JSON.object(object).text(spaced: true))
        } else {
            print()
        }
        return generation.text
    }

    private func object(
        _ generation: TextGeneration, _ promptCount: Int, _ seconds: Double, _ firstToken: Double?, _ extra: JSON.Object
    ) -> JSON.Object {
        let count = generation.tokenIDs.count
        var reply = JSON.Object([
            ("text", .string(generation.text)),
            ("token_ids", .array(generation.tokenIDs.map { .int(Int($0)) })),
            ("finish_reason", .string(generation.finishReason?.rawValue ?? "stop")), ("index", 0),
        ])
        for (key, value) in extra { reply.append(key, value) }
        let first = firstToken ?? seconds
        let rate = count > 1 && seconds > first ? Double(count - 1) / (seconds - first) : 0
        return JSON.Object([
            ("replies", .array([.object(reply)])),
            (
                "usage",
                [
                    "prompt_tokens": .int(promptCount), "completion_tokens": .int(count),
                    "total_tokens": .int(promptCount + count),
                ]
            ),
            (
                "timing",
                [
                    "load_seconds": .double(loadSeconds), "time_to_first_token_seconds": .double(first),
                    "prompt_tokens_per_second": .double(Double(promptCount) / first),
                    "tokens_per_second": .double(rate),
                ]
            ),
            ("model", .string(modelName)), ("device", .string(local.backend.name)), ("dtype", .string(dtype)),
        ])
    }
}

extension ModelOptions {
    /// Opens a model for replies.
    func replyWriter(bundled: String, json: Bool) throws -> ReplyWriter {
        let folder = try folder(bundled: bundled)
        let stopwatch = Stopwatch()
        let local = try open(folder, on: makeBackend())
        return ReplyWriter(
            local: local, modelName: model ?? bundled, dtype: dtype.dtype?.rawValue ?? local.storedType,
            loadSeconds: stopwatch.seconds, json: json)
    }
}
