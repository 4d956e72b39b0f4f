import HayTensor

/// Named tensors of a checkpoint seen through a prefix: `weights["model.layers.0"]["mlp"]`.
///
/// A layer asks for a name and a shape, and is told exactly what is wrong if they differ.
public struct Weights: Sendable {
    private let checkpoint: Checkpoint
    /// The hardware that holds them.
    public let backend: any Backend
    private let dtype: DType?
    private let prefix: String

    /// The weights of a checkpoint on a backend.
    ///
    /// - Parameter dtype: the type that matrices have in memory; nil keeps each as it is stored, in place.
    public init(_ checkpoint: Checkpoint, on backend: any Backend, dtype: DType? = nil) {
        self.init(checkpoint: checkpoint, backend: backend, dtype: dtype, prefix: "")
    }

    private init(checkpoint: Checkpoint, backend: any Backend, dtype: DType?, prefix: String) {
        self.checkpoint = checkpoint
        self.backend = backend
        self.dtype = dtype
        self.prefix = prefix
    }

    /// The weights below a name.
    public subscript(_ name: String) -> Weights {
        Weights(checkpoint: checkpoint, backend: backend, dtype: dtype, prefix: path(name))
    }

    /// Whether there is a tensor of this name.
    public func has(_ name: String) -> Bool { checkpoint.contains(path(name)) }

    /// A matrix of this name and shape, in the type asked for when the weights were opened.
    ///
    /// Throws `CheckpointError` when it is not there, of another shape, or not of floats.
    public func matrix(_ name: String, _ shape: Shape) throws -> Tensor {
        let stored = try stored(name, shape)
        return dtype.map { stored.converted(to: $0) } ?? stored
    }

    /// A small tensor of this name and shape in f32: norms and biases, which are not worth keeping narrow.
    ///
    /// Throws `CheckpointError` as `matrix` does.
    public func vector(_ name: String, _ shape: Shape) throws -> Tensor {
        try stored(name, shape).converted(to: .f32)
    }

    /// The vector of this name when the checkpoint has it.
    public func vectorIfPresent(_ name: String, _ shape: Shape) throws -> Tensor? {
        has(name) ? try vector(name, shape) : nil
    }

    private func path(_ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }

    private func stored(_ name: String, _ shape: Shape) throws -> Tensor {
        let name = path(name)
        guard let location = checkpoint.location(of: name) else {
            throw CheckpointError.missingTensor(tensor: name, file: checkpoint.files.first ?? checkpoint.folder)
        }
        let entry = location.entry, file = location.file
        guard entry.shape == shape.array else {
            throw CheckpointError.wrongShape(
                tensor: name, file: file.path, expected: shape.array, found: entry.shape)
        }
        guard let type = entry.type.dtype, type.isFloat else {
            throw CheckpointError.wrongType(
                tensor: name, file: file.path, expected: "F32, BF16 or F16", found: entry.type.rawValue)
        }
        return try Tensor(loading: entry.range, of: file, shape: shape, dtype: type, on: backend)
    }
}
