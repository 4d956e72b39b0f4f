internal import CKernels

/// One of the kernels of the list in `kernels.h`.
public struct Kernel: Sendable, Equatable, CustomStringConvertible {
    let index: UInt32

    init(_ kernel: hay_kernel) { index = kernel.rawValue }

    /// The kernel's name in the list.
    public var description: String { String(cString: hay_kernel_name(index)) }
}

/// A place in a buffer that a kernel reads or writes.
public struct Operand: Sendable {
    let buffer: any Buffer
    let offset: Int
}

/// A kernel with what it reads, writes and computes: any backend can run it without knowing which kernel it is.
public struct KernelCall: Sendable {
    typealias Inputs = (Operand?, Operand?, Operand?, Operand?, Operand?, Operand?, Operand?, Operand?)

    let kernel: Kernel
    /// Unused places are nil.
    var inputs: Inputs = (nil, nil, nil, nil, nil, nil, nil, nil)
    let output: Operand
    let columns: Int
    let rows: Int
    let params: KernelParams
}

/// The bytes of a kernel's params struct: at most 128, kept in place.
public struct KernelParams: Sendable {
    private var words = (
        SIMD8<UInt32>(), SIMD8<UInt32>(), SIMD8<UInt32>(), SIMD8<UInt32>()
    )

    init<Params: BitwiseCopyable>(_ params: Params) {
        precondition(MemoryLayout<Params>.size <= 128, "params are at most 128 bytes")
        withUnsafeMutableBytes(of: &words) { $0.storeBytes(of: params, as: Params.self) }
    }

    /// Gives the bytes as C reads them.
    func withPointer<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
        withUnsafeBytes(of: words) { body($0.baseAddress.unsafelyUnwrapped) }
    }

    /// The params as the struct they were made from.
    func load<Params: BitwiseCopyable>(as type: Params.Type) -> Params {
        withUnsafeBytes(of: words) { $0.load(as: type) }
    }
}
