import HayJSON

/// Generation options by name, as a dictionary or through properties: `["max_new_tokens": 64]` is `.init(maxNewTokens: 64)`.
///
/// Each component says which names it knows. Options of a call replace those of the component, name by name; null counts
/// as a value.
public struct GenerationKwargs: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// The options, in order, each name once.
    public private(set) var dictionary: JSON.Object

    /// The options of a dictionary; of a name that stands twice the last value counts.
    public init(_ dictionary: JSON.Object = [:]) {
        self.dictionary = JSON.Object().overlaid(by: dictionary)
    }

    /// Options by name.
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(JSON.Object(elements)) }

    /// The usual options under Hugging Face's names; nil leaves one unsaid.
    ///
    /// - Parameters:
    ///   - maxNewTokens: the most new tokens.
    ///   - temperature: divides the logits before drawing: below 1 sharper, above 1 flatter.
    ///   - topK: draw only from this many most likely tokens.
    ///   - topP: draw only from the most likely tokens that together have this probability.
    ///   - doSample: whether to draw at all; without it, giving one of the three above does so.
    ///   - seed: what the random numbers follow from.
    ///   - repetitionPenalty: above 1, tokens of the text so far are less likely.
    ///   - beams: how many texts are followed at once.
    ///   - replies: how many replies to give.
    ///   - responseFormat: what replies hold to.
    public init(
        maxNewTokens: Int? = nil, temperature: Double? = nil, topK: Int? = nil, topP: Double? = nil,
        doSample: Bool? = nil, seed: Int? = nil, repetitionPenalty: Double? = nil, beams: Int? = nil,
        replies: Int? = nil, responseFormat: ResponseFormat? = nil
    ) {
        dictionary = [:]
        self["max_new_tokens"] = maxNewTokens.map { .int($0) }
        self["temperature"] = temperature.map { .double($0) }
        self["top_k"] = topK.map { .int($0) }
        self["top_p"] = topP.map { .double($0) }
        self["do_sample"] = doSample.map { .bool($0) }
        self["seed"] = seed.map { .int($0) }
        self["repetition_penalty"] = repetitionPenalty.map { .double($0) }
        self["num_beams"] = beams.map { .int($0) }
        self["num_return_sequences"] = replies.map { .int($0) }
        self["response_format"] = responseFormat?.json
    }

    /// An option's value; nil takes the option away.
    public subscript(_ name: String) -> JSON? {
        get { dictionary[name] }
        set {
            if let newValue { dictionary.set(name, to: newValue) } else { dictionary.remove(name) }
        }
    }

    /// Takes an option out and gives its value.
    public mutating func remove(_ name: String) -> JSON? {
        defer { self[name] = nil }
        return self[name]
    }

    /// These options with others in place of those of the same name. Nothing within a value is combined.
    public func overlaid(by others: GenerationKwargs?) -> GenerationKwargs {
        GenerationKwargs(dictionary.overlaid(by: others?.dictionary ?? [:]))
    }
}
