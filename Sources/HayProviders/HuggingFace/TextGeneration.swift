import HayComponents
import HayJSON

/// The interface of text-generation-inference for prompts: what a request's body says, and what replies mean.
struct TextGeneration: Sendable {
    private let type: String
    private let service: HuggingFaceService
    /// What replies call the model.
    private let model: String

    /// The options that the interface has.
    private static let options = [
        "adapter_id", "best_of", "decoder_input_details", "do_sample", "frequency_penalty", "grammar",
        "max_new_tokens", "model", "repetition_penalty", "return_full_text", "seed", "stop", "stop_sequences",
        "temperature", "top_k", "top_n_tokens", "top_p", "truncate", "typical_p", "watermark",
    ]

    init(type: String, model: String, _ service: HuggingFaceService) {
        self.type = type
        self.model = model
        self.service = service
    }

    /// What a prompt is answered with: one message, whose text is the reply's.
    ///
    /// - Parameter sink: takes the reply's chunks; nil asks for the whole reply.
    func answer(_ prompt: String, kwargs: GenerationKwargs, sink: ChunkSink?) async throws -> ChatMessage {
        let reader = try DictionaryReader(
            .object(kwargs.dictionary), place: "generation_kwargs", known: TextGeneration.options)
        var kwargs = kwargs
        let named = try reader.optionalString("model")
        kwargs["model"] = nil
        let sequences = kwargs.remove("stop_sequences")
        if kwargs["stop"]?.isNull ?? true, let sequences { kwargs["stop"] = sequences }
        kwargs["details"] = true
        return try await answer(prompt, kwargs.dictionary.withoutNulls, model: named, sink)
    }

    /// The answer of a model; nil for the component's own. What a server does not use is left out when it is asked again.
    /// As the name of the model belongs to what is remembered, a first refusal is asked again unchanged.
    private func answer(
        _ prompt: String, _ parameters: JSON.Object, model: String?, _ sink: ChunkSink?
    ) async throws -> ChatMessage {
        let unused = service.unused.names(for: model)
        // Such a server streams nothing.
        if sink != nil, !unused.isEmpty { throw ProviderError.noStreaming }
        let used = JSON.Object(parameters.filter { !unused.contains($0.0) })
        let target = try await service.promptTarget(model: model)
        let body: JSON = ["inputs": .string(prompt), "parameters": .object(used), "stream": .bool(sink != nil)]
        do {
            if let sink { return try await streamed(target.url, body, sink) }
            return try message(of: try await service.post(target.url, body), from: target.url)
        } catch RemoteError.status(let status) {
            if status.status == 400, let names = UnusedOptions.names(in: status.message),
                model == nil || !names.allSatisfy(unused.contains), unused.count < 100
            {
                service.unused.add(names, for: model)
                service.logger.notice("The server does not use \(names.joined(separator: ", ")); it is asked without.")
                var parameters = parameters
                // Only text-generation-inference tells details.
                if !unused.isEmpty { parameters.set("details", to: false) }
                return try await answer(prompt, parameters, model: model ?? self.model, sink)
            }
            guard let type = status.generationType else { throw RemoteError.status(status) }
            throw RemoteError.generation(type: type, message: status.message, status: status)
        }
    }

    private func message(of reply: JSON, from url: String) throws -> ChatMessage {
        let reply = reply.array?.first ?? reply
        guard let text = reply["generated_text"]?.string else {
            throw ServerRequest(url: url).invalidReply("it has no 'generated_text'")
        }
        let details = reply["details"] ?? .null
        return .assistant(
            text,
            meta: [
                "model": .string(model), "finish_reason": details["finish_reason"] ?? .null,
                "usage": ["completion_tokens": .int(details["tokens"]?.array?.count ?? 0)],
            ])
    }

    private func streamed(_ url: String, _ body: JSON, _ sink: ChunkSink) async throws -> ChatMessage {
        var text = "", isFirst = true, details = JSON.null, startTime = JSON.null
        try await service.stream(url, body) { event in
            if startTime.isNull { startTime = .string(WallTime.local()) }
            if let given = event["details"], !given.isNull { details = given }
            guard let token = event["token"], token["special"] != true else { return }
            let piece = token["text"]?.string ?? ""
            text += piece
            let chunk = chunk(piece, token, event["details"]?.object, isFirst: isFirst)
            isFirst = false
            try await sink(chunk)
        }
        return .assistant(
            text,
            meta: [
                "finish_reason": details["finish_reason"] ?? .null, "model": .string(model),
                "usage": ["completion_tokens": details["generated_tokens"] ?? 0],
                "completion_start_time": startTime,
            ])
    }

    private func chunk(_ text: String, _ token: JSON, _ details: JSON.Object?, isFirst: Bool) -> StreamingChunk {
        var meta: JSON.Object = [:]
        for key in ["id", "logprob", "special", "text"] { meta.append(key, token[key] ?? .null) }
        for (key, value) in details ?? [:] { meta.append(key, value) }
        return StreamingChunk(
            text: text, meta: meta, componentInfo: ComponentInfo(type: type), index: 0, start: isFirst,
            finishReason: details?["finish_reason"]?.string.map(TextGeneration.mapped))
    }

    /// A reason to finish in the words that chunks have for it.
    static func mapped(_ reason: String) -> String { reason == "length" ? "length" : "stop" }
}
