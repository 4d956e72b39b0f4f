import HayTensor

/// An MLP without a gate: outer(activation(inner(x))) (arXiv:1706.03762, section 3.3).
public struct MLP: Sendable {
    private let inner, outer: Linear
    private let activation: Activation

    /// An MLP of its layers.
    public init(inner: Linear, outer: Linear, _ activation: Activation) {
        self.inner = inner
        self.outer = outer
        self.activation = activation
    }

    /// x [..., C] -> MLP(x), and then + residual [..., C].
    public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
        outer(inner(x).activated(activation), adding: residual)
    }
}
