import Testing

@testable import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("Routers choose experts")
struct RouterTests {
    @Test("the largest logits, in falling order, of equal ones the lower expert first")
    func order() throws {
        let logits = Tensor([1, 3, 2, 3, -1, 2, 0, 0, 0, 0, 0, 0] as [Float], [2, 6], on: Backends.reference)
        #expect(try logits.routed(to: 4, .softmax, normalizes: true).experts.integers() == [1, 3, 2, 5, 0, 1, 2, 3])
        #expect(try logits.routed(to: 1, .sigmoid, normalizes: true).experts.integers() == [1, 0])
        let negative = Tensor([-0.0, 0, -.infinity, .nan, .infinity] as [Float], [1, 5], on: Backends.reference)
        #expect(try negative.routed(to: 5, .softmax, normalizes: false).experts.integers() == [3, 4, 0, 1, 2])
    }

    @Test("weights worked out by hand")
    func weights() throws {
        // exp of these is 1, 2, 4 and 1: a softmax of 1/8, 2/8, 4/8 and 1/8.
        let logits = Tensor([0, logf(2), logf(4), 0], [1, 4], on: Backends.reference)
        func weights(_ count: Int, _ scoring: RouterScoring, _ normalizes: Bool, _ factor: Float = 1) throws -> [Float]
        {
            try logits.routed(to: count, scoring, normalizes: normalizes, factor: factor).weights.array()
        }
        #expect(largestError(try weights(2, .softmax, false), [0.5, 0.25]) < 1e-7)
        #expect(largestError(try weights(2, .softmax, true), [2.0 / 3, 1.0 / 3]) < 1e-7)
        #expect(largestError(try weights(4, .softmax, true, 2), [1, 0.5, 0.25, 0.25]) < 1e-7)
        // The sigmoid of log a is a / (1 + a).
        #expect(largestError(try weights(3, .sigmoid, false), [4.0 / 5, 2.0 / 3, 1.0 / 2]) < 1e-7)
        #expect(largestError(try weights(2, .sigmoid, true, 1.5), [1.5 * 6 / 11, 1.5 * 5 / 11]) < 1e-7)
    }

    @Test("large logits neither overflow nor vanish", arguments: RouterScoring.allCases)
    func range(scoring: RouterScoring) throws {
        for base in [Float(-3000), 3000] {
            let logits = Tensor([base, base + 1, base - 1], [1, 3], on: Backends.reference)
            let weights = try logits.routed(to: 2, scoring, normalizes: true).weights.array()
            if scoring == .softmax { #expect(largestError(weights, [0.7310586, 0.26894143]) < 1e-6) }
            #expect(weights.allSatisfy { $0.isFinite })
        }
    }

    @Test("thousands of experts, all of them chosen, and the same for any threads", arguments: Backends.tested)
    func many(backend: CPUBackend) throws {
        for (rows, experts, count) in [(33, 128, 8), (3, 4096, 4096), (9, 1, 1), (17, 257, 3)] {
            let values = randomValues(rows * experts, seed: 7).map { ($0 * 100).rounded() / 8 }
            let routing = Tensor(values, [rows, experts], on: backend).routed(to: count, .softmax, normalizes: false)
            let (found, weights) = (try routing.experts.integers(), try routing.weights.array())
            for row in 0 ..< rows {
                let logits = values[row * experts ..< (row + 1) * experts].map(Double.init)
                let sorted = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(count)
                #expect(Array(found[row * count ..< (row + 1) * count]) == sorted.map(Int32.init))
                let top = logits.max() ?? 0, sum = logits.reduce(0) { $0 + exp($1 - top) }
                let expected = sorted.map { Float(exp(logits[$0] - top) / sum) }
                #expect(largestError(Array(weights[row * count ..< (row + 1) * count]), expected) < 1e-6)
            }
        }
    }
}

extension Tensor {
    /// The elements of an i32 tensor.
    func integers() throws -> [Int32] {
        var values = [Int32](repeating: 0, count: count)
        try values.withUnsafeMutableBytes { try backend.read(buffer, at: offset, into: $0) }
        return values
    }
}
