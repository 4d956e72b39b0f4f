import HayTensor
import HayWeights

/// Root mean square normalization with a learned scale (arXiv:1910.07467).
public struct RMSNorm: Sendable {
    private let weight: Tensor
    private let epsilon: Float

    /// The norm in `weights`. Throws `CheckpointError`.
    ///
    /// - Parameter addsOne: whether the checkpoint stores the scale's difference from 1, as Gemma does.
    public init(_ weights: Weights, _ size: Int, epsilon: Float, addsOne: Bool = false) throws {
        let stored = try weights.vector("weight", [size])
        weight = try addsOne ? stored.mapped { 1 + $0 } : stored
        self.epsilon = epsilon
    }

    /// x [..., C] -> [..., C], each row of C values by itself: [B, T, H, D] too, with a weight of D values.
    public func callAsFunction(_ x: Tensor) -> Tensor { x.rmsNorm(weight, epsilon: epsilon) }
}
