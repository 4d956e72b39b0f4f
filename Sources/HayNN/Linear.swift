import HayTensor
import HayWeights

/// A linear layer: y = scale · (x · Wᵀ + b), with a bias when the checkpoint has one.
public struct Linear: Sendable {
    /// The weight [out, in].
    public let weight: Tensor
    /// The bias [out], already multiplied by `scale`.
    public let bias: Tensor?
    /// The factor of the layer's output.
    public let scale: Float

    /// The layer whose weight [out, in] stands in `weights`. Throws `CheckpointError`.
    ///
    /// - Parameters:
    ///   - hasBias: whether a bias is added when the checkpoint has one.
    ///   - part: the part of the stored weight and bias that the layer's are.
    ///   - scale: a factor of the output, bias included.
    public init(
        _ weights: Weights, _ inputSize: Int, _ outputSize: Int, hasBias: Bool = true, part: StoredPart = .whole,
        scale: Float = 1
    ) throws {
        weight = try weights.matrix("weight", [outputSize, inputSize], part: part)
        let stored = try hasBias ? weights.vectorIfPresent("bias", [outputSize], part: part) : nil
        bias = try scale == 1 ? stored : stored?.mapped { $0 * scale }
        self.scale = scale
    }

    /// The layer of a weight [out, in] and a bias [out], if any, which is already multiplied by `scale`.
    public init(weight: Tensor, bias: Tensor? = nil, scale: Float = 1) {
        self.weight = weight
        self.bias = bias
        self.scale = scale
    }

    /// The type of keys and values that suits the weight: see `LanguageModel.cacheType`.
    public var cacheType: DType { weight.dtype == .f32 ? .f32 : .f16 }

    /// x [..., in] -> scale · x · Wᵀ + b [..., out], and then + residual.
    ///
    /// - Parameter scale: one more factor of the product, which the bias does not get.
    public func callAsFunction(_ x: Tensor, scale: Float = 1, adding residual: Tensor? = nil) -> Tensor {
        x.matmul(weight, bias: bias, scale: scale * self.scale, adding: residual)
    }

    /// Two layers of one x in one pass, when their weights are of one type and their scales are equal.
    public static func both(_ first: Linear, _ second: Linear, of x: Tensor) -> (Tensor, Tensor) {
        guard first.joins(second) else { return (first(x), second(x)) }
        return x.matmul((first.weight, second.weight), biases: (first.bias, second.bias), scale: first.scale)
    }

    /// Three layers of one x in one pass, when their weights are of one type and their scales are equal.
    public static func all(
        _ first: Linear, _ second: Linear, _ third: Linear, of x: Tensor
    ) -> (Tensor, Tensor, Tensor) {
        guard first.joins(second), first.joins(third) else { return (first(x), second(x), third(x)) }
        return x.matmul(
            (first.weight, second.weight, third.weight), biases: (first.bias, second.bias, third.bias),
            scale: first.scale)
    }

    /// Whether one call can compute both layers.
    private func joins(_ other: Linear) -> Bool { weight.dtype == other.weight.dtype && scale == other.scale }
}
