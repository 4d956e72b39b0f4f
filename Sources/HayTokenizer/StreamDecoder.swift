/// Turns ids into text one by one. The pieces put together are exactly what `Tokenizer.decode` gives for all ids, and no
/// piece ends within a character: bytes wait until they are one.
public struct StreamDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    private var stages: [DecodingStage]
    private var output: [UInt8] = []
    private var isFirst = true

    init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
        stages = tokenizer.decoder.steps.map(DecodingStage.init)
    }

    /// The text that an id completes; empty when it completes none, or when no token has the id.
    public mutating func append(_ id: Int32) -> String {
        add(id)
        defer { output.removeAll(keepingCapacity: true) }
        return String(decoding: output, as: UTF8.self)
    }

    /// The text that was held back, when no more ids follow. Call it once.
    public mutating func finish() -> String {
        end()
        defer { output.removeAll(keepingCapacity: true) }
        return String(decoding: output, as: UTF8.self)
    }

    /// All ids as one text.
    mutating func decode(_ ids: [Int32]) -> String {
        output.reserveCapacity(ids.count * 4)
        for id in ids { add(id) }
        return finish()
    }

    private mutating func add(_ id: Int32) {
        guard let text = tokenizer.text(of: id, skippingSpecial: skipsSpecialTokens) else { return }
        if tokenizer.decoder.separatesBySpaces, !isFirst { output.append(0x20) }
        isFirst = false
        pass(text, from: 0)
    }

    /// Sends a text through the stages from one on.
    private mutating func pass(_ text: ArraySlice<UInt8>, from first: Int) {
        guard first < stages.count else { return output.append(contentsOf: text) }
        for result in stages[first].release(before: text) { pass(result, from: first + 1) }
        if let result = stages[first].take(text) { pass(result, from: first + 1) }
    }

    private mutating func end() {
        for index in stages.indices {
            for result in stages[index].finish() { pass(result, from: index + 1) }
        }
    }
}
