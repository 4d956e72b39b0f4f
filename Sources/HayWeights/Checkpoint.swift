import HayTensor
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The weights of a checkpoint folder: every tensor of its files by name.
public final class Checkpoint: Sendable {
    /// A tensor as it is stored.
    struct Location: Sendable {
        let file: MappedFile
        let entry: Safetensors.Entry
    }

    /// The folder.
    public let folder: String
    /// The files that hold the weights.
    public let files: [String]
    private let locations: [String: Location]
    private let tensorNames: TensorNames
    private let requested = Mutex<[String: WeightRole]>([:])

    /// Opens the weights of a folder: `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
    ///
    /// Only headers are read. Throws `CheckpointError` or `FileError`.
    public init(folder: String) throws {
        self.folder = folder
        let single = "\(folder)/model.safetensors"
        let index = "\(folder)/model.safetensors.index.json"
        if access(single, F_OK) == 0 {
            files = [single]
        } else if access(index, F_OK) == 0 {
            files = try ShardIndex(index).shards(in: folder)
        } else {
            throw CheckpointError.noWeights(folder: folder, found: Checkpoint.otherWeights(in: folder))
        }
        // The shards themselves say what they hold. A tensor that stands in two is the last one's.
        locations = try files.reduce(into: [:]) { all, path in
            let file = try Safetensors(path)
            for entry in file.entries { all[entry.name] = Location(file: file.file, entry: entry) }
        }
        tensorNames = TensorNames(locations.keys)
    }

    /// Weights in formats that are not read.
    private static func otherWeights(in folder: String) -> [String] {
        let names = [
            "pytorch_model.bin", "pytorch_model.bin.index.json", "consolidated.00.pth", "tf_model.h5",
            "flax_model.msgpack", "consolidated.safetensors", "model.fp16.safetensors", "adapter_model.safetensors",
        ]
        return names.filter { access("\(folder)/\($0)", F_OK) == 0 }
    }

    /// The names of all tensors, sorted.
    public var names: [String] { locations.keys.sorted() }

    /// The names that no model has asked for, sorted: what the checkpoint has and the architecture does not use.
    public var unrequested: [String] { requested.withLock { requested in names.filter { requested[$0] == nil } } }

    /// The number of elements of all tensors.
    public var parameterCount: Int { locations.values.reduce(0) { $0 + $1.entry.elementCount } }

    /// The number of elements of each type as the files name it: ["BF16": 7241732096].
    public var parameterCounts: [String: Int] {
        locations.values.reduce(into: [:]) { $0[$1.entry.typeName, default: 0] += $1.entry.elementCount }
    }

    /// The size of all tensors in bytes.
    public var byteCount: Int { locations.values.reduce(0) { $0 + $1.entry.range.count } }

    /// The bytes that the tensors which a model has asked for take in memory, with its matrices in this type.
    public func byteCount(as dtype: DType) -> Int {
        uses.reduce(0) { $0 + $1.role.byteCount(of: $1.location.entry.shape, dtype) }
    }

    /// What a model has asked for, in the order in which the files hold it.
    var uses: [(location: Location, role: WeightRole)] {
        let uses = requested.withLock { $0 }.compactMap { name, role in locations[name].map { ($0, role) } }
        return uses.sorted {
            ($0.0.file.path, $0.0.entry.range.lowerBound, $0.0.entry.name)
                < ($1.0.file.path, $1.0.entry.range.lowerBound, $1.0.entry.name)
        }
    }

    /// Where a tensor is, for a model that asks for it. Throws `CheckpointError` when it is not there.
    func location(of name: String, _ role: WeightRole) throws -> Location {
        let location = try location(of: name)
        requested.withLock { $0[location.entry.name] = role }
        return location
    }

    func contains(_ name: String) -> Bool { tensorNames.contains(name) }

    /// Whether two tensors have the same shape, type and bytes. Throws `CheckpointError` when one is not there.
    func areEqual(_ first: String, _ second: String) throws -> Bool {
        let first = try location(of: first), second = try location(of: second)
        guard first.entry.shape == second.entry.shape, first.entry.typeName == second.entry.typeName else {
            return false
        }
        let range = first.entry.range, other = second.entry.range
        defer {
            first.file.release(range)
            second.file.release(other)
        }
        return first.file.withBytes { bytes in
            second.file.withBytes { others in
                guard let start = bytes.baseAddress, let otherStart = others.baseAddress else { return true }
                return memcmp(start + range.lowerBound, otherStart + other.lowerBound, range.count) == 0
            }
        }
    }

    private func location(of name: String) throws -> Location {
        let place = files == ["\(folder)/model.safetensors"] ? files[0] : folder
        do {
            if let stored = try tensorNames.stored(name), let location = locations[stored] { return location }
        } catch {
            throw CheckpointError.ambiguousTensor(tensor: name, file: place, candidates: error.candidates)
        }
        throw CheckpointError.missingTensor(tensor: name, file: place)
    }
}
