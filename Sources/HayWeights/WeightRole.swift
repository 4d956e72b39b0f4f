import HayTensor

/// What a model does with a tensor, from which follows the type that it has in memory.
enum WeightRole: Sendable {
    /// A layer's matrix.
    case matrix
    /// A matrix with a row for each token.
    case table
    /// A matrix that decides which others compute, and keeps the values that it is stored with.
    case router
    /// A small tensor that stays f32.
    case vector

    /// The type in memory where matrices have this one; nil keeps the stored one.
    func type(_ dtype: DType?) -> DType? {
        switch self {
        case .matrix: dtype
        case .table: dtype == .int4 ? .int8 : dtype
        case .router: nil
        case .vector: .f32
        }
    }

    /// The type in memory of what is stored in this one, where matrices have `dtype`.
    func type(_ dtype: DType?, stored: DType) -> DType {
        if let type = type(dtype) { return type }
        return self == .router && stored.isInBlocks ? .f32 : stored
    }

    /// The bytes in memory of a tensor of this shape, where matrices have this type.
    func byteCount(of shape: Shape, _ dtype: DType) -> Int {
        (type(dtype) ?? dtype).byteCount(of: shape)
    }
}
