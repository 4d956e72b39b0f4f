import HayComponents
import HayJSON

/// Hugging Face's chat interface: what a request's body says, and what replies mean.
struct HuggingFaceChat: Sendable {
    private let type: String
    private let service: HuggingFaceService
    /// What whole replies call the model.
    private let model: String

    /// The options that the interface has.
    private static let options = [
        "extra_body", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "model", "n", "presence_penalty",
        "response_format", "seed", "stop", "temperature", "tool_choice", "tool_prompt", "top_logprobs", "top_p",
    ]

    init(type: String, model: String, _ service: HuggingFaceService) {
        self.type = type
        self.model = model
        self.service = service
    }

    /// What a conversation is answered with; nil where the server gives no reply.
    ///
    /// - Parameters:
    ///   - tools: gives the tools, once the messages are found right.
    ///   - sink: takes the reply's chunks; nil asks for the whole reply.
    func answer(
        _ messages: [ChatMessage], kwargs: GenerationKwargs, tools: () throws -> [Tool], sink: ChunkSink?
    ) async throws -> ChatMessage? {
        let messages = JSON.array(try messages.map { try $0.huggingFaceDict() }), tools = try tools()
        let reader = try DictionaryReader(
            .object(kwargs.dictionary), place: "generation_kwargs",
            known: HuggingFaceChat.options + (sink == nil ? ["stream_options"] : []))
        var kwargs = kwargs
        let others = try reader.optionalObject("extra_body") ?? [:]
        let target = try await service.chatTarget(model: reader.optionalString("model"))
        (kwargs["model"], kwargs["extra_body"]) = (nil, nil)
        var body: JSON.Object = [
            "model": .string(target.model), "messages": messages, "stream": .bool(sink != nil),
        ]
        if sink != nil { body.append("stream_options", ["include_usage": true]) }
        if !tools.isEmpty { body.append("tools", .array(tools.map { $0.openAIDict().withoutNulls })) }
        body = body.overlaid(by: kwargs.dictionary.withoutNulls)
        // Only servers of Hugging Face's own get messages with what is null in them.
        if target.format != .value { body = body.withoutNulls }
        target.format.rewrite(&body, kwargs["response_format"])
        body = body.merged(with: others.withoutNulls)
        if let sink { return try await streamed(target.url, .object(body), sink) }
        return message(of: try await service.post(target.url, .object(body)))
    }

    /// The message of a reply's first choice.
    private func message(of reply: JSON) -> ChatMessage? {
        guard let choice = reply["choices"]?.array?.first else { return nil }
        let calls = choice["message"]?["tool_calls"] ?? .null
        let reason = HuggingFaceChat.mapped(choice["finish_reason"]?.string, of: choice["message"])
        return .assistant(
            choice["message"]?["content"]?.string, toolCalls: (calls.array ?? []).compactMap(toolCall),
            meta: [
                "model": .string(model), "finish_reason": JSON(reason), "index": choice["index"] ?? 0,
                "usage": HuggingFaceChat.counts(reply["usage"]),
            ])
    }

    /// A call of a reply. Arguments are an object or the text of JSON; a call with others is left out, and one whose text
    /// says null, false, 0 or an empty list or text.
    private func toolCall(_ call: JSON) -> ToolCall? {
        let function = call["function"] ?? .null, name = function["name"]?.string ?? ""
        do {
            let given = function["arguments"] ?? .null
            guard given.isNull || given.string != nil || given.object != nil else {
                throw ComponentError.wrongValue(place: "they", expected: "an object or a text", found: given.kind)
            }
            let arguments = try toolArguments(given)
            guard arguments.isFilled || arguments.object != nil else { return nil }
            return ToolCall(toolName: name, givenArguments: arguments, id: call["id"]?.string)
        } catch {
            service.logger.warning(
                "The call of the tool '\(name)' is left out, as its arguments are not JSON (\(error))")
            return nil
        }
    }

    private func streamed(_ url: String, _ body: JSON, _ sink: ChunkSink) async throws -> ChatMessage {
        var reply = ReplyAssembly(), isFirst = true
        try await service.stream(url, body) { event in
            let chunk = chunk(of: event, isFirst: isFirst)
            isFirst = false
            reply.add(chunk)
            try await sink(chunk)
        }
        var message = try reply.message()
        if message.meta["usage"]?.isNull ?? true { message.meta.set("usage", to: HuggingFaceChat.counts(nil)) }
        return message
    }

    private func chunk(of event: JSON, isFirst: Bool) -> StreamingChunk {
        var meta: JSON.Object = ["model": event["model"] ?? .null, "received_at": .string(WallTime.local())]
        let info = ComponentInfo(type: type)
        guard let choice = event["choices"]?.array?.first else {
            let usage = event["usage"] ?? .null
            meta.append("usage", usage.isNull ? .null : HuggingFaceChat.counts(usage))
            return StreamingChunk(text: "", meta: meta, componentInfo: info)
        }
        let delta = choice["delta"] ?? .null, reason = choice["finish_reason"] ?? .null
        meta.append("finish_reason", reason)
        let mapped = HuggingFaceChat.mapped(reason.string, of: delta)
        return StreamingChunk(
            text: delta["content"]?.string ?? "", meta: meta, componentInfo: info, index: mapped == nil ? 0 : nil,
            start: isFirst, finishReason: mapped)
    }

    private static func counts(_ usage: JSON?) -> JSON {
        ["prompt_tokens": usage?["prompt_tokens"] ?? 0, "completion_tokens": usage?["completion_tokens"] ?? 0]
    }

    /// A reason to finish in the words that replies and chunks have for it.
    ///
    /// - Parameter message: what is said with it, a whole message or a piece of one.
    private static func mapped(_ reason: String?, of message: JSON?) -> String? {
        guard let reason else { return nil }
        let hasCalls = ["tool_calls", "tool_call_id"].contains { message?[$0]?.isNull == false }
        return hasCalls ? "tool_calls" : reason == "length" ? "length" : "stop"
    }
}
