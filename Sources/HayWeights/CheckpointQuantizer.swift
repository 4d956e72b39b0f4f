import HayJSON
import HayTensor

/// Writes the weights of a checkpoint anew with its matrices in blocks, tensor by tensor: little more than one of them
/// is in memory.
public struct CheckpointQuantizer {
    /// Is told how many bytes of the checkpoint are done, of how many; what it throws ends the work.
    public typealias Progress = (_ done: Int, _ total: Int) throws -> Void

    /// A tensor, and the type in blocks that it gets; nil keeps it as it is stored.
    private struct Item {
        let location: Checkpoint.Location
        let type: DType?

        var entry: SafetensorsStream.Entry {
            let stored = location.entry
            guard let type else {
                return .init(name: stored.name, type: stored.type, shape: stored.shape, byteCount: stored.range.count)
            }
            return .init(
                name: stored.name, type: .U8, shape: BlockMetadata.storedShape(type, stored.shape),
                byteCount: type.byteCount(of: Shape(stored.shape)))
        }
    }

    /// The most bytes that the tensors of a file take.
    var shardSize = 5_000_000_000

    private let items: [Item]
    private let backend: any Backend

    /// The weights that a model has asked for. Throws `CheckpointError` when they cannot be had in this type.
    ///
    /// - Parameters:
    ///   - checkpoint: one that a model has been loaded from: what it has not asked for is left out.
    ///   - dtype: the type of its matrices, one in blocks.
    public init(_ checkpoint: Checkpoint, to dtype: DType, on backend: any Backend) throws {
        precondition(dtype.isInBlocks, "quantize: \(dtype)")
        self.backend = backend
        items = try checkpoint.uses.map { location, role in
            let stored = location.entry
            if let blocks = stored.blocks {
                throw CheckpointError.quantizedAlready(
                    tensor: stored.name, file: location.file.path, type: blocks.rawValue, asked: dtype.rawValue)
            }
            return Item(location: location, type: role == .vector ? nil : role.type(dtype))
        }
    }

    /// Writes `model.safetensors` into a folder, or shards with their index.
    ///
    /// Throws `FileError`, and `CheckpointError` when a value has no place in blocks.
    public func write(to folder: String, progress: Progress = { _, _ in }) throws {
        let shards = shards
        var map = JSON.Object()
        var done = 0
        let total = items.reduce(0) { $0 + $1.location.entry.range.count }
        for (index, shard) in shards.enumerated() {
            let name = CheckpointQuantizer.fileName(index, of: shards.count)
            let stream = try SafetensorsStream("\(folder)/\(name)", shard.map(\.entry), metadata: metadata(of: shard))
            for item in shard {
                try write(item, to: stream)
                done += item.location.entry.range.count
                try progress(done, total)
                map.append(item.entry.name, .string(name))
            }
            try stream.finish()
        }
        if shards.count > 1 { try writeIndex(map, to: folder) }
    }

    private func write(_ item: Item, to stream: SafetensorsStream) throws {
        let location = item.location, stored = location.entry
        defer { location.file.release(stored.range) }
        guard let type = item.type else {
            return try location.file.withBytes { try stream.write(.init(rebasing: $0[stored.range])) }
        }
        let shape = Shape(stored.shape)
        let tensor =
            try stored.dtype.map {
                try Tensor(loading: stored.range, of: location.file, shape: shape, dtype: $0, on: backend)
            } ?? location.widened(0 ..< shape[0], .matrix, on: backend)
        try tensor.quantized(to: type, location).readBytes(inPiecesOf: 1 << 20) { try stream.write($0) }
    }

    /// The tensors of each file.
    private var shards: [[Item]] {
        var shards: [[Item]] = [[]]
        var size = 0
        for item in items {
            size += item.entry.byteCount
            if size > shardSize, shards[shards.count - 1].isEmpty == false {
                shards.append([])
                size = item.entry.byteCount
            }
            shards[shards.count - 1].append(item)
        }
        return shards
    }

    private func metadata(of shard: [Item]) -> JSON.Object {
        var metadata: JSON.Object = ["format": "pt", BlockMetadata.key: .string(BlockMetadata.version)]
        for item in shard {
            guard let type = item.type else { continue }
            metadata.append(item.entry.name, .string(BlockMetadata.text(type, item.location.entry.shape)))
        }
        return metadata
    }

    private static func fileName(_ index: Int, of count: Int) -> String {
        func padded(_ number: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        }
        return count == 1 ? "model.safetensors" : "model-\(padded(index + 1))-of-\(padded(count)).safetensors"
    }

    private func writeIndex(_ map: JSON.Object, to folder: String) throws {
        let size = items.reduce(0) { $0 + $1.entry.byteCount }
        let index: JSON = ["metadata": ["total_size": .int(size)], "weight_map": .object(map)]
        try FileWriter.write(index.text(spaced: true), to: "\(folder)/model.safetensors.index.json")
    }
}
