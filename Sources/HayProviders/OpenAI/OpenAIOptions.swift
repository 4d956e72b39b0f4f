import HayComponents
import HayJSON

/// What `generation_kwargs` says to OpenAI's interface: members of a request's body, and how the request is sent.
struct OpenAIOptions: Sendable {
    /// Members of the body.
    private(set) var body: JSON.Object
    /// How the request is sent.
    let sending: Sending

    /// How one request differs from the component's others.
    struct Sending: Sendable {
        /// Members of the body that the interface does not name, in place of those that it does.
        var body: JSON.Object = [:]
        /// Headers by name.
        var headers: JSON.Object = [:]
        /// What the address gets as its query, by name.
        var query: JSON.Object = [:]
        /// The longest wait, in seconds; nil stands for the component's own.
        var timeout: Double?
    }

    /// The options that the chat interface has.
    /// Source: openai 1.108, `Completions.create`.
    private static let names = [
        "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens",
        "max_tokens", "metadata", "modalities", "n", "parallel_tool_calls", "prediction", "presence_penalty",
        "prompt_cache_key", "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop",
        "store", "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity",
        "web_search_options",
    ]
    private static let sendingNames = ["extra_body", "extra_headers", "extra_query", "timeout"]
    /// What a chat component's options may replace of what the component says itself.
    private static let chatNames = ["messages", "model", "stream"]

    /// Throws `ProviderError` for names that the interface does not have, and `ComponentError` for wrong values.
    init(_ kwargs: GenerationKwargs, for kind: OpenAIChat.Kind, isStreamed: Bool) throws {
        var options = kwargs
        if kind == .chat, kwargs["response_format"]?.isFilled != true { options["response_format"] = nil }
        let isHeldToFormat = kind == .chat && !isStreamed && options["response_format"] != nil
        // A chat component says by itself whether it streams; the structured call has no such option.
        if kind == .chat, !isHeldToFormat { options["stream"] = nil }
        let known = OpenAIOptions.names + (kind == .chat ? OpenAIOptions.chatNames : [])
        for name in options.dictionary.keys where !(known + OpenAIOptions.sendingNames).contains(name) {
            throw ProviderError.unknownGenerationOption(name)
        }
        if isHeldToFormat, options["stream"] != nil { throw ProviderError.unknownGenerationOption("stream") }
        let reader = try DictionaryReader(.object(options.dictionary), place: "generation_kwargs")
        sending = Sending(
            body: try reader.optionalObject("extra_body") ?? [:],
            headers: try reader.optionalObject("extra_headers") ?? [:],
            query: try reader.optionalObject("extra_query") ?? [:], timeout: try reader.optionalDouble("timeout"))
        for name in OpenAIOptions.sendingNames { options[name] = nil }
        body = options.dictionary
    }
}
