import HayComponents
import HayJSON

/// What a reply of OpenAI's tells of tokens.
enum OpenAIUsage {
    /// A server's counts, with null for what it does not count; null where it tells nothing.
    static func filled(_ usage: JSON?) -> JSON {
        guard let counts = usage?.object else { return .null }
        let filled = counts.map { name, value in
            (
                name,
                value.object.flatMap { members in details[name].map { .object(nulls($0).overlaid(by: members)) } }
                    ?? value
            )
        }
        return .object(nulls(names).overlaid(by: JSON.Object(filled)))
    }

    private static let names = [
        "completion_tokens", "prompt_tokens", "total_tokens", "completion_tokens_details", "prompt_tokens_details",
    ]
    private static let details = [
        "completion_tokens_details": [
            "accepted_prediction_tokens", "audio_tokens", "reasoning_tokens", "rejected_prediction_tokens",
        ],
        "prompt_tokens_details": ["audio_tokens", "cached_tokens"],
    ]

    private static func nulls(_ names: [String]) -> JSON.Object { JSON.Object(names.map { ($0, .null) }) }
}
