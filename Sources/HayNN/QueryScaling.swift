import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Factors by which queries grow beyond the length that a model was trained on: 1 + β · ln(1 + ⌊position / length⌋).
///
/// Source: transformers/models/ministral3/modeling_ministral3.py, `get_llama_4_attn_scale`.
public struct QueryScaling: Sendable {
    private let beta: Float
    private let length: Int

    /// Factors that grow at each multiple of `length`, at least 1.
    public init(beta: Float, length: Int) {
        precondition(length >= 1, "query scaling: length \(length)")
        (self.beta, self.length) = (beta, length)
    }

    /// The factor of each new token's queries, f32 [B·T], which every layer shares; nil where all are 1.
    public func factors(for step: CacheStep) -> Tensor? {
        guard step.lastPosition >= length else { return nil }
        return step.values(at: factor)
    }

    /// In f32 at each step, as the reference implementation computes it.
    func factor(at position: Int) -> Float { 1 + beta * logf(1 + (Float(position) / Float(length)).rounded(.down)) }

    /// q [B, T, H, D], each token's heads times its factor; q itself where there are none.
    public static func scaled(_ q: Tensor, by factors: Tensor?) -> Tensor {
        guard let factors else { return q }
        return q.reshaped([factors.count, q.count / factors.count]).scalingRows(by: factors).reshaped(q.shape)
    }
}
