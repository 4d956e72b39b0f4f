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
    /// The names of the tensors of which parts stand by themselves.
    private let partNames: TensorNames
    private let noted = Mutex<[String: WeightUse]>([:])

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
        let parts = locations.values.filter { $0.entry.blocks != nil }.map { StoredPart.base(of: $0.entry.name) }
        partNames = TensorNames(parts.map(String.init))
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
    public var unrequested: [String] {
        let used = noted.withLock { Set($0.values.flatMap { $0.places.map(\.location.entry.name) }) }
        return names.filter { !used.contains($0) }
    }

    /// The parts of the checkpoint that `unrequested` tensors belong to, with how many of them each has: ["vision_tower": 437].
    public var unrequestedParts: [(name: String, count: Int)] {
        let parts = Dictionary(grouping: unrequested) { TensorNames.part(of: $0) }
        return parts.map { ($0.key, $0.value.count) }.sorted { $0.name < $1.name }
    }

    /// The number of elements of all tensors.
    public var parameterCount: Int { locations.values.reduce(0) { $0 + $1.entry.elementCount } }

    /// The number of elements of each type as the files name it: ["BF16": 7241732096].
    public var parameterCounts: [String: Int] {
        locations.values.reduce(into: [:]) { $0[$1.entry.typeName, default: 0] += $1.entry.elementCount }
    }

    /// The number of elements that a model reads for a token when it takes this share of each stack, such as some of its
    /// experts; all that it has asked for with a share of 1.
    public func usedParameterCount(shareOfStacks share: Double = 1) -> Int {
        uses.reduce(0) { $0 + ($1.isStack ? Int(Double($1.shape.count) * share) : $1.shape.count) }
    }

    /// The size of all tensors in bytes.
    public var byteCount: Int { locations.values.reduce(0) { $0 + $1.entry.range.count } }

    /// The bytes that what a model has asked for takes in memory, with its matrices in this type.
    public func byteCount(as dtype: DType) -> Int {
        uses.reduce(0) { $0 + $1.role.byteCount(of: $1.shape, dtype) }
    }

    /// What a model has asked for, in the order in which the files hold it.
    var uses: [WeightUse] {
        noted.withLock { Array($0.values) }.sorted { order(of: $0) < order(of: $1) }
    }

    private func order(of use: WeightUse) -> (String, Int, String) {
        guard let location = use.places.first?.location else { return ("", 0, use.name) }
        return (location.file.path, location.entry.range.lowerBound, use.name)
    }

    /// Notes what a model asks for.
    func note(_ use: WeightUse) { noted.withLock { $0[use.name] = use } }

    /// A tensor, or a part of one, for a model that asks for it.
    ///
    /// A part that was written by itself is found under the tensor's name with a suffix.
    ///
    /// Throws `CheckpointError` when it is not there or of another shape or type.
    func use(of name: String, _ shape: Shape, _ role: WeightRole, _ part: StoredPart) throws -> WeightUse {
        let own = name + part.suffix
        let isWhole = part.suffix.isEmpty || tensorNames.contains(own)
        let location = try location(of: isWhole ? own : name)
        let place = try StoredMatrix(location, shape, isWhole ? .whole : part, role)
        return WeightUse(
            name: location.entry.name + (isWhole ? "" : part.suffix), places: [place], shape: shape, role: role,
            isStack: false)
    }

    /// A stack [E, …] for a model that asks for it. Throws `CheckpointError` as for a tensor, and when there are more of
    /// them than E.
    func use(of stack: StoredStack, _ shape: Shape, _ role: WeightRole) throws -> WeightUse {
        let own = stack.name + stack.part.suffix
        guard let size = shape.checkedCount, size < Int.max / 8 else {
            throw CheckpointError.shapeTooLarge(file: place, tensor: own, shape: shape.array)
        }
        if case .each(let pattern, let part) = stack, !tensorNames.contains(own) {
            let places = try members(of: pattern, part, shape, role)
            return WeightUse(name: own, places: places, shape: shape, role: role, isStack: true)
        }
        let isWhole = tensorNames.contains(own)
        let location = try location(of: isWhole ? own : stack.name)
        let name = location.entry.name + (isWhole ? "" : stack.part.suffix)
        func member(_ index: Int) throws -> StoredMatrix {
            let part = (isWhole ? .whole : stack.part).inStack(index, of: shape[0])
            return try StoredMatrix(location, shape.droppingFirst(), part, role)
        }
        // The first by itself: what has no such shape is refused before there is room for its members.
        let places = try [member(0)] + (1 ..< shape[0]).map(member)
        return WeightUse(name: name, places: places, shape: shape, role: role, isStack: true)
    }

    /// The tensors of a pattern that has one for each member of a stack.
    private func members(
        of pattern: String, _ part: StoredPart, _ shape: Shape, _ role: WeightRole
    ) throws -> [StoredMatrix] {
        let count = shape[0]
        let extra = (count...).prefix { tensorNames.contains(StoredStack.name(pattern, $0)) }
        guard extra.isEmpty else {
            throw CheckpointError.wrongCount(
                tensors: pattern, file: place, expected: count, found: count + extra.count)
        }
        func member(_ index: Int) throws -> StoredMatrix {
            try use(of: StoredStack.name(pattern, index), shape.droppingFirst(), role, part).places[0]
        }
        return try [member(0)] + (1 ..< count).map(member)
    }

    /// Whether there is a tensor of this name, or a part of one.
    func contains(_ name: String) -> Bool { tensorNames.contains(name) || partNames.contains(name) }

    /// Whether a stack, or any of its members, stands in this form.
    func contains(_ stack: StoredStack, count: Int) -> Bool {
        if contains(stack.name) { return true }
        guard case .each(let pattern, _) = stack else { return false }
        return (0 ..< count).contains { contains(StoredStack.name(pattern, $0)) }
    }

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

    /// Where a tensor that is not there was looked for.
    private var place: String { files == ["\(folder)/model.safetensors"] ? files[0] : folder }

    private func location(of name: String) throws -> Location {
        do {
            if let stored = try tensorNames.stored(name), let location = locations[stored] { return location }
        } catch {
            throw CheckpointError.ambiguousTensor(tensor: name, file: place, candidates: error.candidates)
        }
        throw CheckpointError.missingTensor(tensor: name, file: place)
    }
}
