import HayTensor
import HayWeights

/// A linear layer: y = x · Wᵀ + b, with a bias when the checkpoint has one.
public struct Linear: Sendable {
    /// The weight [out, in].
    public let weight: Tensor
    /// The bias [out].
    public let bias: Tensor?

    /// The layer whose weight [out, in] stands in `weights`. Throws `CheckpointError`.
    public init(_ weights: Weights, _ inputSize: Int, _ outputSize: Int) throws {
        weight = try weights.matrix("weight", [outputSize, inputSize])
        bias = try weights.vectorIfPresent("bias", [outputSize])
    }

    /// The output layer of a model, which has a row for each token [V, C]. Throws `CheckpointError`.
    public init(head weights: Weights, _ hiddenSize: Int, _ vocabularySize: Int) throws {
        weight = try weights.table("weight", [vocabularySize, hiddenSize])
        bias = try weights.vectorIfPresent("bias", [vocabularySize])
    }

    init(weight: Tensor) {
        self.weight = weight
        bias = nil
    }

    /// The type of keys and values that suits the weight: see `LanguageModel.cacheType`.
    public var cacheType: DType { weight.dtype == .f32 ? .f32 : .f16 }

    /// x [..., in] -> scale · x · Wᵀ + b [..., out], and then + residual.
    public func callAsFunction(_ x: Tensor, scale: Float = 1, adding residual: Tensor? = nil) -> Tensor {
        x.matmul(weight, bias: bias, scale: scale, adding: residual)
    }

    /// Two layers of one x in one pass, when their weights are of one type.
    public static func both(_ first: Linear, _ second: Linear, of x: Tensor) -> (Tensor, Tensor) {
        guard first.weight.dtype == second.weight.dtype else { return (first(x), second(x)) }
        return x.matmul((first.weight, second.weight), biases: (first.bias, second.bias))
    }

    /// Three layers of one x in one pass, when their weights are of one type.
    public static func all(
        _ first: Linear, _ second: Linear, _ third: Linear, of x: Tensor
    ) -> (Tensor, Tensor, Tensor) {
        let type = first.weight.dtype
        guard second.weight.dtype == type, third.weight.dtype == type else { return (first(x), second(x), third(x)) }
        return x.matmul(
            (first.weight, second.weight, third.weight), biases: (first.bias, second.bias, third.bias))
    }
}

/// A table of token vectors [V, C].
public struct Embedding: Sendable {
    private let table: Tensor

    /// The table in `weights`. Throws `CheckpointError`.
    public init(_ weights: Weights, _ vocabularySize: Int, _ hiddenSize: Int) throws {
        table = try weights.table("weight", [vocabularySize, hiddenSize])
    }

    /// Ids [B, T] -> [B, T, C].
    public func callAsFunction(_ ids: Tensor) -> Tensor { table.embedding(of: ids) }

    /// The table as the output layer, for models that tie the two.
    public var asLinear: Linear { Linear(weight: table) }
}

/// Root mean square normalisation with a learned scale (arXiv:1910.07467).
public struct RMSNorm: Sendable {
    private let weight: Tensor
    private let epsilon: Float

    /// The norm in `weights`. Throws `CheckpointError`.
    public init(_ weights: Weights, _ size: Int, epsilon: Float) throws {
        weight = try weights.vector("weight", [size])
        self.epsilon = epsilon
    }

    /// x [..., C] -> [..., C].
    public func callAsFunction(_ x: Tensor) -> Tensor { x.rmsNorm(weight, epsilon: epsilon) }
}
