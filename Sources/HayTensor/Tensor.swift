/// A contiguous, row-major block of numbers in a backend's memory.
///
/// There are no strides: reshaping and slicing the first axis are free, anything else is a kernel. A tensor is a value;
/// kernels write only tensors that nobody has seen yet, and the few that write in place (a cache) say so.
public struct Tensor: Sendable {
    /// The hardware that holds and computes it.
    public let backend: any Backend
    /// The memory it lies in.
    let buffer: any Buffer
    /// Where it begins, in bytes from the start of the buffer.
    let offset: Int
    /// Its sizes, outermost first.
    public let shape: Shape
    /// The type of its elements.
    public let dtype: DType

    init(backend: any Backend, buffer: any Buffer, offset: Int = 0, shape: Shape, dtype: DType) {
        self.backend = backend
        self.buffer = buffer
        self.offset = offset
        self.shape = shape
        self.dtype = dtype
    }

    /// A tensor whose contents are undefined, to be written by a kernel.
    public init(uninitialized shape: Shape, _ dtype: DType = .f32, on backend: any Backend) {
        let buffer = backend.allocate(byteCount: dtype.byteCount(of: shape))
        self.init(backend: backend, buffer: buffer, shape: shape, dtype: dtype)
    }

    /// A tensor of these numbers.
    public init(_ values: [Float], _ shape: Shape, on backend: any Backend) {
        self.init(copying: values, shape, .f32, on: backend)
    }

    /// A tensor of these integers.
    public init(_ values: [Int32], _ shape: Shape, on backend: any Backend) {
        self.init(copying: values, shape, .i32, on: backend)
    }

    private init<Element>(copying values: [Element], _ shape: Shape, _ dtype: DType, on backend: any Backend) {
        precondition(values.count == shape.count, "\(values.count) values for a shape \(shape)")
        self.init(uninitialized: shape, dtype, on: backend)
        write(values)
    }

    /// A tensor that is a part of a file, in place where the backend can read it there. Throws what the backend throws.
    public init(
        loading range: Range<Int>, of file: MappedFile, shape: Shape, dtype: DType, on backend: any Backend
    ) throws {
        precondition(range.count == dtype.byteCount(of: shape), "\(range.count) bytes for a shape \(shape)")
        self.init(backend: backend, buffer: try backend.load(file, range), shape: shape, dtype: dtype)
    }

    /// The number of elements.
    public var count: Int { shape.count }

    /// The size in bytes.
    public var byteCount: Int { dtype.byteCount(of: shape) }

    /// The same elements seen with other sizes.
    public func reshaped(_ shape: Shape) -> Tensor {
        precondition(
            dtype.isInBlocks ? shape == self.shape || shape.array == [1] + self.shape.array : shape.count == count,
            "a tensor of shape \(self.shape), \(dtype), cannot be seen as \(shape)")
        return Tensor(backend: backend, buffer: buffer, offset: offset, shape: shape, dtype: dtype)
    }

    /// A part of the first axis, without a copy; of a matrix in blocks a part of whole panels.
    public subscript(_ range: Range<Int>) -> Tensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= shape[0], "\(range) of a shape \(shape)")
        let isWhole =
            range.lowerBound % DType.panelSize == 0
            && (range.upperBound % DType.panelSize == 0 || range.upperBound == shape[0])
        precondition(
            isWhole || !dtype.isInBlocks || shape.rank == 3,
            "\(range) of a shape \(shape) in panels of \(DType.panelSize)")
        return Tensor(
            backend: backend, buffer: buffer,
            offset: offset + dtype.byteCount(of: shape.replacingFirst(range.lowerBound)),
            shape: shape.replacingFirst(range.count), dtype: dtype)
    }

    /// One matrix of a stack [E, M, K], or one row of a matrix of elements that are not in blocks, without a copy.
    public subscript(_ index: Int) -> Tensor {
        let part = self[index ..< index + 1]
        precondition(shape.rank == 3 || !dtype.isInBlocks, "\(index) of a shape \(shape) in blocks")
        return Tensor(
            backend: backend, buffer: buffer, offset: part.offset, shape: shape.droppingFirst(), dtype: dtype)
    }

    /// Overwrites the first elements in place: for buffers that a loop fills anew at each step.
    public func write<Element>(_ values: [Element]) {
        values.withUnsafeBytes {
            precondition($0.count <= byteCount, "\($0.count) bytes into a tensor of \(byteCount)")
            backend.write($0, to: buffer, at: offset)
        }
    }

    /// The elements of an f32 tensor on the host. Throws when the device was lost.
    public func array() throws -> [Float] {
        try [Float](unsafeUninitializedCapacity: count) { values, initialized in
            try read(into: values)
            initialized = count
        }
    }

    /// A tensor of the same shape with f of each element, computed on the host: for small weights, at load.
    ///
    /// Throws when the device was lost.
    public func mapped(_ f: (Float) -> Float) throws -> Tensor { Tensor(try array().map(f), shape, on: backend) }

    /// Copies the elements of an f32 tensor to the host, without making an array. Throws when the device was lost.
    public func read(into values: UnsafeMutableBufferPointer<Float>) throws {
        precondition(dtype == .f32, "only f32 is read as floats, not \(dtype)")
        precondition(values.count >= count, "\(count) elements into room for \(values.count)")
        let bytes = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(values)[..<byteCount])
        try backend.read(buffer, at: offset, into: bytes)
    }

    var operand: Operand { Operand(buffer: buffer, offset: offset) }
}
