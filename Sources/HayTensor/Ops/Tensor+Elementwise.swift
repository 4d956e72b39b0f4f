internal import CKernels

/// A nonlinear function between linear layers.
public enum Activation: String, Sendable, CaseIterable {
    /// max(x, 0).
    case relu
    /// x · sigmoid(x), also called swish (arXiv:1702.03118).
    case silu
    /// x · Φ(x) with the error function (arXiv:1606.08415).
    case gelu
    /// GELU by the tanh formula of the same paper, `gelu_new` in checkpoints.
    case geluTanh

    var kernelActivation: UInt32 {
        switch self {
        case .relu: HAY_RELU.rawValue
        case .silu: HAY_SILU.rawValue
        case .gelu: HAY_GELU.rawValue
        case .geluTanh: HAY_GELU_TANH.rawValue
        }
    }
}

extension Tensor {
    /// The sum of two tensors of one shape.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        precondition(a.shape == b.shape && a.dtype == .f32 && b.dtype == .f32, "add: \(a.shape) and \(b.shape)")
        let output = Tensor(uninitialized: a.shape, on: a.backend)
        output.compute(.add, a, b, columns: a.count, rows: 1, hay_add_params(count: UInt32(a.count)))
        return output
    }

    /// activation(x), element by element.
    public func activated(_ activation: Activation) -> Tensor {
        let output = Tensor(uninitialized: shape, on: backend)
        let params = hay_activate_params(count: UInt32(count), activation: activation.kernelActivation)
        output.compute(.activate, self, columns: count, rows: 1, params)
        return output
    }

    /// activation(x) · up, the gated linear unit (arXiv:2002.05202) after its two projections.
    public func gated(_ activation: Activation, _ up: Tensor) -> Tensor {
        precondition(shape == up.shape, "gated: \(shape) and \(up.shape)")
        let output = Tensor(uninitialized: shape, on: backend)
        let params = hay_gated_params(count: UInt32(count), activation: activation.kernelActivation)
        output.compute(.gated, self, up, columns: count, rows: 1, params)
        return output
    }
}
