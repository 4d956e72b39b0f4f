import Dispatch
import HayGeneration
import HayModels
import HayNN
import HayTensor
import HayWeights
import Synchronization
import TestSupport

@testable import Hayloft

let golden = "\(Fixtures.packageFolder)/Tests/Golden"
let bundled = "\(Fixtures.packageFolder)/Models/Bundled"
let checkpoints = ["\(golden)/llama-plain", "\(golden)/mistral-sliding", "\(golden)/t5-gated-untied-f16"]

/// Ids that look like nothing else: a text of its own for each seed.
func text(_ seed: Int, count: Int) -> [Int32] {
    var random = SeededRandom(seed: UInt64(seed))
    return (0 ..< count).map { _ in Int32(3 + random.uniform() * 90) }
}

func request(_ prompt: [Int32], new: Int, _ change: (inout GenerationConfig) -> Void = { _ in })
    -> GenerationRequest
{
    var config = GenerationConfig()
    config.maxNewTokens = new
    change(&config)
    return GenerationRequest(prompt: prompt, config: config)
}

func sample(_ config: inout GenerationConfig, seed: UInt64) {
    config.doSample = true
    config.topK = 0
    config.temperature = 1.2
    config.seed = seed
}

func model(_ folder: String, threads: Int = 2, dtype: DType? = nil) throws -> LocalModel {
    try LocalModel(folder: folder, on: CPUBackend(threadCount: threads), dtype: dtype)
}

func engine(_ local: LocalModel, _ change: (inout Engine.Options) -> Void = { _ in }) -> Engine {
    var options = Engine.Options()
    options.scheduler.cachePositions = 1 << 14
    change(&options)
    return Engine(local.model, options, on: local.backend)
}

/// A model that notes how many passes it computed, and how many tokens the longest had.
struct Observed: LanguageModel {
    static let modelTypes: [String] = []
    let model: Llama
    let passes = Counter()
    let longest = Counter()
    /// The pass that waits for the gate to open.
    var held = 0
    let gate = DispatchSemaphore(value: 0)

    final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func add(_ number: Int) { count.add(number, ordering: .relaxed) }
        func raise(to number: Int) { count.max(number, ordering: .relaxed) }
    }

    init(_ weights: Weights, _ config: ModelConfig) throws { model = try Llama(weights, config) }
    init(_ model: Llama, holdingAt held: Int = 0) {
        self.model = model
        self.held = held
    }
    var cacheShape: CacheShape { model.cacheShape }
    var vocabularySize: Int { model.vocabularySize }
    var contextLength: Int? { model.contextLength }
    func hidden(_ tokens: Tensor, _ step: CacheStep) -> Tensor {
        passes.add(1)
        longest.raise(to: tokens.count)
        if passes.value == held { gate.wait() }
        return model.hidden(tokens, step)
    }
    func logits(_ hidden: Tensor) -> Tensor { model.logits(hidden) }
}

extension Double {
    /// e to this power, by its series: independent of the C library that the code uses.
    var exponential: Double {
        var term = 1.0, sum = 1.0
        for n in 1 ..< 60 {
            term *= abs(self) / Double(n)
            sum += term
        }
        return self < 0 ? 1 / sum : sum
    }
}

extension Double {
    /// The natural logarithm, by Newton's method on `exponential`.
    var logarithm: Double {
        var x = 0.0
        for _ in 0 ..< 100 { x += 2 * (self - x.exponential) / (self + x.exponential) }
        return x
    }
}
