internal import CKernels

extension Tensor {
    /// Divides each row by its root mean square and scales it: y = x / sqrt(mean(x²) + ε) · w.
    ///
    /// x [..., C], weight [C] -> [..., C].
    /// Source: arXiv:1910.07467, equation 4.
    public func rmsNorm(_ weight: Tensor, epsilon: Float) -> Tensor {
        let dim = shape[-1]
        precondition(weight.shape == [dim] && weight.dtype == .f32, "rmsNorm: weight \(weight.shape), x \(shape)")
        let output = Tensor(uninitialized: shape, on: backend)
        let params = hay_rms_norm_params(dim: UInt32(dim), epsilon: epsilon)
        output.compute(.rmsNorm, self, weight, columns: dim, rows: count / dim, params)
        return output
    }

    /// Takes each row's mean from it, divides by its standard deviation, then scales and shifts it:
    /// y = (x - mean(x)) / sqrt(var(x) + ε) · w + b, with the variance of C values, not C - 1.
    ///
    /// x [..., C], weight and bias [C] -> [..., C]. With weights [H, C], the rows are those of [..., H, C] and each of the
    /// H has a weight of its own.
    /// Source: arXiv:1607.06450.
    public func layerNorm(_ weight: Tensor?, bias: Tensor?, epsilon: Float) -> Tensor {
        let dim = shape[-1], rows = count / dim
        let heads = weight.map { $0.shape.rank == 2 ? $0.shape[0] : 1 } ?? 1
        for vector in [weight, bias].compactMap({ $0 }) {
            precondition(
                vector.dtype == .f32 && vector.shape[-1] == dim && vector.count == heads * dim
                    && rows.isMultiple(of: heads),
                "layerNorm: weight or bias \(vector.shape), x \(shape)")
        }
        let output = Tensor(uninitialized: shape, on: backend)
        let params = hay_layer_norm_params(dim: UInt32(dim), heads: UInt32(heads), epsilon: epsilon)
        output.compute(.layerNorm, self, weight, bias, columns: dim, rows: rows, params)
        return output
    }
}
