import HayTensor
import HayWeights

/// A table of token vectors [V, C], each multiplied by a scale.
public struct Embedding: Sendable {
    private let table: Tensor
    private let scale: Float

    /// The embedding by a table [V, C].
    public init(table: Tensor, scale: Float = 1) {
        self.table = table
        self.scale = scale
    }

    /// Ids [B, T] -> [B, T, C].
    public func callAsFunction(_ ids: Tensor) -> Tensor { table.embedding(of: ids, scale: scale) }

    /// The embeddings of a model and its output layer, both [V, C].
    ///
    /// - Parameters:
    ///   - embedding, head: the names of the two tables.
    ///   - areTied: whether one of them stands for both where the checkpoint lacks the other. A checkpoint that has both
    ///     with different values is taken at its word.
    ///   - scale: the factor of the embeddings; the output layer has none.
    ///
    /// Throws `CheckpointError`.
    public static func withHead(
        _ weights: Weights, embedding: String, head: String, _ shape: Shape, areTied: Bool, scale: Float = 1
    ) throws -> (Embedding, Linear) {
        let tables =
            try areTied
            ? weights.tiedTables([embedding, head], shape)
            : [weights.table(embedding, shape), weights.table(head, shape)]
        return (Embedding(table: tables[0], scale: scale), Linear(weight: tables[1]))
    }
}
