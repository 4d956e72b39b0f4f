/// Memory of a backend that tensors live in. It is free again when the last tensor that uses it is gone.
public protocol Buffer: AnyObject, Sendable {
    /// How many bytes it holds.
    var byteCount: Int { get }
}

/// What tensors need from hardware: memory, and a queue of kernel calls run in order.
public protocol Backend: AnyObject, Sendable {
    /// What it is, for people: "cpu (avx512, 2 threads)".
    var name: String { get }

    /// Memory of at least this size, its contents undefined.
    func allocate(byteCount: Int) -> any Buffer

    /// The bytes of a file as memory that kernels can read; in place where the hardware can.
    func load(_ file: MappedFile, _ range: Range<Int>) throws -> any Buffer

    /// Copies bytes into a buffer.
    func write(_ bytes: UnsafeRawBufferPointer, to buffer: any Buffer, at offset: Int)

    /// Queues a kernel call; calls run in order, perhaps after this returns.
    func run(_ call: KernelCall)

    /// Waits for the queued calls and copies bytes out of a buffer. Throws when the device was lost.
    func read(_ buffer: any Buffer, at offset: Int, into bytes: UnsafeMutableRawBufferPointer) throws
}
