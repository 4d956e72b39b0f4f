import HayJSON
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
            locations = try Checkpoint.locations(in: single)
        } else if access(index, F_OK) == 0 {
            (files, locations) = try Checkpoint.shards(index, folder)
        } else {
            throw CheckpointError.noWeights(folder: folder)
        }
    }

    /// The names of all tensors, sorted.
    public var names: [String] { locations.keys.sorted() }

    /// The names that no model has asked for, sorted: what the checkpoint has and the architecture does not use.
    public var unrequested: [String] { requested.withLock { requested in names.filter { requested[$0] == nil } } }

    /// The number of elements of all tensors.
    public var parameterCount: Int { locations.values.reduce(0) { $0 + $1.entry.shape.reduce(1, *) } }

    /// The number of elements of each type as the files name it: ["BF16": 7241732096].
    public var parameterCounts: [String: Int] {
        locations.values.reduce(into: [:]) { $0[$1.entry.typeName, default: 0] += $1.entry.shape.reduce(1, *) }
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

    /// Where a tensor is, for a model that asks for it.
    func location(of name: String, _ role: WeightRole) -> Location? {
        requested.withLock { $0[name] = role }
        return locations[name]
    }

    func contains(_ name: String) -> Bool { locations[name] != nil }

    private static func locations(in path: String) throws -> [String: Location] {
        let file = try Safetensors(path)
        return Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, Location(file: file.file, entry: $0)) })
    }

    /// The tensors of all shards, each where the index says it is.
    private static func shards(_ index: String, _ folder: String) throws -> ([String], [String: Location]) {
        let map = try weightMap(index)
        let names = Set(map.values).sorted()
        var shards: [String: [String: Location]] = [:]
        for name in names { shards[name] = try locations(in: "\(folder)/\(name)") }
        var all: [String: Location] = [:]
        for (tensor, shard) in map {
            guard let location = shards[shard]?[tensor] else {
                throw CheckpointError.indexMismatch(file: index, tensor: tensor, shard: shard)
            }
            all[tensor] = location
        }
        return (names.map { "\(folder)/\($0)" }, all)
    }

    private static func weightMap(_ path: String) throws -> [String: String] {
        func malformed(_ reason: String) -> CheckpointError { .malformedIndex(file: path, reason: reason) }
        let index: JSON
        do { index = try MappedFile(path).withBytes { try JSON.parse($0) } } catch let error as JSONError {
            throw malformed(error.description)
        }
        guard let map = index["weight_map"]?.object else { throw malformed("it has no object 'weight_map'") }
        var shards: [String: String] = [:]
        for (tensor, value) in map {
            guard let shard = value.string else { throw malformed("the file of tensor '\(tensor)' is \(value.kind)") }
            guard !shard.contains("/"), shard != "..", !shard.isEmpty else {
                throw malformed("the file of tensor '\(tensor)' is not beside it: '\(shard)'")
            }
            guard shards.updateValue(shard, forKey: tensor) == nil else {
                throw CheckpointError.duplicateTensor(file: path, tensor: tensor)
            }
        }
        return shards
    }
}
