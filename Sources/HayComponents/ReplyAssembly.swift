import HayJSON

/// Makes one message of the chunks of a reply.
public struct ReplyAssembly: Sendable {
    private var text = ""
    private var reasoning: ReasoningContent?
    private var calls: [Int: PartialCall] = [:]
    private var startTime: JSON?
    private var model: JSON = .null
    private var usage: JSON = .null
    private var finishReason: String?
    private let warn: @Sendable (String) -> Void

    private struct PartialCall {
        var id = ""
        var name = ""
        var arguments = ""
    }

    /// An assembly without chunks.
    ///
    /// - Parameter warn: takes a sentence for each tool call that has to be left out.
    public init(warn: @escaping @Sendable (String) -> Void = { _ in }) { self.warn = warn }

    /// Takes the next chunk.
    public mutating func add(_ chunk: StreamingChunk) {
        if startTime == nil { startTime = chunk.meta["received_at"] ?? .null }
        model = chunk.meta["model"] ?? .null
        usage = chunk.meta["usage"] ?? .null
        finishReason = chunk.finishReason ?? finishReason
        text += chunk.content
        if let piece = chunk.reasoning {
            // In place, so that long thoughts are not copied with every piece.
            reasoning?.text += piece.text
            reasoning?.extra = piece.extra
            if reasoning == nil { reasoning = piece }
        }
        for delta in chunk.toolCalls ?? [] {
            var call = calls.removeValue(forKey: delta.index) ?? PartialCall()
            // llama.cpp says id and name with every piece.
            let isRepeated = delta.id != nil && delta.id == call.id && delta.toolName == call.name
            if !isRepeated { call.name += delta.toolName ?? "" }
            call.id = delta.id ?? call.id
            call.arguments += delta.arguments ?? ""
            calls[delta.index] = call
        }
    }

    /// The reply: text where there is any, tool calls in the order of their indices, and in `meta` the last chunk's
    /// model and usage, the last reason to finish and the time of the first chunk. Calls whose arguments are not JSON are
    /// left out; no arguments at all are an empty object.
    ///
    /// Throws `MessageError.emptyStream` where no chunk came.
    public func message() throws -> ChatMessage {
        guard let startTime else { throw MessageError.emptyStream }
        return .assistant(
            text.isEmpty ? nil : text,
            toolCalls: calls.sorted { $0.key < $1.key }.compactMap { toolCall($0.value) }, reasoning: reasoning,
            meta: [
                "model": model, "index": 0, "finish_reason": JSON(finishReason), "completion_start_time": startTime,
                "usage": usage,
            ])
    }

    private func toolCall(_ call: PartialCall) -> ToolCall? {
        do {
            let arguments = try call.arguments.isEmpty ? [:] : ToolCall.givenArguments(inText: call.arguments)
            return ToolCall(toolName: call.name, givenArguments: arguments, id: call.id)
        } catch {
            warn(
                "The call of the tool '\(call.name)' (id '\(call.id)') is left out, as its arguments are not JSON "
                    + "(\(error)): \(call.arguments.prefix(2000))")
            return nil
        }
    }
}
