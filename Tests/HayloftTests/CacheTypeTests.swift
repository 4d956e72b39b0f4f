import HayGeneration
import HayNN
import HayTensor
import Testing

@testable import Hayloft

@Suite("The type of cached keys and values")
struct CacheTypeTests {
    private func open(_ folder: String, _ dtype: DType? = nil) throws -> LocalModel {
        try LocalModel(folder: folder, on: CPUBackend(threadCount: 2), dtype: dtype)
    }

    @Test(
        "is f16 where weights are narrower than f32",
        arguments: ["\(golden)/llama-plain", "\(bundled)/tiny-flan-t5"])
    func suitsWeights(folder: String) throws {
        #expect(try open(folder, .f32).model.cacheType == .f32)
        #expect(try open(folder, .bf16).model.cacheType == .f16)
        #expect(try open(folder, .f16).model.cacheType == .f16)
    }

    @Test(
        "changes what is written only by rounding",
        arguments: ["\(bundled)/tiny-zephyr", "\(bundled)/tiny-flan-t5"]
    )
    func writing(folder: String) throws {
        let local = try open(folder)
        var config = GenerationConfig()
        config.maxNewTokens = 12
        config.topLogprobs = 0
        let replies = try [DType.f32, .f16, .bf16, nil].map { type in
            var options = Scheduler.Options()
            options.cacheType = type
            options.cachePositions = 1 << 10
            let request = GenerationRequest(prompt: (0 ..< 45).map { 3 + $0 * 7 % 200 }, config: config)
            return try Scheduler(local.model, options, on: local.backend).run([request])[0].replies[0]
        }
        let first = try replies.map { try #require($0.tokens.first?.logprob) }
        // Roundings of a part in 2,048 and in 256, in each of a few layers.
        #expect(abs(first[1] - first[0]) < 0.01)
        #expect(abs(first[2] - first[0]) < 0.08)
        #expect(replies[3].tokenIDs == replies[1].tokenIDs)
    }
}
