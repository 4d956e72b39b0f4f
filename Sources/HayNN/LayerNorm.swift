import HayTensor
import HayWeights

/// Layer normalization (arXiv:1607.06450): each row gets mean 0 and variance 1, then a learned scale and bias.
public struct LayerNorm: Sendable {
    private let weight, bias: Tensor?
    private let epsilon: Float

    /// The norm in `weights`, with a bias when the checkpoint has one. Throws `CheckpointError`.
    ///
    /// - Parameter hasBias: whether a bias is added when the checkpoint has one.
    public init(_ weights: Weights, _ size: Int, epsilon: Float, hasBias: Bool = true) throws {
        try self.init(weights, [size], epsilon: epsilon, hasBias: hasBias)
    }

    /// The norm of heads [..., H, D] with a scale and bias for each: shape [H, D]. Throws `CheckpointError`.
    public init(_ weights: Weights, _ shape: Shape, epsilon: Float, hasBias: Bool = true) throws {
        weight = try weights.vector("weight", shape)
        bias = try hasBias ? weights.vectorIfPresent("bias", shape) : nil
        self.epsilon = epsilon
    }

    /// The norm of heads [..., H, D] whose scales [D] are separate tensors, without biases. Throws `CheckpointError`.
    public init(heads: [Weights], _ size: Int, epsilon: Float) throws {
        let scales = try heads.map { try $0.vector("weight", [size]) }
        weight = Tensor(try scales.flatMap { try $0.array() }, [heads.count, size], on: scales[0].backend)
        bias = nil
        self.epsilon = epsilon
    }

    /// The norm without a scale and a bias.
    public init(epsilon: Float) {
        (weight, bias) = (nil, nil)
        self.epsilon = epsilon
    }

    /// x [..., C] -> [..., C], each row of C values by itself.
    public func callAsFunction(_ x: Tensor) -> Tensor { x.layerNorm(weight, bias: bias, epsilon: epsilon) }
}
