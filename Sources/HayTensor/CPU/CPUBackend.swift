internal import CKernels

/// The processor: C kernels over a pool of threads that lives as long as the backend.
///
/// Results depend neither on the number of threads nor on how a grid is divided.
public final class CPUBackend: Backend {
    /// Which instructions the kernels use; each set includes the ones before it.
    public enum InstructionSet: UInt32, Sendable, CaseIterable, CustomStringConvertible {
        /// Plain C that accumulates in double: the reference that the others are tested against.
        case scalar
        /// AVX2, FMA and F16C.
        case avx2
        /// AVX-512 F, BW, VL, DQ, BF16 and VNNI.
        case avx512

        /// The sets that this processor has.
        public static var available: [InstructionSet] { allCases.filter { $0.rawValue <= hay_best_isa().rawValue } }

        /// The set's name.
        public var description: String {
            switch self {
            case .scalar: "scalar"
            case .avx2: "avx2"
            case .avx512: "avx512"
            }
        }
    }

    /// The set that the kernels use.
    public let instructionSet: InstructionSet
    /// How many threads compute, the calling one included.
    public let threadCount: Int
    private nonisolated(unsafe) let cpu: OpaquePointer  // its calls take turns by a lock of their own
    private let pool = BufferPool()

    /// A processor with its own threads.
    ///
    /// - Parameters:
    ///   - threadCount: the threads that compute; by default the processors that this process may use.
    ///   - instructionSet: by default the best that the processor has; one that it lacks is lowered to that.
    public init(threadCount: Int? = nil, instructionSet: InstructionSet? = nil) {
        let isa = hay_isa((instructionSet ?? InstructionSet.available.last ?? .scalar).rawValue)
        let threads = UInt32(max(1, min(threadCount ?? Int(hay_usable_processors()), 256)))
        guard let cpu = hay_cpu_create(threads, isa) else {
            preconditionFailure("the system gives no threads")
        }
        self.cpu = cpu
        self.instructionSet = InstructionSet(rawValue: hay_cpu_isa(cpu).rawValue) ?? .scalar
        self.threadCount = Int(hay_cpu_threads(cpu))
    }

    deinit { hay_cpu_destroy(cpu) }

    /// "cpu (avx512, 2 threads)".
    public var name: String { "cpu (\(instructionSet), \(threadCount) thread\(threadCount == 1 ? "" : "s"))" }

    /// Memory from the pool.
    public func allocate(byteCount: Int) -> any Buffer { pool.buffer(byteCount: byteCount) }

    /// The file's own memory.
    public func load(_ file: MappedFile, _ range: Range<Int>) -> any Buffer { CPUBuffer(file, range) }

    /// Copies bytes into a buffer.
    public func write(_ bytes: UnsafeRawBufferPointer, to buffer: any Buffer, at offset: Int) {
        guard let start = bytes.baseAddress else { return }
        pointer(Operand(buffer: buffer, offset: offset)).copyMemory(from: start, byteCount: bytes.count)
    }

    /// Copies bytes out of a buffer.
    public func read(_ buffer: any Buffer, at offset: Int, into bytes: UnsafeMutableRawBufferPointer) {
        bytes.baseAddress?.copyMemory(from: pointer(Operand(buffer: buffer, offset: offset)), byteCount: bytes.count)
    }

    /// Runs the call and returns when it is done.
    public func run(_ call: KernelCall) {
        if call.columns == 0 || call.rows == 0 || runWithBLAS(call) { return }
        call.params.withPointer { params in
            let inputs = call.inputs
            var raw = hay_call(
                kernel: call.kernel.index, columns: UInt32(call.columns), rows: UInt32(call.rows),
                inputs: (
                    pointer(inputs.0), pointer(inputs.1), pointer(inputs.2), pointer(inputs.3), pointer(inputs.4),
                    pointer(inputs.5), pointer(inputs.6), pointer(inputs.7)
                ),
                output: pointer(call.output), params: params)
            hay_cpu_run(cpu, &raw)
        }
    }

    /// Reads memory as fast as the threads can. Returns a sum of it, so that no read is left out.
    public func readBandwidthProbe(_ tensor: Tensor) -> UInt64 {
        hay_cpu_read(cpu, pointer(tensor.operand), tensor.byteCount)
    }

    /// Multiplies and adds in registers, as products with weights of this type do at best: in f32, or in integers for int8
    /// and int4. Returns the count of operations done.
    public func arithmeticProbe(_ dtype: DType = .f32, steps: UInt64) -> UInt64 {
        hay_cpu_multiply_add(cpu, dtype.isInBlocks ? HAY_INT8.rawValue : HAY_F32.rawValue, steps)
    }

    /// Runs a task for each index below `count` on the threads, and returns when all are done.
    func parallel(_ count: Int, _ task: hay_task, _ context: UnsafeMutableRawPointer) {
        hay_cpu_parallel(cpu, UInt32(count), task, context)
    }

    func pointer(_ operand: Operand) -> UnsafeMutableRawPointer {
        unsafeDowncast(operand.buffer, to: CPUBuffer.self).pointer + operand.offset
    }

    private func pointer(_ operand: Operand?) -> UnsafeRawPointer? { operand.map { UnsafeRawPointer(pointer($0)) } }
}
