import HayTensor

/// A mixture of experts: a router sends each row to a few of many gated MLPs, whose results are summed with its weights
/// (arXiv:1701.06538, arXiv:2401.04088).
public struct Experts: Sendable {
    /// The function between an expert's projections.
    public enum Gate: Sendable {
        /// activation(gate) · up.
        case gated(Activation)
        /// The clamped unit of gpt-oss: see `Tensor.gatedClamped`.
        case clamped(alpha: Float, limit: Float)
    }

    /// A linear layer of each expert.
    public struct Projection: Sendable {
        /// The weights [E, out, in].
        public let weight: Tensor
        /// The biases [E, out].
        public let bias: Tensor?

        /// The layers of these weights [E, out, in] and biases [E, out].
        public init(_ weight: Tensor, bias: Tensor? = nil) {
            self.weight = weight
            self.bias = bias
        }
    }

    private let router: Router
    private let gate, up, down: Projection
    private let function: Gate

    /// The layer of a router and the projections of its experts: gate and up [E, F, C], down [E, C, F].
    public init(_ router: Router, gate: Projection, up: Projection, down: Projection, function: Gate) {
        self.router = router
        self.gate = gate
        self.up = up
        self.down = down
        self.function = function
    }

    /// x [..., C] -> the weighted sum of its experts' results [..., C], and then + residual.
    public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
        let routing = router(x)
        let (g, u) = x.expertMatmul((gate.weight, up.weight), biases: (gate.bias, up.bias), routing)  // [N · k, F]
        let h =
            switch function {
            case .gated(let activation): g.gated(activation, u)
            case .clamped(let alpha, let limit): g.gatedClamped(u, alpha: alpha, limit: limit)
            }
        return h.expertMatmul(down.weight, bias: down.bias, routing)
            .expertSum(routing, shape: x.shape, adding: residual)
    }
}
