internal import CKernels

/// The type of a tensor's elements.
public enum DType: String, Sendable, CaseIterable {
    /// IEEE single precision: what every activation is.
    case f32
    /// The upper half of a single: 8 bits of exponent, 7 of fraction.
    case bf16
    /// IEEE half precision: 5 bits of exponent, 10 of fraction.
    case f16
    /// Token ids, positions and tables.
    case i32
    /// Weights in blocks of 8 bits a value and a scale for 32 of them.
    case int8
    /// Weights in blocks of 4 bits a value, and a scale and a zero point for 32 of them.
    case int4

    /// The outputs of a matrix in blocks that lie together: parts of it begin at multiples of so many.
    public static let panelSize = Int(HAY_PANEL)

    /// The values of an output that share a scale in a matrix in blocks.
    public static let groupSize = Int(HAY_GROUP)

    /// Whether elements lie in blocks of a matrix, whose layout `kernels.h` gives: they have no places of their own.
    public var isInBlocks: Bool { self == .int8 || self == .int4 }

    /// Whether the elements are floating-point numbers, each in its place.
    public var isFloat: Bool { self != .i32 && !isInBlocks }

    /// The size in bytes of one element that is not in blocks.
    public var byteSize: Int {
        switch self {
        case .f32, .i32: 4
        case .bf16, .f16: 2
        case .int8, .int4: preconditionFailure("elements in blocks have no size of their own")
        }
    }

    /// The size in bytes of a tensor of this shape; a matrix [M, K] or a stack of matrices [E, M, K] where the type has
    /// blocks. Each matrix of a stack has panels of its own.
    public func byteCount(of shape: Shape) -> Int {
        guard isInBlocks else { return shape.count * byteSize }
        precondition(shape.rank == 2 || shape.rank == 3, "\(self) has matrices only, not a shape \(shape)")
        let matrixSize = hay_matrix_bytes(kernelType, shape[-2], shape[-1])
        return shape.rank == 2 ? matrixSize : shape[0] * matrixSize
    }

    /// The number by which kernels know a type of weights.
    var kernelType: UInt32 {
        switch self {
        case .f32: HAY_F32.rawValue
        case .bf16: HAY_BF16.rawValue
        case .f16: HAY_F16.rawValue
        case .int8: HAY_INT8.rawValue
        case .int4: HAY_INT4.rawValue
        case .i32: preconditionFailure("kernels read integers only as ids, positions and tables")
        }
    }
}
