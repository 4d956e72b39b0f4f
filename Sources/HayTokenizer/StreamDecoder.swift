/// Turns ids into text one by one. The pieces put together are exactly what `Tokenizer.decode` gives for all ids, and no
/// piece ends within a character: bytes wait until they are one.
public struct StreamDecoder: Sendable {
    private let tokenizer: Tokenizer
    private var skipsSpecialTokens: Bool
    private var stages: [DecodingStage]
    /// The texts on their way from stage to stage.
    private var texts = TextList()
    private var results = TextList()
    private var isFirst = true

    /// How many ids go through the stages together when there are many.
    private static let portion = 256

    init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
        stages = tokenizer.decoder.steps.map(DecodingStage.init)
    }

    /// A decoder that has taken the same ids, none of them special, and shows special tokens from here on.
    public func showingSpecialTokens() -> StreamDecoder {
        var copy = self
        copy.skipsSpecialTokens = false
        return copy
    }

    /// The text that an id completes; empty when it completes none, or when no token has the id.
    public mutating func append(_ id: Int32) -> String {
        add(id)
        passThroughStages()
        return takeOutput()
    }

    /// The text that was held back, when no more ids follow. Call it once.
    public mutating func finish() -> String {
        for index in stages.indices {
            results.removeAll()
            stages[index].take(texts, into: &results)
            stages[index].finish(into: &results)
            swap(&texts, &results)
        }
        return takeOutput()
    }

    /// All ids as one text.
    mutating func decode(_ ids: [Int32]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(ids.count * 4)
        for start in stride(from: 0, to: ids.count, by: StreamDecoder.portion) {
            for index in start ..< min(start + StreamDecoder.portion, ids.count) { add(ids[index]) }
            passThroughStages()
            output.append(contentsOf: texts.bytes)
            texts.removeAll()
        }
        return String(decoding: output, as: UTF8.self) + finish()
    }

    private mutating func add(_ id: Int32) {
        let wasFirst = isFirst
        if StreamDecoder.add(id, of: tokenizer, skipsSpecialTokens, isFirst: wasFirst, to: &texts) { isFirst = false }
    }

    /// Static, as a closure that changes `self` would copy the tokenizer for each id.
    private static func add(
        _ id: Int32, of tokenizer: borrowing Tokenizer, _ skipsSpecialTokens: Bool, isFirst: Bool,
        to texts: inout TextList
    ) -> Bool {
        let separates = tokenizer.decoder.separatesBySpaces && !isFirst
        return tokenizer.withText(of: id, skippingSpecial: skipsSpecialTokens) { text in
            if separates { texts.write(0x20) }
            texts.append(text)
        }
    }

    private mutating func passThroughStages() {
        for index in stages.indices where !stages[index].passes(texts) {
            results.removeAll()
            stages[index].take(texts, into: &results)
            swap(&texts, &results)
        }
    }

    private mutating func takeOutput() -> String {
        defer { texts.removeAll() }
        return String(decoding: texts.bytes, as: UTF8.self)
    }
}
