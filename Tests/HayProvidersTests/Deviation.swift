import HayJSON
import HaystackRecordings

/// Where our components differ from the recordings on purpose: see their documentation. Each rule goes by what a case
/// holds.
enum Deviation {
    /// Types that replies are to be of are schemas here, which any call takes.
    static func isAboutTypes(_ recorded: RecordedCase) -> Bool {
        recorded.error?.kind == "type_error" && recorded.error?.message.contains("BaseModel") == true
    }

    /// There is one sort of callback here, which may be synchronous or not.
    static func isAboutCoroutines(_ recorded: RecordedCase) -> Bool {
        let message = recorded.error?.message ?? ""
        return message.hasSuffix("callback cannot be a coroutine.") || message.hasSuffix("must be async compatible.")
    }

    /// Several replies that were to be streamed are refused before a request is sent, as are tools with streaming.
    static func sendsNothing(_ recorded: RecordedCase) -> Bool {
        recorded.error?.message.hasPrefix("Cannot stream multiple responses") == true || isRefused(recorded)
    }

    /// Tools with streaming are refused wherever the callback comes from; there they are dropped where it comes with the
    /// call.
    static func isRefused(_ recorded: RecordedCase) -> Bool {
        let tools = recorded["call"]?["args"]?["tools"] ?? recorded["init"]?["tools"] ?? .null
        return recorded.component == "HuggingFaceAPIChatGenerator" && recorded["chunks"] != nil && !tools.isNull
            && recorded.error == nil
    }

    /// What Haystack stumbles over and we do not: an empty stream of prompts' tokens, a reply without details, a delta that is
    /// null, text and a call in one event, a schema type whose replies are validated in Python, a token provider without
    /// secrets.
    static func mayHaveResult(_ recorded: RecordedCase) -> Bool {
        guard let error = recorded.error else { return false }
        switch error.kind {
        case "index_error": return recorded.component == "HuggingFaceAPIGenerator"
        case "AttributeError":
            return recorded.component == "HuggingFaceAPIGenerator"
                || recorded.component.hasPrefix("OpenAI") && recorded["chunks"] != nil
        case "tgi_error": return recorded.component.hasPrefix("OpenAI")
        default: return error.message.hasPrefix("Only one of `content`")
        }
    }

    /// A recorded result as it is here: a reply without text is an empty one, and the meta as below.
    static func result(_ recorded: RecordedCase) -> JSON {
        guard var members = recorded.result?.object.map(Array.init) else { return recorded.result ?? .null }
        for index in members.indices {
            let (key, value) = members[index]
            if key == "replies" { members[index].1 = .array(value.array?.map { $0.isNull ? "" : $0 } ?? []) }
            if key == "meta" { members[index].1 = .array(value.array?.map { meta($0, of: recorded) } ?? []) }
        }
        return .object(JSON.Object(members))
    }

    /// A recorded meta as it is here: what the last token of a stream tells counts, even if it is a special one.
    static func meta(_ meta: JSON, of recorded: RecordedCase) -> JSON {
        let events = recorded["exchanges"]?.array?.last?["response"]?["sse"]?.array ?? []
        let last = events.last?.string.flatMap { try? JSON.parse(String($0.drop { $0 != "{" })) }
        guard recorded["quirk"] != nil, let members = meta.object, let details = last?["details"] else { return meta }
        return .object(
            JSON.Object(
                members.map { key, value in
                    switch key {
                    case "finish_reason": (key, details["finish_reason"] ?? .null)
                    case "usage": (key, ["completion_tokens": details["generated_tokens"] ?? .null])
                    default: (key, value)
                    }
                }))
    }

    /// A result of ours as it would be there: where a case tells so, calls without arguments are dropped.
    static func found(_ result: JSON, of recorded: RecordedCase) -> JSON {
        let drops = recorded["quirk"]?.string?.contains("dropped") ?? false
        guard drops, let replies = result["replies"]?.array else { return result }
        let kept = replies.map { reply in
            guard let members = reply.object, let content = reply["content"]?.array else { return reply }
            let parts = content.filter { $0["tool_call"]?["arguments"]?.object?.count != 0 }
            return .object(JSON.Object(members.map { $0 == "content" ? ($0, .array(parts)) : ($0, $1) }))
        }
        return .object(JSON.Object((result.object ?? [:]).map { $0 == "replies" ? ($0, .array(kept)) : ($0, $1) }))
    }
}
