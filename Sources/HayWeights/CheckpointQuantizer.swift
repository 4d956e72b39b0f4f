import HayJSON
import HayTensor

/// Writes the weights of a checkpoint anew with its matrices in blocks, piece by piece: some megabytes are in memory.
///
/// What a model reads is what is written: a part of a tensor, or a stack of matrices that stand one by one, becomes a tensor
/// of its own, which is read in place afterwards.
public struct CheckpointQuantizer {
    /// Is told how many bytes of the checkpoint are done, of how many; what it throws ends the work.
    public typealias Progress = (_ done: Int, _ total: Int) throws -> Void

    /// A tensor of the new files.
    private enum Item {
        /// One that stays as it is stored.
        case copy(Checkpoint.Location)
        /// What a model uses, in a type in blocks.
        case blocks(WeightUse, DType)

        var entry: SafetensorsStream.Entry {
            switch self {
            case .copy(let location):
                let stored = location.entry
                return .init(name: stored.name, type: stored.type, shape: stored.shape, byteCount: stored.range.count)
            case .blocks(let use, let type):
                return .init(
                    name: use.name, type: .U8, shape: BlockMetadata.storedShape(type, use.shape.array),
                    byteCount: type.byteCount(of: use.shape))
            }
        }

        /// The bytes that are read for it.
        var readCount: Int {
            switch self {
            case .copy(let location): location.entry.range.count
            case .blocks(let use, _): use.byteCount
            }
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
        var copied: Set<String> = []
        items = try checkpoint.uses.flatMap { use -> [Item] in
            guard use.role != .vector, let type = use.role.type(dtype) else {
                return use.places.map(\.location).filter { copied.insert($0.entry.name).inserted }.map { .copy($0) }
            }
            for stored in use.places.map(\.location) where stored.entry.blocks != nil {
                throw CheckpointError.quantizedAlready(
                    tensor: stored.entry.name, file: stored.file.path, type: stored.entry.typeName,
                    asked: dtype.rawValue)
            }
            return [.blocks(use, type)]
        }
    }

    /// Writes `model.safetensors` into a folder, or shards with their index.
    ///
    /// Throws `FileError`, and `CheckpointError` when a value has no place in blocks.
    public func write(to folder: String, progress: Progress = { _, _ in }) throws {
        let shards = shards
        var map = JSON.Object()
        var done = 0
        let total = items.reduce(0) { $0 + $1.readCount }
        for (index, shard) in shards.enumerated() {
            let name = CheckpointQuantizer.fileName(index, of: shards.count)
            let stream = try SafetensorsStream("\(folder)/\(name)", shard.map(\.entry), metadata: metadata(of: shard))
            for item in shard {
                try write(item, to: stream)
                done += item.readCount
                try progress(done, total)
                map.append(item.entry.name, .string(name))
            }
            try stream.finish()
        }
        if shards.count > 1 { try writeIndex(map, to: folder) }
    }

    private func write(_ item: Item, to stream: SafetensorsStream) throws {
        switch item {
        case .copy(let location):
            defer { location.file.release(location.entry.range) }
            try location.file.withBytes { try stream.write(.init(rebasing: $0[location.entry.range])) }
        case .blocks(let use, let type):
            for place in use.places {
                for piece in place.pieces {
                    let blocks = try place.rows(piece, on: backend).quantized(to: type)
                    try blocks.checkScales(place.location)
                    try blocks.readBytes(inPiecesOf: 1 << 20) { try stream.write($0) }
                    place.release(piece)
                }
            }
        }
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
            guard case .blocks(let use, let type) = item else { continue }
            metadata.append(use.name, .string(BlockMetadata.text(type, use.shape.array)))
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
