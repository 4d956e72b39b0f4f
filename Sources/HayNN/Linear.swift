import HayTensor
import HayWeights

/// A linear layer: y = x · Wᵀ + b, with a bias when the checkpoint has one.
public struct Linear: Sendable {
    /// The weight [out, in].
    public let weight: Tensor
    /// The bias [out].
    public let bias: Tensor?

    /// The layer whose weight [out, in] stands in `weights`. Throws `CheckpointError`.
    ///
    /// - Parameters:
    ///   - hasBias: whether a bias is added when the checkpoint has one.
    ///   - part: the part of the stored weight and bias that the layer's are.
    public init(
        _ weights: Weights, _ inputSize: Int, _ outputSize: Int, hasBias: Bool = true, part: StoredPart = .whole
    ) throws {
        weight = try weights.matrix("weight", [outputSize, inputSize], part: part)
        bias = try hasBias ? weights.vectorIfPresent("bias", [outputSize], part: part) : nil
    }

    /// The layer of a weight [out, in], without a bias.
    public init(weight: Tensor) {
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

    /// The embedding by a table [V, C].
    public init(table: Tensor) { self.table = table }

    /// Ids [B, T] -> [B, T, C].
    public func callAsFunction(_ ids: Tensor) -> Tensor { table.embedding(of: ids) }

    /// The embeddings of a model and its output layer, both [V, C].
    ///
    /// - Parameters:
    ///   - embedding, head: the names of the two tables.
    ///   - areTied: whether one of them stands for both where the checkpoint lacks the other. A checkpoint that has both
    ///     with different values is taken at its word.
    ///
    /// Throws `CheckpointError`.
    public static func withHead(
        _ weights: Weights, embedding: String, head: String, _ shape: Shape, areTied: Bool
    ) throws -> (Embedding, Linear) {
        let tables =
            try areTied
            ? weights.tiedTables([embedding, head], shape)
            : [weights.table(embedding, shape), weights.table(head, shape)]
        return (Embedding(table: tables[0]), Linear(weight: tables[1]))
    }
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
