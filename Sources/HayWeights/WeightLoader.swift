import HayTensor
import Synchronization

/// Brings tensors of a checkpoint to a backend, in the type that is asked for.
final class WeightLoader: Sendable {
    let checkpoint: Checkpoint
    let backend: any Backend
    private let dtype: DType?
    private let progress: LoadProgress.Observer?
    private let bytesDone = Mutex(0)
    private let copiesFiles: Bool

    init(
        _ checkpoint: Checkpoint, _ backend: any Backend, _ dtype: DType?, copiesFiles: Bool,
        _ progress: LoadProgress.Observer?
    ) {
        self.copiesFiles = copiesFiles
        self.checkpoint = checkpoint
        self.backend = backend
        self.dtype = dtype
        self.progress = progress
    }

    /// A tensor in the type that its role has. Throws `CheckpointError`.
    func tensor(_ name: String, _ shape: Shape, _ role: WeightRole) throws -> Tensor {
        let location = try location(of: name, shape, role)
        let size = location.entry.range.count
        let done = bytesDone.withLock { done in
            done += size
            return done
        }
        guard let storedType = location.entry.dtype else {
            let tensor = try widened(location, role)
            report(tensor, done, role)
            return tensor
        }
        let stored = try Tensor(
            loading: location.entry.range, of: location.file, shape: shape, dtype: storedType, on: backend)
        let type = role.type(dtype) ?? storedType
        if type == storedType, !copiesFiles { return stored }
        let tensor = try converted(stored, to: type, location)
        report(tensor, done, role)
        return tensor
    }

    private func report(_ tensor: Tensor, _ done: Int, _ role: WeightRole) {
        if role != .vector { progress?(LoadProgress(dtype: tensor.dtype, done: done, total: checkpoint.byteCount)) }
    }

    /// A tensor of a type that kernels do not read, by way of f32. Throws `CheckpointError`.
    private func widened(_ location: Checkpoint.Location, _ role: WeightRole) throws -> Tensor {
        let tensor = Tensor(uninitialized: Shape(location.entry.shape), role.type(dtype) ?? .f32, on: backend)
        try fill(tensor, location) { piece in try location.widened(piece, role, on: backend) }
        try tensor.checkScales(location)
        return tensor
    }

    private func converted(_ stored: Tensor, to type: DType, _ location: Checkpoint.Location) throws -> Tensor {
        if stored.dtype.isInBlocks, !type.isInBlocks {
            defer { location.file.release(location.entry.range) }
            return stored.dequantized().converted(to: type)
        }
        guard stored.dtype.isFloat || stored.dtype == type else {
            throw CheckpointError.quantizedAlready(
                tensor: location.entry.name, file: location.file.path, type: stored.dtype.rawValue, asked: type.rawValue
            )
        }
        let tensor = Tensor(uninitialized: stored.shape, type, on: backend)
        fill(tensor, location) { stored[$0] }
        try tensor.checkScales(location)
        return tensor
    }

    /// In pieces of some megabytes: what was read is in the file still, and its pages need not stay in memory beside the
    /// new tensor.
    private func fill(
        _ tensor: Tensor, _ location: Checkpoint.Location, _ stored: (Range<Int>) throws -> Tensor
    ) rethrows {
        let rows = tensor.shape[0], size = location.entry.range.count
        guard rows > 0, size > 0 else { return }
        let step = max(1, (8 << 20) / (size / rows + 1) / DType.panelSize) * DType.panelSize
        for first in stride(from: 0, to: rows, by: step) {
            let piece = first ..< min(first + step, rows)
            try tensor[piece].fill(from: stored(piece))
            location.file.release(location.bytes(ofRows: piece))
        }
    }

    private func location(of name: String, _ shape: Shape, _ role: WeightRole) throws -> Checkpoint.Location {
        let location = try checkpoint.location(of: name, role)
        let entry = location.entry
        guard entry.shape == shape.array else {
            throw CheckpointError.wrongShape(
                tensor: entry.name, file: location.file.path, expected: shape.array, found: entry.shape)
        }
        guard shape.count <= UInt32.max else {
            throw CheckpointError.shapeTooLarge(file: location.file.path, tensor: entry.name, shape: shape.array)
        }
        guard entry.dtype != nil || entry.type.isConverted(for: role) else {
            throw location.wrongType(role)
        }
        return location
    }
}

extension Checkpoint.Location {
    /// The bytes of some rows, in the whole file.
    fileprivate func bytes(ofRows rows: Range<Int>) -> Range<Int> {
        func offset(_ row: Int) -> Int {
            if let dtype = entry.dtype { return dtype.byteCount(of: Shape(entry.shape).replacingFirst(row)) }
            return entry.range.count / entry.shape[0] * row
        }
        return entry.range.lowerBound + offset(rows.lowerBound) ..< entry.range.lowerBound + offset(rows.upperBound)
    }

    /// Rows of a tensor of another type in f32. Throws `CheckpointError` when the type cannot be converted.
    func widened(_ rows: Range<Int>, _ role: WeightRole, on backend: any Backend) throws -> Tensor {
        guard entry.type.isConverted(for: role) else { throw wrongType(role) }
        let range = bytes(ofRows: rows)
        let values = file.withBytes { entry.type.floats(UnsafeRawBufferPointer(rebasing: $0[range])) }
        return Tensor(values, Shape(entry.shape).replacingFirst(rows.count), on: backend)
    }

    fileprivate func wrongType(_ role: WeightRole) -> CheckpointError {
        .wrongType(
            tensor: entry.name, file: file.path,
            expected: role == .vector ? "floats of 16 bits or more, or integers" : "F32, BF16, F16, F64 or blocks",
            found: entry.typeName)
    }
}

extension Tensor {
    /// A stored matrix in blocks. Throws `CheckpointError` when a value has no place in them.
    func quantized(to type: DType, _ location: Checkpoint.Location) throws -> Tensor {
        let tensor = quantized(to: type)
        try tensor.checkScales(location)
        return tensor
    }

    /// Throws `CheckpointError` when blocks of a stored matrix hold a value that has no place in them.
    func checkScales(_ location: Checkpoint.Location) throws {
        guard try !dtype.isInBlocks || hasFiniteScales() else {
            throw CheckpointError.unrepresentable(
                tensor: location.entry.name, file: location.file.path, type: dtype.rawValue)
        }
    }
}
