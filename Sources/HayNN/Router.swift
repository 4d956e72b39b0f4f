import HayTensor
import HayWeights

/// A router of a mixture of experts: a linear layer whose largest outputs choose the experts of a row.
public struct Router: Sendable {
    private let weight: Tensor
    private let bias: Tensor?
    private let chosenCount: Int
    private let scoring: RouterScoring
    private let normalizes: Bool
    private let factor: Float

    /// The router of a weight [E, C] of floats and a bias [E].
    ///
    /// - Parameters:
    ///   - chosenCount: how many experts each row is sent to, at most E.
    ///   - normalizes: whether the scores of the chosen experts are divided by their sum. Softmax over the chosen logits
    ///     alone is `.softmax` with this.
    ///   - factor: what the scores are multiplied by last.
    public init(
        weight: Tensor, bias: Tensor? = nil, chosenCount: Int, scoring: RouterScoring = .softmax, normalizes: Bool,
        factor: Float = 1
    ) {
        self.weight = weight
        self.bias = bias
        self.chosenCount = chosenCount
        self.scoring = scoring
        self.normalizes = normalizes
        self.factor = factor
    }

    /// The router whose weight [E, C], and bias [E] if the checkpoint has one, stand in `weights`; the other parameters
    /// are those of the router of a weight. Throws `CheckpointError`.
    public init(
        _ weights: Weights, _ inputSize: Int, expertCount: Int, chosenCount: Int, scoring: RouterScoring = .softmax,
        normalizes: Bool, factor: Float = 1
    ) throws {
        try self.init(
            weight: weights.router("weight", [expertCount, inputSize]),
            bias: weights.vectorIfPresent("bias", [expertCount]), chosenCount: chosenCount, scoring: scoring,
            normalizes: normalizes, factor: factor)
    }

    /// x [..., C] -> the experts of each row.
    public func callAsFunction(_ x: Tensor) -> ExpertRouting {
        x.routerLogits(weight, bias: bias).routed(to: chosenCount, scoring, normalizes: normalizes, factor: factor)
    }
}
