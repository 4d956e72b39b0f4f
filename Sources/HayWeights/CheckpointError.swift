import HayJSON

/// What is wrong with the files of a checkpoint.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
    /// The folder holds no weights in a format that is read, perhaps files of other formats.
    case noWeights(folder: String, found: [String])
    /// Something else stands in place of the weights.
    case notWeights(file: String, kind: FileKind)
    /// The file is shorter than its header says.
    case truncated(file: String, size: Int, expected: Int)
    /// The header's length is beyond what any checkpoint has.
    case headerTooLarge(file: String, size: UInt64, limit: Int)
    /// The header is not JSON, or not an object of tensors.
    case malformedHeader(file: String, reason: String)
    /// An entry of the header lacks a field, or a field is of another kind.
    case malformedEntry(file: String, tensor: String, reason: String)
    /// The same name stands twice.
    case duplicateTensor(file: String, tensor: String)
    /// Offsets that end before they begin.
    case reversedOffsets(file: String, tensor: String, begin: Int, end: Int)
    /// Offsets that do not span what shape and type need.
    case wrongSize(file: String, tensor: String, expected: Int, found: Int)
    /// A shape whose size in bytes does not fit an integer.
    case shapeTooLarge(file: String, tensor: String, shape: [Int])
    /// Two tensors share bytes.
    case overlap(file: String, tensor: String, other: String)
    /// Bytes that belong to no tensor.
    case hole(file: String, tensor: String, begin: Int, expected: Int)
    /// Bytes after the last tensor.
    case trailingBytes(file: String, end: Int, size: Int)
    /// The index is not what `model.safetensors.index.json` should be.
    case malformedIndex(file: String, reason: String)
    /// The index names a file that is not there.
    case missingShard(index: String, shard: String)
    /// A tensor that the model needs is not there.
    case missingTensor(tensor: String, file: String)
    /// Several tensors have names that stand for the one that the model needs.
    case ambiguousTensor(tensor: String, file: String, candidates: [String])
    /// A tensor has another shape than the model needs.
    case wrongShape(tensor: String, file: String, expected: [Int], found: [Int])
    /// A tensor's elements are not of a type that the model can use.
    case wrongType(tensor: String, file: String, expected: String, found: String)
    /// A matrix holds a value that a type in blocks has no scale for.
    case unrepresentable(tensor: String, file: String, type: String)
    /// A matrix lies in blocks that the part which is asked for does not begin or end with.
    case partOfBlocks(tensor: String, file: String, type: String, part: String)
    /// There are more tensors of a pattern than the model has places for.
    case wrongCount(tensors: String, file: String, expected: Int, found: Int)
    /// A matrix lies in blocks of another type than those that it is asked for in.
    case quantizedAlready(tensor: String, file: String, type: String, asked: String)

    /// What is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .noWeights(let folder, let found):
            "\(folder) has neither model.safetensors nor model.safetensors.index.json"
                + (found.isEmpty ? "" : "; convert \(found.joined(separator: " or ")) to one of them")
        case .notWeights(let file, let kind):
            "\(file) is \(kind)" + (kind.holdsWeights ? "; convert it to safetensors" : "")
        case .truncated(let file, let size, let expected):
            "\(file) has \(size) of \(expected) bytes, \(expected - size) are missing; download it again"
        case .headerTooLarge(let file, let size, let limit):
            "\(file) announces a header of \(size) bytes, more than the limit of \(limit)"
        case .malformedHeader(let file, let reason):
            "the header of \(file) is malformed: \(reason)"
        case .malformedEntry(let file, let tensor, let reason):
            "tensor '\(tensor)' in \(file): \(reason)"
        case .duplicateTensor(let file, let tensor):
            "\(file) names tensor '\(tensor)' twice"
        case .reversedOffsets(let file, let tensor, let begin, let end):
            "tensor '\(tensor)' in \(file) ends at \(end), before it begins at \(begin)"
        case .wrongSize(let file, let tensor, let expected, let found):
            "tensor '\(tensor)' in \(file) spans \(found) bytes, but its shape and type need \(expected)"
        case .shapeTooLarge(let file, let tensor, let shape):
            "tensor '\(tensor)' in \(file) has the shape \(shape), larger than any memory"
        case .overlap(let file, let tensor, let other):
            "tensors '\(other)' and '\(tensor)' in \(file) share bytes"
        case .hole(let file, let tensor, let begin, let expected):
            "tensor '\(tensor)' in \(file) begins at \(begin), leaving bytes from \(expected) to no tensor"
        case .trailingBytes(let file, let end, let size):
            "\(file) has \(size) bytes of data, but its last tensor ends at \(end)"
        case .malformedIndex(let file, let reason):
            "\(file) is malformed: \(reason)"
        case .missingShard(let index, let shard):
            "\(index) names \(shard), which is not there; the download may be incomplete"
        case .missingTensor(let tensor, let file):
            "\(file) has no tensor '\(tensor)'"
        case .ambiguousTensor(let tensor, let file, let candidates):
            "\(file) has no tensor '\(tensor)', but \(candidates.map { "'\($0)'" }.joined(separator: " and ")), "
                + "any of which may stand for it; rename the right one"
        case .wrongShape(let tensor, let file, let expected, let found):
            "tensor '\(tensor)' in \(file) has shape \(found), expected \(expected)"
        case .wrongType(let tensor, let file, let expected, let found):
            "tensor '\(tensor)' in \(file) has type \(found), expected \(expected)"
        case .unrepresentable(let tensor, let file, let type):
            "tensor '\(tensor)' in \(file) has values that are infinite, not a number or too large for \(type)"
        case .partOfBlocks(let tensor, let file, let type, let part):
            "tensor '\(tensor)' in \(file) is in \(type) blocks of 16 rows, from which the part \(part) cannot be cut; "
                + "quantize the original checkpoint"
        case .wrongCount(let tensors, let file, let expected, let found):
            "\(file) has \(found) tensors '\(tensors)', expected \(expected)"
        case .quantizedAlready(let tensor, let file, let type, let asked):
            "tensor '\(tensor)' in \(file) is in \(type) blocks; to get \(asked), quantize the original checkpoint"
        }
    }
}

extension FileKind {
    /// Whether it is a format that weights are kept in.
    fileprivate var holdsWeights: Bool {
        switch self {
        case .zip, .pickle, .gguf, .hdf5: true
        default: false
        }
    }
}
