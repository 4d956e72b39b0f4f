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
    func tensor(_ name: String, _ shape: Shape, _ role: WeightRole, _ part: StoredPart = .whole) throws -> Tensor {
        try tensor(checkpoint.use(of: name, shape, role, part))
    }

    /// A stack in the type that its role has, from the first of some forms that the checkpoint has.
    ///
    /// Throws `CheckpointError`.
    func stack(_ forms: [StoredStack], _ shape: Shape, _ role: WeightRole) throws -> Tensor {
        let form = forms.first { checkpoint.contains($0, count: shape[0]) } ?? forms[0]
        return try tensor(checkpoint.use(of: form, shape, role))
    }

    private func tensor(_ use: WeightUse) throws -> Tensor {
        checkpoint.note(use)
        guard let first = use.places.first else { return Tensor(uninitialized: use.shape, on: backend) }
        let type = use.role.type(dtype, stored: first.dtype)
        if !copiesFiles, type == first.dtype, let range = use.mappedRange {
            bytesDone.withLock { $0 += use.byteCount }
            return try Tensor(
                loading: range, of: first.location.file, shape: use.shape, dtype: type, on: backend)
        }
        let tensor = Tensor(uninitialized: use.shape, type, on: backend)
        for (index, place) in use.places.enumerated() {
            try fill(use.isStack ? tensor[index] : tensor, place)
            let done = bytesDone.withLock { done in
                done += place.byteCount
                return done
            }
            if use.role != .vector { progress?(LoadProgress(dtype: type, done: done, total: checkpoint.byteCount)) }
        }
        return tensor
    }

    /// In pieces of some megabytes: what was read is in the file still, and its pages need not stay in memory beside the
    /// new tensor.
    private func fill(_ tensor: Tensor, _ place: StoredMatrix) throws {
        let location = place.location
        guard !place.dtype.isInBlocks || place.dtype == tensor.dtype || tensor.dtype.isFloat else {
            throw CheckpointError.quantizedAlready(
                tensor: location.entry.name, file: location.file.path, type: location.entry.typeName,
                asked: tensor.dtype.rawValue)
        }
        for piece in place.pieces {
            let rows = try place.rows(piece, on: backend)
            let isWidened = rows.dtype.isInBlocks && !tensor.dtype.isInBlocks
            tensor[piece].fill(from: isWidened ? rows.dequantized() : rows)
            place.release(piece)
        }
        try tensor.checkScales(location)
    }
}

extension Tensor {
    /// Throws `CheckpointError` when blocks of a stored matrix hold a value that has no place in them.
    func checkScales(_ location: Checkpoint.Location) throws {
        guard try !dtype.isInBlocks || hasFiniteScales() else {
            throw CheckpointError.unrepresentable(
                tensor: location.entry.name, file: location.file.path, type: dtype.rawValue)
        }
    }
}
