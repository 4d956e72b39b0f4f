internal import CKernels
import Synchronization

/// A backend that counts what matrix products cost as it passes calls on: for benchmarks that relate speed to hardware.
public final class CountingBackend: Backend {
    private let base: any Backend
    private let bytes = Atomic(0)
    private let flops = Atomic(0)

    /// Counts the calls that go to another backend.
    public init(_ base: any Backend) { self.base = base }

    /// The bytes of weights read since the last `reset()`: each product reads its weight once. Of experts, those of as
    /// many as there are rows that choose one; rows that share an expert read less.
    public var weightBytes: Int { bytes.load(ordering: .relaxed) }

    /// The floating-point operations of matrix products since the last `reset()`: two a multiply-add.
    public var operations: Int { flops.load(ordering: .relaxed) }

    /// Begins to count anew.
    public func reset() {
        bytes.store(0, ordering: .relaxed)
        flops.store(0, ordering: .relaxed)
    }

    /// The other backend's name.
    public var name: String { base.name }

    /// Memory of the other backend.
    public func allocate(byteCount: Int) -> any Buffer { base.allocate(byteCount: byteCount) }

    /// Memory of the other backend.
    public func load(_ file: MappedFile, _ range: Range<Int>) throws -> any Buffer { try base.load(file, range) }

    /// Passes bytes on.
    public func write(_ bytes: UnsafeRawBufferPointer, to buffer: any Buffer, at offset: Int) {
        base.write(bytes, to: buffer, at: offset)
    }

    /// Counts a matrix product and passes any call on.
    public func run(_ call: KernelCall) {
        if call.kernel == .matmul {
            let params = call.params.load(as: hay_matmul_params.self)
            for part in 0 ..< Int(HAY_MATMUL_PARTS) {
                let outer = Int(part == 0 ? params.outer.0 : part == 1 ? params.outer.1 : params.outer.2)
                let size = hay_matrix_bytes(params.weight_type, outer, Int(params.inner))
                bytes.add(size, ordering: .relaxed)
                flops.add(2 * Int(params.inner) * outer * call.rows, ordering: .relaxed)
            }
        }
        if call.kernel == .expertMatmul { countExperts(call) }
        base.run(call)
    }

    /// As if each row had chosen experts of its own, as far as there are so many: exact when one text is written.
    private func countExperts(_ call: KernelCall) {
        let params = call.params.load(as: hay_expert_matmul_params.self)
        for outer in [Int(params.outer.0), Int(params.outer.1)] {
            let size = hay_matrix_bytes(params.weight_type, outer, Int(params.inner))
            bytes.add(size * Int(min(params.experts, params.pairs)), ordering: .relaxed)
            flops.add(2 * Int(params.inner) * outer * Int(params.pairs), ordering: .relaxed)
        }
    }

    /// Passes bytes on.
    public func read(_ buffer: any Buffer, at offset: Int, into bytes: UnsafeMutableRawBufferPointer) throws {
        try base.read(buffer, at: offset, into: bytes)
    }
}
