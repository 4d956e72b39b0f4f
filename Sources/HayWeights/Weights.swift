import HayTensor

/// Named tensors of a checkpoint seen through a prefix: `weights["model.layers.0"]["mlp"]`.
///
/// A model asks by the names that its own class of the reference implementation uses. Checkpoints that have them without
/// `model.`, or with `module.`, `_orig_mod.`, `language_model.` and the like before them, are read alike.
///
/// A layer asks for a name and a shape, and is told exactly what is wrong if they differ.
public struct Weights: Sendable {
    private let loader: WeightLoader
    private let prefix: String

    /// The weights of a checkpoint on a backend.
    ///
    /// - Parameters:
    ///   - dtype: the type that matrices have in memory; nil keeps each as it is stored.
    ///   - copiesFiles: whether what keeps its type is copied out of the mapped files, which are in small pages: large
    ///     ones are read 10 to 20 % faster.
    ///   - progress: told after each tensor that was brought into another type or copied.
    public init(
        _ checkpoint: Checkpoint, on backend: any Backend, dtype: DType? = nil, copiesFiles: Bool = false,
        progress: LoadProgress.Observer? = nil
    ) {
        loader = WeightLoader(checkpoint, backend, dtype, copiesFiles: copiesFiles, progress)
        prefix = ""
    }

    private init(loader: WeightLoader, prefix: String) {
        self.loader = loader
        self.prefix = prefix
    }

    /// The hardware that holds them.
    public var backend: any Backend { loader.backend }

    /// The weights below a name.
    public subscript(_ name: String) -> Weights { Weights(loader: loader, prefix: path(name)) }

    /// Whether there is a tensor of this name.
    public func has(_ name: String) -> Bool { loader.checkpoint.contains(path(name)) }

    /// A matrix of this shape, in the type asked for when the weights were opened.
    ///
    /// - Parameter part: the part of the tensor of this name that it is.
    ///
    /// Throws `CheckpointError` when it is not there, of another shape, or not of floats.
    public func matrix(_ name: String, _ shape: Shape, part: StoredPart = .whole) throws -> Tensor {
        try loader.tensor(path(name), shape, .matrix, part)
    }

    /// A stack of matrices [E, M, K], in the type asked for when the weights were opened.
    ///
    /// - Parameter forms: how a checkpoint may hold it; the first that is there counts.
    ///
    /// Throws `CheckpointError` as `matrix` does, and when there are more matrices than E. When none is there, the error
    /// names the first form.
    public func matrices(_ shape: Shape, _ forms: StoredStack...) throws -> Tensor {
        precondition(shape.rank == 3 && shape[0] > 0 && !forms.isEmpty, "a stack of matrices of shape \(shape)")
        return try loader.stack(forms.map(located), shape, .matrix)
    }

    /// A stack of vectors [E, M] in f32, as `matrices` finds them.
    ///
    /// Throws `CheckpointError` as `matrices` does.
    public func vectors(_ shape: Shape, _ forms: StoredStack...) throws -> Tensor {
        precondition(shape.rank == 2 && shape[0] > 0 && !forms.isEmpty, "a stack of vectors of shape \(shape)")
        return try loader.stack(forms.map(located), shape, .vector)
    }

    /// A router's matrix, in the float type in which it is stored, whatever the others have; f32 where that is a type in
    /// blocks.
    ///
    /// A product with blocks rounds its rows to 8 bits. Elsewhere this adds a small error; here it would send rows to other
    /// experts, whose results have nothing in common, to save a few hundredths of what a layer reads.
    ///
    /// Throws `CheckpointError` as `matrix` does.
    public func router(_ name: String, _ shape: Shape) throws -> Tensor {
        try loader.tensor(path(name), shape, .router)
    }

    /// A matrix with a row for each token: embeddings and output layers, which int4 would harm more than it saves. They
    /// are int8 where the other matrices are int4.
    ///
    /// Throws `CheckpointError` as `matrix` does.
    public func table(_ name: String, _ shape: Shape) throws -> Tensor {
        try loader.tensor(path(name), shape, .table)
    }

    /// Tables that a model ties, such as embeddings and the output layer, in the order of the names.
    ///
    /// Each is the file's own where it has it and else the first one that is there. Equal tables share their memory.
    ///
    /// Throws `CheckpointError` as `matrix` does; when none is there, the error names the first.
    public func tiedTables(_ names: [String], _ shape: Shape) throws -> [Tensor] {
        let source = names.first(where: has) ?? names[0]
        let table = try table(source, shape)
        return try names.map { name in
            guard name != source, has(name), try !loader.checkpoint.areEqual(path(name), path(source)) else {
                return table
            }
            return try self.table(name, shape)
        }
    }

    /// A small tensor of this name and shape in f32: norms and biases, which are not worth keeping narrow.
    ///
    /// - Parameter part: the part of the tensor of this name that it is, as for the matrix beside it.
    ///
    /// Throws `CheckpointError` as `matrix` does.
    public func vector(_ name: String, _ shape: Shape, part: StoredPart = .whole) throws -> Tensor {
        try loader.tensor(path(name), shape, .vector, part)
    }

    /// The vector of this name when the checkpoint has it.
    public func vectorIfPresent(_ name: String, _ shape: Shape, part: StoredPart = .whole) throws -> Tensor? {
        has(name) ? try vector(name, shape, part: part) : nil
    }

    private func located(_ stack: StoredStack) -> StoredStack {
        switch stack {
        case .stacked(let name, let part): .stacked(path(name), part: part)
        case .each(let name, let part): .each(path(name), part: part)
        }
    }

    private func path(_ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }
}
