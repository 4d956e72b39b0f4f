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

    /// The size of one element in bytes.
    public var byteSize: Int {
        switch self {
        case .f32, .i32: 4
        case .bf16, .f16: 2
        }
    }

    /// Whether the elements are floating-point numbers.
    public var isFloat: Bool { self != .i32 }

    /// The number by which kernels know a floating-point type.
    var kernelType: UInt32 {
        switch self {
        case .f32: HAY_F32.rawValue
        case .bf16: HAY_BF16.rawValue
        case .f16: HAY_F16.rawValue
        case .i32: preconditionFailure("kernels read integers only as ids, positions and tables")
        }
    }
}
