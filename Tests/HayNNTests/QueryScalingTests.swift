import HayTensor
import Testing

@testable import HayNN

@Suite("Queries scaled by position")
struct QueryScalingTests {
    let backend = CPUBackend(threadCount: 1)

    /// `get_llama_4_attn_scale` of transformers 5.23 with these numbers.
    @Test("factors are the reference's")
    func factors() {
        let scaling = QueryScaling(beta: 0.1, length: 16)
        let expected: [Float] = [1.0, 1.0, 1.06931472, 1.10986125, 1.13862944, 1.41431344]
        for (position, factor) in zip([0, 15, 16, 47, 48, 1000], expected) {
            #expect(abs(scaling.factor(at: position) - factor) <= 1.2e-7 * factor)  // one rounding of a logarithm
        }
    }

    @Test("each token's heads are multiplied by the factor of its position, and short texts by none")
    func scaled() throws {
        let shape = CacheShape(layerCount: 1, kvHeadCount: 1, headSize: 1)
        let cache = KVCache(in: BlockPool(shape, blockCount: 4, on: backend))
        let scaling = QueryScaling(beta: 1, length: 4)
        #expect(scaling.factors(for: CacheStep(advancing: cache, by: 4)) == nil)
        let step = CacheStep(advancing: cache, by: 5)  // positions 4 ... 8
        let factors = scaling.factors(for: step)
        let q = Tensor((0 ..< 30).map(Float.init), [1, 5, 3, 2], on: backend)
        let found = try QueryScaling.scaled(q, by: factors).array()
        let expected = (0 ..< 30).map { Float($0) * scaling.factor(at: 4 + $0 / 6) }
        #expect(found == expected && scaling.factor(at: 7) != scaling.factor(at: 8))
        #expect(try QueryScaling.scaled(q, by: nil).array() == (0 ..< 30).map(Float.init))
    }
}
