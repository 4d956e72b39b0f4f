import HayJSON

@testable import HayTokenizer

/// Tokenizers small enough to work out by hand.
enum Samples {
    /// A model in the manner of Llama: spaces are marks, bytes stand in for what is missing.
    static let bpe = """
        {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
         "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "<0x0A>": 3, "<0xC3>": 4, "<0xA9>": 5, "▁": 6, "a": 7, "b": 8, "c": 9,
                   "ab": 10, "bc": 11, "abc": 12, "▁ab": 13},
         "merges": ["a b", "b c", "ab c", "▁ ab"]}
        """

    /// A model of scored pieces: "abc" is best whole, "ab" is worth less than its letters.
    static let unigram = """
        {"type": "Unigram", "unk_id": 0,
         "vocab": [["<unk>", 0], ["</s>", 0], ["▁", -2], ["a", -1], ["b", -1], ["c", -3], ["ab", -2.5], ["abc", -4]]}
        """

    /// Spaces to marks, and one before the text.
    static let marks = """
        {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
        """

    /// Marks and bytes to text.
    static let decoder = """
        {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
        """

    /// `<s>` before the text.
    static let template = """
        {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
         "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
        """

    /// A special token of `added_tokens`.
    static func added(_ content: String, _ flags: String...) -> String {
        let flags = ["single_word", "lstrip", "rstrip", "normalized", "special"].map {
            "\"\($0)\": \(flags.contains($0))"
        }
        return "{\"id\": 0, \"content\": \"\(content)\", \(flags.joined(separator: ", "))}"
    }

    /// A whole file; parts that are not given are null.
    static func json(
        model: String = bpe, normalizer: String = "null", preTokenizer: String = "null", postProcessor: String = "null",
        decoder: String = "null", added: [String] = []
    ) -> String {
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [\(added.joined(separator: ", "))],
         "normalizer": \(normalizer), "pre_tokenizer": \(preTokenizer), "post_processor": \(postProcessor),
         "decoder": \(decoder), "model": \(model)}
        """
    }

    /// The tokenizer of a file's text.
    static func tokenizer(_ json: String) throws -> Tokenizer {
        try Tokenizer(json: JSON.parse(json), name: "tokenizer.json")
    }

    /// Llama in small: all parts.
    static func llama() throws -> Tokenizer {
        try tokenizer(
            json(
                normalizer: marks, postProcessor: template, decoder: decoder,
                added: [added("<s>", "special"), added("</s>", "special")]))
    }
}
