import HayTensor
import HayWeights

/// A gated MLP: down(activation(gate(x)) · up(x)) (arXiv:2002.05202).
public struct GatedMLP: Sendable {
    private let gate, up, down: Linear
    private let activation: Activation

    /// The layers `gate_proj`, `up_proj` and `down_proj` in `weights`. Throws `CheckpointError`.
    ///
    /// - Parameters:
    ///   - hiddenSize: C.
    ///   - size: how many values lie between.
    ///   - hasBias: whether biases are added where the checkpoint has them.
    public init(
        _ weights: Weights, _ hiddenSize: Int, _ size: Int, _ activation: Activation, hasBias: Bool = false
    ) throws {
        self.init(
            gate: try Linear(weights["gate_proj"], hiddenSize, size, hasBias: hasBias),
            up: try Linear(weights["up_proj"], hiddenSize, size, hasBias: hasBias),
            down: try Linear(weights["down_proj"], size, hiddenSize, hasBias: hasBias), activation)
    }

    /// An MLP of its layers.
    public init(gate: Linear, up: Linear, down: Linear, _ activation: Activation) {
        self.gate = gate
        self.up = up
        self.down = down
        self.activation = activation
    }

    /// x [..., C] -> MLP(x), and then + residual [..., C].
    public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
        let (gate, up) = Linear.both(gate, up, of: x)
        return down(gate.gated(activation, up), adding: residual)
    }
}
