import HayComponents
import HayJSON

/// Makes chunks of the events of OpenAI's chat interface.
struct OpenAIChunks {
    private let info: ComponentInfo
    private var count = 0
    /// The places of calls, by id, that came without saying which of the reply's calls they are.
    private var places: [String: Int] = [:]

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
        let deltas = calls.map { piece(of: $0) }
        let call = try StreamingChunk(
            content: "", meta: meta, componentInfo: info, index: deltas[0].index, toolCalls: deltas,
            start: deltas[0].toolName != nil, finishReason: chunk.finishReason)
        if chunk.content.isEmpty { return [call] }
        chunk.finishReason = nil
        return [chunk, call]
    }

    /// A piece of a call.
    private mutating func piece(of json: JSON) -> ToolCallDelta {
        let given = json["function"]?["arguments"] ?? .null, id = json["id"]?.string
        let arguments = given.string ?? (given.isNull ? "" : given.text())
        return ToolCallDelta(
            index: json["index"]?.int ?? index(of: id), toolName: json["function"]?["name"]?.string,
            arguments: arguments.isEmpty ? nil : arguments, id: id)
    }

    /// Which call a piece belongs to that does not say: that of its id, a new one for a new id, else the last.
    private mutating func index(of id: String?) -> Int {
        guard let id else { return max(0, places.count - 1) }
        let place = places[id] ?? places.count
        places[id] = place
        return place
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
