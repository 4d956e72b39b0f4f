import HayTensor
import Testing

@testable import HayNN

@Suite("Mixtures of experts")
struct ExpertsTests {
    static let backends = CPUBackend.InstructionSet.available.map { CPUBackend(threadCount: 2, instructionSet: $0) }
    private static let (hidden, inner, experts) = (4, 3, 5)

    /// Numbers from -1 to 1, as the script that asked the reference implementation made them.
    private func values(_ shape: Shape, _ seed: Int, scale: Float = 1, on backend: CPUBackend) -> Tensor {
        let values = (0 ..< shape.count).map { Float(Double(($0 * 7919 + seed * 104_729) % 1000) / 500 - 1) * scale }
        return Tensor(values, shape, on: backend)
    }

    private func layer(
        _ backend: CPUBackend, routerBias: Tensor? = nil, normalizes: Bool, scale: Float = 1, biases: Bool = false,
        _ function: Experts.Gate
    ) -> Experts {
        let (c, f, e) = (Self.hidden, Self.inner, Self.experts)
        let router = Router(
            weight: values([e, c], 2, on: backend), bias: routerBias, chosenCount: 2, normalizes: normalizes)
        return Experts(
            router,
            gate: .init(
                values([e, f, c], 3, scale: scale, on: backend),
                bias: biases ? values([e, f], 7, scale: scale, on: backend) : nil),
            up: .init(
                values([e, f, c], 4, scale: scale, on: backend),
                bias: biases ? values([e, f], 8, scale: scale, on: backend) : nil),
            down: .init(values([e, c, f], 5, on: backend), bias: biases ? values([e, c], 9, on: backend) : nil),
            function: function)
    }

    /// `Qwen3MoeSparseMoeBlock` of transformers 5.23 without and with `norm_topk_prob`, which is `MixtralSparseMoeBlock`.
    @Test("compute what Qwen 3 and Mixtral do", arguments: backends)
    func gated(backend: CPUBackend) throws {
        let x = values([1, 3, Self.hidden], 1, on: backend)
        let cases: [(Bool, [Float])] = [
            (
                false,
                [
                    -0.0065882, -0.0022454, 0.0020975, -0.0212946, -0.1254229, -0.041513, 0.2548048, 0.2639846,
                    -0.1419184, 0.0107029, 0.1633243, -0.278918,
                ]
            ),
            (
                true,
                [
                    -0.011793, -0.0040192, 0.0037545, -0.0381175, -0.2109692, -0.0698275, 0.4285977, 0.4440387,
                    -0.154989, 0.0116887, 0.1783663, -0.3046061,
                ]
            ),
        ]
        for (normalizes, expected) in cases {
            let experts = layer(backend, normalizes: normalizes, .gated(.silu))
            #expect(experts(x).shape == x.shape)
            #expect(largestError(try experts(x).array(), expected) < 1e-6)
            let sums = zip(expected, try x.array()).map { $0 + $1 }
            #expect(largestError(try experts(x, adding: x).array(), sums) < 1e-6)
        }
    }

    /// `GptOssMLP` of transformers 5.23, with units beyond the limit of 7.
    @Test("compute what gpt-oss does", arguments: backends)
    func clamped(backend: CPUBackend) throws {
        let expected: [Float] = [
            1.1436515, 0.8372936, -2.3822951, 0.8186432, -7.5067239, -18.5280972, 43.3439713, 32.3639946, -10.2301149,
            3.1893451, 16.6088047, -23.9030361,
        ]
        let experts = layer(
            backend, routerBias: values([Self.experts], 6, on: backend), normalizes: true, scale: 4, biases: true,
            .clamped(alpha: 1.702, limit: 7))
        let found = try experts(values([1, 3, Self.hidden], 1, scale: 2, on: backend)).array()
        #expect(largestError(found, expected) < 2e-5)  // values up to 43
    }

    private func largestError(_ a: [Float], _ b: [Float]) -> Float {
        a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
    }
}
