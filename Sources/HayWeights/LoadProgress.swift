import HayTensor

/// How far the weights of a checkpoint are brought into another type.
public struct LoadProgress: Sendable {
    /// Is told how far it is.
    public typealias Observer = @Sendable (LoadProgress) -> Void

    /// The type that they get.
    public let dtype: DType
    /// The bytes of the checkpoint's tensors that are done, of all of them.
    public let done, total: Int
}
