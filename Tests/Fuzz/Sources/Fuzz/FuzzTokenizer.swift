import HayJSON
import HayTokenizer

/// Reads the input as a tokenizer.json, and takes a few texts to ids and back.
func fuzzTokenizer(_ input: [UInt8]) {
    guard let json = try? JSON.parse(input), let tokenizer = try? Tokenizer(json: json, name: "input") else { return }
    takeTexts(tokenizer)
}

/// Reads the input as a sentencepiece model, and takes a few texts to ids and back.
func fuzzSentencePiece(_ input: [UInt8]) {
    guard let tokenizer = try? Tokenizer(sentencePiece: input, name: "input") else { return }
    takeTexts(tokenizer)
}

private func takeTexts(_ tokenizer: Tokenizer) {
    for text in texts {
        let ids = tokenizer.encode(text)
        _ = try? tokenizer.encoding(of: text, and: texts[1])
        _ = tokenizer.decode(ids, skippingSpecialTokens: true)
        var decoder = tokenizer.decoder(skippingSpecialTokens: false)
        for id in ids + [-1, .max, .min, 0] { _ = decoder.append(id) }
        _ = decoder.finish()
    }
}

private let texts = [
    "", "Hello, World!  12,345 it's", " <s>[INST] é e\u{301} \u{1F468}\u{200D}\u{1F469} 日本語 ﬁ Ω\n\n\t</s>\u{0}",
    String(repeating: "ab ", count: 200),
]
