import HayTensor

/// What a model does with a tensor, from which follows the type that it has in memory.
enum WeightRole: Sendable {
    /// A layer's matrix.
    case matrix
    /// A matrix with a row for each token.
    case table
    /// A small tensor that stays f32.
    case vector

    /// The type in memory where matrices have this one; nil keeps the stored one.
    func type(_ dtype: DType?) -> DType? {
        switch self {
        case .matrix: dtype
        case .table: dtype == .int4 ? .int8 : dtype
        case .vector: .f32
        }
    }

    /// The bytes in memory of a tensor of this shape, where matrices have this type.
    func byteCount(of shape: Shape, _ dtype: DType) -> Int {
        (type(dtype) ?? dtype).byteCount(of: shape)
    }
}
