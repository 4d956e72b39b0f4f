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

    /// (clamp(up, ±limit) + 1) · g · sigmoid(alpha · g) with g = min(x, limit): the gated unit of gpt-oss after its two
    /// projections.
    ///
    /// Source: transformers/models/gpt_oss/modeling_gpt_oss.py, `_apply_gate`.
    public func gatedClamped(_ up: Tensor, alpha: Float, limit: Float) -> Tensor {
        precondition(shape == up.shape, "gatedClamped: \(shape) and \(up.shape)")
        let output = Tensor(uninitialized: shape, on: backend)
        let params = hay_gated_clamped_params(count: UInt32(count), alpha: alpha, limit: limit)
        output.compute(.gatedClamped, self, up, columns: count, rows: 1, params)
        return output
    }

    /// cap · tanh(x / cap), which keeps numbers between -cap and cap (arXiv:2408.00118).
    public func softCapped(_ cap: Float) -> Tensor {
        precondition(cap > 0, "softCapped: \(cap)")
        let output = Tensor(uninitialized: shape, on: backend)
        output.compute(
            .softCap, self, columns: count, rows: 1, hay_soft_cap_params(count: UInt32(count), cap: cap))
        return output
    }

    /// Each row of x [..., C] times a number of its own; scales [N], N the number of rows.
    public func scalingRows(by scales: Tensor) -> Tensor {
        let dim = shape[-1], rows = count / dim
        precondition(scales.count == rows && scales.dtype == .f32, "scalingRows: scales \(scales.shape), x \(shape)")
        let output = Tensor(uninitialized: shape, on: backend)
        output.compute(.scaleRows, self, scales, columns: dim, rows: rows, hay_scale_rows_params(dim: UInt32(dim)))
        return output
    }
}
