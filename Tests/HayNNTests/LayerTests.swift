import HayTensor
import HayWeights
import TestSupport
import Testing

@testable import HayNN

/// Layers with weights small enough to work their results out.
@Suite("Layers")
struct LayerTests {
    let folder = TemporaryFolder()
    let backend = CPUBackend(threadCount: 1)

    private func weights(_ tensors: [(name: String, shape: [Int], values: [Float])]) throws -> Weights {
        try SafetensorsWriter.write(tensors, to: "\(folder.path)/model.safetensors")
        return try Weights(Checkpoint(folder: folder.path), on: backend)
    }

    private func row(_ values: [Float]) -> Tensor { Tensor(values, [1, values.count], on: backend) }

    @Test("a linear layer's scale multiplies its bias too, alone and beside others")
    func linear() throws {
        let weights = try weights([("weight", [2, 2], [1, 0, 0, 1]), ("bias", [2], [10, 20])])
        let plain = try Linear(weights, 2, 2), half = try Linear(weights, 2, 2, scale: 0.5)
        let unbiased = try Linear(weights, 2, 2, hasBias: false, scale: 0.5)
        let x = row([2, 4])
        #expect(try half(x).array() == [6, 12])
        #expect(try half(x, adding: row([1, 1])).array() == [7, 13])
        #expect(try unbiased(x).array() == [1, 2])
        #expect(try plain(x).array() == [12, 24])
        for (first, second) in [(half, half), (half, plain), (plain, plain), (unbiased, half)] {
            let both = Linear.both(first, second, of: x)
            #expect(try both.0.array() == first(x).array() && both.1.array() == second(x).array())
            let all = Linear.all(first, second, first, of: x)
            #expect(try all.0.array() == first(x).array() && all.1.array() == second(x).array())
            #expect(try all.2.array() == first(x).array())
        }
    }

    @Test("a norm may store what its scale is beyond one, and norms each head by itself")
    func rmsNorm() throws {
        let weights = try weights([("weight", [2], [1, 0.5])])
        let x = row([1, 7])  // mean square 25
        #expect(try RMSNorm(weights, 2, epsilon: 0)(x).array() == [0.2, 0.7])
        #expect(try RMSNorm(weights, 2, epsilon: 0, addsOne: true)(x).array() == [0.4, 2.1])
        let heads = Tensor([1, 7, 7, 1, 5, 5] as [Float], [1, 1, 3, 2], on: backend)
        #expect(try RMSNorm(weights, 2, epsilon: 0)(heads).array() == [0.2, 0.7, 1.4, 0.1, 1, 0.5])
    }

    @Test("layer norm has the bias that the checkpoint has, unless it is told otherwise")
    func layerNorm() throws {
        let x = row([1, 3])  // mean 2, variance 1
        let biased = try weights([("weight", [2], [1, 2]), ("bias", [2], [5, 6])])
        #expect(try LayerNorm(biased, 2, epsilon: 0)(x).array() == [4, 8])
        #expect(try LayerNorm(biased, 2, epsilon: 0, hasBias: false)(x).array() == [-1, 2])
        let plain = try weights([("weight", [2], [1, 2])])
        #expect(try LayerNorm(plain, 2, epsilon: 0)(x).array() == [-1, 2])
        #expect(try LayerNorm(epsilon: 0)(x).array() == [-1, 1])
        let perHead = try weights([("weight", [2, 2], [1, 2, 3, 4])])
        let heads = Tensor([1, 3, 1, 3] as [Float], [1, 1, 2, 2], on: backend)
        #expect(try LayerNorm(perHead, [2, 2], epsilon: 0)(heads).array() == [-1, 2, -3, 4])
        #expect(
            throws: CheckpointError.wrongShape(
                tensor: "weight", file: "\(folder.path)/model.safetensors", expected: [3], found: [2, 2])
        ) { try LayerNorm(perHead, 3, epsilon: 0) }
    }

    @Test("embeddings are scaled, the output layer tied to them is not")
    func embedding() throws {
        let weights = try weights([("table", [2, 2], [1, 2, 3, 4])])
        let (embed, head) = try Embedding.withHead(
            weights, embedding: "table", head: "head", [2, 2], areTied: true, scale: 3)
        #expect(try embed(Tensor([1] as [Int32], [1, 1], on: backend)).array() == [9, 12])
        #expect(try head(row([1, 1])).array() == [3, 7])
    }
}
