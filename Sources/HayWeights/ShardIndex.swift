import HayJSON
import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A `model.safetensors.index.json`: which files a checkpoint consists of.
///
/// As in the reference implementation only the names of the files count: which tensors they hold is in their own headers,
/// and an index that names too many tensors or too few does no harm.
struct ShardIndex {
    private let path: String
    private let names: [String]

    /// Reads an index. Throws `CheckpointError` or `FileError`.
    init(_ path: String) throws {
        self.path = path
        func malformed(_ reason: String) -> CheckpointError { .malformedIndex(file: path, reason: reason) }
        let index: JSON
        let file = try MappedFile(path)
        guard file.count > 0 else { throw malformed("it is \(FileKind.empty)") }
        do { index = try file.withBytes { try JSON.parse($0) } } catch let error as JSONError {
            throw malformed(error.description)
        }
        guard let map = index["weight_map"]?.object else { throw malformed("it has no object 'weight_map'") }
        var names: Set<String> = []
        for (tensor, value) in map {
            guard let name = value.string else { throw malformed("the file of tensor '\(tensor)' is \(value.kind)") }
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            guard !name.contains("\0"), !parts.contains(where: { $0.isEmpty || $0 == ".." }) else {
                throw malformed("the file of tensor '\(tensor)' is not beside it: '\(name)'")
            }
            names.insert(name)
        }
        guard !names.isEmpty else { throw malformed("its 'weight_map' names no file") }
        self.names = names.sorted()
    }

    /// The files in a folder, sorted. Throws `CheckpointError` when one is not there.
    func shards(in folder: String) throws -> [String] {
        try names.map { name in
            let shard = "\(folder)/\(name)"
            guard access(shard, F_OK) == 0 else { throw CheckpointError.missingShard(index: path, shard: name) }
            return shard
        }
    }
}
