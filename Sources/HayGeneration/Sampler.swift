#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Chooses tokens from logits: processors in Hugging Face's order, then the best token or a seeded draw.
public struct Sampler: Sendable {
    private let processors: [any LogitsProcessor]
    private var random: SeededRandom?

    /// The sampler that a configuration describes.
    public init(_ config: GenerationConfig) {
        var processors: [any LogitsProcessor] = []
        if config.minNewTokens > 0, !config.eosTokenIDs.isEmpty {
            processors.append(MinNewTokens(count: config.minNewTokens, eosTokenIDs: config.eosTokenIDs))
        }
        if config.doSample {
            if config.temperature != 1 { processors.append(Temperature(temperature: config.temperature)) }
            if config.topK > 0 { processors.append(TopK(count: config.topK)) }
            if config.topP < 1 { processors.append(TopP(probability: config.topP)) }
            random = SeededRandom(seed: config.seed ?? .random(in: .min ... .max))
        }
        self.processors = processors
    }

    /// Turns logits [V] into the probabilities that the next token is drawn with.
    public func probabilities(_ logits: inout [Float], after tokens: [Int32], promptCount: Int) {
        process(&logits, after: tokens, promptCount: promptCount)
        softmax(&logits)
    }

    private func process(_ logits: inout [Float], after tokens: [Int32], promptCount: Int) {
        for processor in processors { processor.process(&logits, after: tokens, promptCount: promptCount) }
    }

    /// The next token. The logits [V] are changed. Nil when there is no finite logit to choose.
    public mutating func next(_ logits: inout [Float], after tokens: [Int32], promptCount: Int) -> Int32? {
        process(&logits, after: tokens, promptCount: promptCount)
        guard let best = argmax(logits), logits[best].isFinite else { return nil }
        guard random != nil else { return Int32(best) }
        softmax(&logits)
        return draw(logits, fallback: best)
    }

    private mutating func draw(_ probabilities: [Float], fallback: Int) -> Int32 {
        var target = random?.uniform() ?? 0
        for (index, probability) in probabilities.enumerated() where probability > 0 {
            target -= Double(probability)
            if target < 0 { return Int32(index) }
        }
        return Int32(fallback)  // the probabilities add up to a little less than the number drawn
    }
}

/// The place of the largest value, the first of equal ones; nil when all are not numbers.
///
/// Sixteen lanes at a time: a plain loop over a vocabulary costs ten times as much.
func argmax(_ values: [Float]) -> Int? {
    values.withUnsafeBufferPointer { values in
        var lanes = SIMD16<Float>(repeating: -.infinity)
        let whole = values.count / 16 * 16
        let bytes = UnsafeRawBufferPointer(values)
        for start in stride(from: 0, to: whole, by: 16) {
            let chunk = bytes.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self)
            lanes.replace(with: chunk, where: chunk .> lanes)
        }
        var best = lanes.max()
        for index in whole ..< values.count where values[index] > best { best = values[index] }
        return values.firstIndex(of: best)
    }
}

/// Turns logits into probabilities in place; minus infinity becomes 0.
func softmax(_ values: inout [Float]) {
    guard let best = argmax(values) else { return }
    let largest = values[best]
    var sum: Double = 0
    for index in values.indices {
        values[index] = values[index] == -.infinity ? 0 : expf(values[index] - largest)
        sum += Double(values[index])
    }
    let scale = Float(1 / sum)
    for index in values.indices { values[index] *= scale }
}

/// Random numbers that follow from a seed alone: SplitMix64 (Steele, Lea, Flood 2014).
struct SeededRandom: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number from 0 up to but without 1.
    mutating func uniform() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    }
}
