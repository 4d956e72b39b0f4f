import HayComponents
import HayGeneration
import HayJSON
import Logging

/// The options of one call to a local generator.
struct LocalOptions {
    /// How tokens are chosen.
    var config: GenerationConfig
    /// Whether the prompt is part of the replies.
    var returnsFullText: Bool
    /// What replies hold to.
    var format: ResponseFormat?
    /// What the chat template may name besides.
    var templateVariables: JSON.Object

    /// Whether stop words were given: then replies lose the white space at their end, as in Haystack.
    var trimsEnd: Bool

    /// The most new tokens where neither a call nor the checkpoint sets a limit.
    static let defaultNewTokens = 512

    /// Reads options by name over the checkpoint's own.
    ///
    /// Draws where a temperature, top_k, top_p or min_p is given and nothing is said of `do_sample`; a temperature of 0 is
    /// the likeliest token. Stop words that are no texts are passed over, all of them, with a warning. With a format, those
    /// options of the checkpoint that could cut a reply off give way.
    /// Throws `GenerationError`, `LocalGeneratorError` and `ComponentError`.
    init(_ kwargs: GenerationKwargs, over defaults: GenerationConfig, stopWords: [String], _ logger: Logger) throws {
        var kwargs = kwargs
        let given = ["stop_words", "stop_sequences"].compactMap { kwargs.remove($0) }
        returnsFullText = try LocalOptions.flag(kwargs.remove("return_full_text"), "return_full_text") ?? false
        format = try kwargs.remove("response_format").flatMap { try ResponseFormat($0) }
        if returnsFullText, format != nil { throw LocalGeneratorError.fullTextWithFormat }
        templateVariables = try LocalOptions.object(kwargs.remove("chat_template_kwargs"), "chat_template_kwargs")
        if let thinks = kwargs.remove("enable_thinking") { templateVariables.append("enable_thinking", thinks) }
        config = format == nil ? defaults : LocalOptions.whole(defaults)
        if let count = kwargs.remove("n") { kwargs["num_return_sequences"] = count }
        try config.set(LocalOptions.withoutPassive(kwargs).dictionary)
        if kwargs["do_sample"] == nil { config.doSample = LocalOptions.draws(kwargs, config) }
        let words = stopWords + LocalOptions.words(given, logger)
        trimsEnd = !words.isEmpty
        if !words.isEmpty {
            try config.set(["stop_strings": .array((config.stopStrings + words).map { .string($0) })])
        }
        if config.maxNewTokens == nil, config.maxLength == nil { config.maxNewTokens = LocalOptions.defaultNewTokens }
    }

    /// Whether tokens are drawn where nothing is said of `do_sample`.
    private static func draws(_ kwargs: GenerationKwargs, _ config: GenerationConfig) -> Bool {
        let given = ["temperature", "top_k", "top_p", "min_p"].contains { kwargs[$0].map { !$0.isNull } ?? false }
        if !given || config.contrastivePenalty > 0 { return config.doSample }
        return kwargs["temperature"]?.double != 0
    }

    /// Options without those that a format refuses as they could cut a reply off.
    private static func whole(_ defaults: GenerationConfig) -> GenerationConfig {
        var config = defaults
        config.stopStrings = []
        config.maxTime = nil
        config.contrastivePenalty = 0
        config.beamGroupCount = 1
        return config
    }

    private static func words(_ lists: [JSON], _ logger: Logger) -> [String] {
        let all = lists.flatMap { $0.array ?? ($0.isNull ? [] : [$0]) }
        let words = all.compactMap(\.string)
        guard words.count < all.count else { return words }
        logger.warning(
            "Invalid stop words provided. Stop words must be specified as a list of strings. Ignoring stop words: \(JSON.array(all).text(spaced: true))"
        )
        return []
    }

    private static func flag(_ value: JSON?, _ name: String) throws -> Bool? {
        guard let value, !value.isNull else { return nil }
        guard let flag = value.bool else {
            throw LocalGeneratorError.wrongOption(name, expected: "true or false", found: value.description)
        }
        return flag
    }

    private static func object(_ value: JSON?, _ name: String) throws -> JSON.Object {
        guard let value, !value.isNull else { return [:] }
        guard let object = value.object else {
            throw LocalGeneratorError.wrongOption(name, expected: "an object", found: value.kind)
        }
        return object
    }
}
