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

    /// Whether words that end replies were given: then replies lose the white space at their end, as in Haystack.
    var trimsEnd: Bool { !config.stopStrings.isEmpty }

    /// Reads options by name over the checkpoint's own.
    ///
    /// Draws where a temperature, top_k, top_p or min_p is given and nothing is said of `do_sample`; takes the likeliest
    /// token otherwise. Stop words that are no texts are passed over, all of them, with a warning.
    /// Throws `GenerationError`, `LocalGeneratorError` and `ComponentError`.
    init(_ kwargs: GenerationKwargs, over defaults: GenerationConfig, stopWords: [String], _ logger: Logger) throws {
        var kwargs = kwargs
        let given = ["stop_words", "stop_sequences"].compactMap { kwargs.remove($0) }
        returnsFullText = try LocalOptions.flag(kwargs.remove("return_full_text"), "return_full_text") ?? false
        format = try kwargs.remove("response_format").flatMap { try ResponseFormat($0) }
        if returnsFullText, format != nil { throw LocalGeneratorError.fullTextWithFormat }
        templateVariables = try LocalOptions.object(kwargs.remove("chat_template_kwargs"), "chat_template_kwargs")
        if let thinks = kwargs.remove("enable_thinking") { templateVariables.append("enable_thinking", thinks) }
        config = defaults
        if let count = kwargs.remove("n") { kwargs["num_return_sequences"] = count }
        try config.set(kwargs.dictionary)
        let drawing = ["temperature", "top_k", "top_p", "min_p"].compactMap { kwargs[$0] }.contains { !$0.isNull }
        if drawing, kwargs["do_sample"] == nil, config.contrastivePenalty == 0, config.temperature > 0 {
            config.doSample = true
        }
        config.stopStrings += stopWords + LocalOptions.words(given, logger)
        try config.set(["stop_strings": .array(config.stopStrings.map { .string($0) })])
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
