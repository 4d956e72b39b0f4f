import HayComponents
import HayJSON

/// OpenAI's chat interface: what a request's body says, and what replies mean.
struct OpenAIChat: Sendable {
    /// Which of Haystack's two kinds of components asks; they differ in small things.
    enum Kind: Sendable {
        /// Sends `n` only where it is given. A format of replies is the server's matter.
        case plain
        /// Always sends `n`. A reply that was to hold to a format and was cut short is an error.
        case chat
    }

    private static let path = "chat/completions"
    private let kind: Kind
    private let type: String
    private let service: OpenAIService

    init(_ kind: Kind, type: String, _ service: OpenAIService) {
        self.kind = kind
        self.type = type
        self.service = service
    }

    /// What a conversation is answered with.
    ///
    /// - Parameters:
    ///   - tools: gives the tools' definitions, once the messages are found right.
    ///   - kwargs: go into the body in place of anything of the same name, but for what says how a request is sent.
    ///   - sink: takes the reply's chunks; nil asks for whole replies.
    func answer(
        _ messages: [ChatMessage], kwargs: GenerationKwargs, tools: () throws -> [JSON] = { [] }, sink: ChunkSink?
    ) async throws -> [ChatMessage] {
        if sink != nil, let count = kwargs["n"]?.int, count > 1 { throw ProviderError.streamedReplies }
        var body: JSON.Object = [
            "model": .string(service.model), "messages": .array(try messages.map { try $0.openAIDict() }),
            "stream": .bool(sink != nil),
        ]
        let tools = try tools()
        let options = try OpenAIOptions(kwargs, for: kind, isStreamed: sink != nil)
        if kind == .chat { body.append("n", 1) }
        if !tools.isEmpty { body.append("tools", .array(tools)) }
        body = body.overlaid(by: options.body)
        if let sink { return [try await streamed(.object(body), options.sending, sink)] }
        let isHeldToFormat = kind == .chat && options.body["response_format"] != nil
        if isHeldToFormat {
            try OpenAIChat.checkStrict(body["tools"]?.array ?? [])
            try OpenAIChat.checkFormat(options.body["response_format"] ?? .null)
        }
        let reply = try await service.post(OpenAIChat.path, .object(body), options.sending)
        return try replies(in: reply, isHeldToFormat: isHeldToFormat)
    }

    private static func checkStrict(_ tools: [JSON]) throws {
        for tool in tools {
            let type = tool["type"]?.string ?? ""
            guard type == "function" else { throw ProviderError.notAFunction(type: type) }
            guard tool["function"]?["strict"] == true else {
                throw ProviderError.notStrict(tool: tool["function"]?["name"]?.string ?? "")
            }
        }
    }

    private static func checkFormat(_ format: JSON) throws {
        guard format.object == nil else { return }
        throw ComponentError.wrongValue(place: "response_format", expected: "a dictionary", found: format.kind)
    }

    private func streamed(
        _ body: JSON, _ sending: OpenAIOptions.Sending, _ sink: ChunkSink
    ) async throws -> ChatMessage {
        var chunks = OpenAIChunks(type: type)
        var reply = ReplyAssembly { service.logger.warning("\($0)") }
        try await service.stream(OpenAIChat.path, body, sending) { event in
            guard kind == .plain || event["choices"]?.array?.count ?? 0 <= 1 else {
                throw service.invalidReply(OpenAIChat.path, "an event has more than one choice")
            }
            for chunk in try chunks.chunks(of: event, at: WallTime.local()) {
                reply.add(chunk)
                try await sink(chunk)
            }
        }
        let message = try reply.message()
        warnOfCut(message.meta)
        return message
    }

    /// The messages of a reply's choices.
    private func replies(in reply: JSON, isHeldToFormat: Bool) throws -> [ChatMessage] {
        guard let choices = reply["choices"]?.array else {
            throw service.invalidReply(OpenAIChat.path, "it has no list of 'choices'")
        }
        let usage = OpenAIUsage.filled(reply["usage"])
        if isHeldToFormat { for choice in choices { try OpenAIChat.checkFinished(choice["finish_reason"] ?? .null) } }
        return choices.enumerated().map { place, choice in
            let reason = choice["finish_reason"] ?? .null
            let meta: JSON.Object = [
                "model": reply["model"] ?? .null, "index": choice["index"] ?? .int(place), "finish_reason": reason,
                "usage": usage,
            ]
            warnOfCut(meta)
            let calls = (choice["message"]?["tool_calls"]?.array ?? []).compactMap(toolCall)
            return .assistant(choice["message"]?["content"]?.string, toolCalls: calls, meta: meta)
        }
    }

    private static func checkFinished(_ reason: JSON) throws {
        switch reason {
        case "length": throw RemoteError.unfinishedFormat(reason: "the length limit was reached")
        case "content_filter":
            throw RemoteError.unfinishedFormat(reason: "the request was rejected by the content filter")
        default: break
        }
    }

    /// A call of a reply. One of a custom tool is none; one whose arguments are not JSON is left out.
    private func toolCall(_ call: JSON) -> ToolCall? {
        guard let function = call["function"] else { return nil }
        let name = function["name"]?.string ?? ""
        do {
            return ToolCall(
                toolName: name, givenArguments: try toolArguments(function["arguments"]), id: call["id"]?.string)
        } catch {
            service.logger.warning(
                """
                The call of the tool '\(name)' (id '\(call["id"]?.string ?? "")') is left out, as its arguments are not \
                JSON (\(error)); `tools_strict` prevents that
                """)
            return nil
        }
    }

    private func warnOfCut(_ meta: JSON.Object) {
        let reply = "Reply \(meta["index"]?.int ?? 0)"
        switch meta["finish_reason"] {
        case "length": service.logger.warning("\(reply) is cut off; a greater max_tokens allows for more.")
        case "content_filter": service.logger.warning("\(reply) is cut off by the content filter.")
        default: break
        }
    }
}
