import HayComponents
import HayJSON

/// What a reply of OpenAI's tells of tokens.
enum OpenAIUsage {
    /// A server's counts, with null for what it does not count; null where it tells nothing.
    static func filled(_ usage: JSON?) -> JSON {
        guard let counts = usage?.object else { return .null }
        let names: JSON.Object = [
            "completion_tokens": .null, "prompt_tokens": .null, "total_tokens": .null,
            "completion_tokens_details": .null, "prompt_tokens_details": .null,
        ]
        return .object(names.overlaid(by: counts))
    }
}
