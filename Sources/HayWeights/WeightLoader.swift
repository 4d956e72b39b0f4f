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
        let stored = try stored(location, shape)
        let size = location.entry.range.count
        let done = bytesDone.withLock { done in
            done += size
            return done
        }
        let type = role.type(dtype) ?? stored.dtype
        if type == stored.dtype, !copiesFiles { return stored }
        let tensor = try converted(stored, to: type, location)
        if role != .vector { progress?(LoadProgress(dtype: type, done: done, total: checkpoint.byteCount)) }
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
        fill(tensor, from: stored, location)
        try tensor.checkScales(location)
        return tensor
    }

    /// In pieces of some megabytes: what was read is in the file still, and its pages need not stay in memory beside the
    /// new tensor.
    private func fill(_ tensor: Tensor, from stored: Tensor, _ location: Checkpoint.Location) {
        let rows = stored.shape[0], size = location.entry.range.count
        guard rows > 0, size > 0 else { return }
        let step = max(1, (8 << 20) / (size / rows + 1) / DType.panelSize) * DType.panelSize
        for first in stride(from: 0, to: rows, by: step) {
            let piece = first ..< min(first + step, rows)
            tensor[piece].fill(from: stored[piece])
            let start = location.entry.range.lowerBound
            let begin = stored.dtype.byteCount(of: stored.shape.replacingFirst(piece.lowerBound))
            let end = stored.dtype.byteCount(of: stored.shape.replacingFirst(piece.upperBound))
            location.file.release(start + begin ..< start + end)
        }
    }

    private func location(of name: String, _ shape: Shape, _ role: WeightRole) throws -> Checkpoint.Location {
        guard let location = checkpoint.location(of: name, role) else {
            throw CheckpointError.missingTensor(tensor: name, file: checkpoint.files.first ?? checkpoint.folder)
        }
        guard location.entry.shape == shape.array else {
            throw CheckpointError.wrongShape(
                tensor: name, file: location.file.path, expected: shape.array, found: location.entry.shape)
        }
        guard shape.count <= UInt32.max else {
            throw CheckpointError.shapeTooLarge(file: location.file.path, tensor: name, shape: shape.array)
        }
        return location
    }

    private func stored(_ location: Checkpoint.Location, _ shape: Shape) throws -> Tensor {
        let entry = location.entry
        guard let type = entry.dtype, type != .i32 else {
            throw CheckpointError.wrongType(
                tensor: entry.name, file: location.file.path, expected: "F32, BF16, F16 or blocks",
                found: entry.typeName)
        }
        return try Tensor(loading: entry.range, of: location.file, shape: shape, dtype: type, on: backend)
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
