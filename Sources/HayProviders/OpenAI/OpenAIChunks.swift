import HayComponents
import HayJSON

/// Makes chunks of the events of OpenAI's chat interface.
struct OpenAIChunks {
    private let info: ComponentInfo
    private var count = 0

    init(type: String) { info = ComponentInfo(type: type) }

    /// The chunks of an event: one, or two where it has both text and a piece of a call.
    mutating func chunks(of event: JSON, at time: String) throws -> [StreamingChunk] {
        defer { count += 1 }
        var meta: JSON.Object = ["model": event["model"] ?? .null]
        guard let choice = event["choices"]?.array?.first else {
            meta.append("received_at", .string(time))
            meta.append("usage", OpenAIUsage.filled(event["usage"]))
            return [StreamingChunk(text: "", meta: meta, componentInfo: info)]
        }
        let delta = choice["delta"] ?? .null, reason = choice["finish_reason"] ?? .null
        let text = delta["content"]?.string, calls = delta["tool_calls"]?.array ?? []
        meta.append("index", choice["index"] ?? 0)
        meta.append("tool_calls", calls.isEmpty ? .null : .array(calls))
        meta.append("finish_reason", reason)
        meta.append("received_at", .string(time))
        meta.append("usage", OpenAIUsage.filled(event["usage"]))
        let hasRole = delta["role"].map { !$0.isNull } ?? false
        var chunk = StreamingChunk(
            text: text ?? "", meta: meta, componentInfo: info, index: hasRole || text == nil ? nil : 0,
            start: count == 1, finishReason: OpenAIChunks.mapped(reason.string))
        if calls.isEmpty { return [chunk] }
        let deltas = calls.enumerated().map(OpenAIChunks.delta)
        let call = try StreamingChunk(
            content: "", meta: meta, componentInfo: info, index: deltas[0].index, toolCalls: deltas,
            start: deltas[0].toolName != nil, finishReason: chunk.finishReason)
        if chunk.content.isEmpty { return [call] }
        chunk.finishReason = nil
        return [chunk, call]
    }

    /// A piece of a call. Servers that do not say which call it belongs to send whole ones, in order.
    private static func delta(_ place: Int, _ json: JSON) -> ToolCallDelta {
        let arguments = json["function"]?["arguments"]?.string
        return ToolCallDelta(
            index: json["index"]?.int ?? place, toolName: json["function"]?["name"]?.string,
            arguments: arguments?.isEmpty == true ? nil : arguments, id: json["id"]?.string)
    }

    /// A reason to finish in the words that chunks have for it.
    private static func mapped(_ reason: String?) -> String? {
        switch reason {
        case "stop", "length", "content_filter", "tool_calls": reason
        case "function_call": "tool_calls"
        default: nil
        }
    }
}
