import HayComponents
import HayGeneration
import HayJSON

extension LocalOptions {
    /// The values of arguments of transformers' pipelines and of `generate` that change nothing here; nil where none does.
    ///
    /// Programs pass them beside generation options, for they reach the engine there.
    private static let passive: [String: [JSON]?] = [
        "batch_size": nil, "num_workers": nil, "clean_up_tokenization_spaces": nil, "add_special_tokens": [true],
        "continue_final_message": [false], "padding": [false], "prefix": [""], "return_tensors": [false],
        "return_text": [true], "synced_gpus": [false], "tokenizer_encode_kwargs": [[:]], "truncation": [false],
    ]

    /// Options without the arguments that change nothing: those of `passive`, and null for what is no option, which
    /// transformers passes over.
    static func withoutPassive(_ kwargs: GenerationKwargs) -> GenerationKwargs {
        var kept = GenerationKwargs()
        for (name, value) in kwargs.dictionary where !isPassive(name, value) { kept[name] = value }
        return kept
    }

    private static func isPassive(_ name: String, _ value: JSON) -> Bool {
        guard !GenerationConfig.isOption(name) else { return false }
        guard !value.isNull, let values = passive[name] else { return value.isNull }
        return values?.contains(value) ?? true
    }
}
