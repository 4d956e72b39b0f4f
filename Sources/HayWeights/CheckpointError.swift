/// What is wrong with the files of a checkpoint.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
    /// The folder holds no weights in a format that is read.
    case noWeights(folder: String)
    /// The file is shorter than its header says.
    case truncatedHeader(file: String, size: Int)
    /// The header's length is beyond what any checkpoint has.
    case headerTooLarge(file: String, size: UInt64, limit: Int)
    /// The header is not JSON, or not an object of tensors.
    case malformedHeader(file: String, reason: String)
    /// An entry of the header lacks a field, or a field is of another kind.
    case malformedEntry(file: String, tensor: String, reason: String)
    /// The same name stands twice.
    case duplicateTensor(file: String, tensor: String)
    /// The element type is not one of the format's.
    case unknownType(file: String, tensor: String, type: String)
    /// Offsets that end before they begin.
    case reversedOffsets(file: String, tensor: String, begin: Int, end: Int)
    /// Offsets beyond the end of the file.
    case outOfRange(file: String, tensor: String, end: Int, size: Int)
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
    /// The index places a tensor in a file that does not hold it.
    case indexMismatch(file: String, tensor: String, shard: String)
    /// A tensor that the model needs is not there.
    case missingTensor(tensor: String, file: String)
    /// A tensor has another shape than the model needs.
    case wrongShape(tensor: String, file: String, expected: [Int], found: [Int])
    /// A tensor's elements are not of a type that the model can use.
    case wrongType(tensor: String, file: String, expected: String, found: String)
    /// A matrix holds a value that a type in blocks has no scale for.
    case unrepresentable(tensor: String, file: String, type: String)
    /// A matrix lies in blocks of another type than those that it is asked for in.
    case quantizedAlready(tensor: String, file: String, type: String, asked: String)

    /// What is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .noWeights(let folder):
            "\(folder) has neither model.safetensors nor model.safetensors.index.json"
        case .truncatedHeader(let file, let size):
            "\(file) ends within its header, after \(size) bytes; the download may be incomplete"
        case .headerTooLarge(let file, let size, let limit):
            "\(file) announces a header of \(size) bytes, more than the limit of \(limit)"
        case .malformedHeader(let file, let reason):
            "the header of \(file) is malformed: \(reason)"
        case .malformedEntry(let file, let tensor, let reason):
            "tensor '\(tensor)' in \(file): \(reason)"
        case .duplicateTensor(let file, let tensor):
            "\(file) names tensor '\(tensor)' twice"
        case .unknownType(let file, let tensor, let type):
            "tensor '\(tensor)' in \(file) has the unknown type '\(type)'"
        case .reversedOffsets(let file, let tensor, let begin, let end):
            "tensor '\(tensor)' in \(file) ends at \(end), before it begins at \(begin)"
        case .outOfRange(let file, let tensor, let end, let size):
            "tensor '\(tensor)' in \(file) ends at byte \(end), but there are \(size) bytes of data; "
                + "the download may be incomplete"
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
        case .indexMismatch(let file, let tensor, let shard):
            "\(file) places tensor '\(tensor)' in \(shard), which does not hold it"
        case .missingTensor(let tensor, let file):
            "\(file) has no tensor '\(tensor)'"
        case .wrongShape(let tensor, let file, let expected, let found):
            "tensor '\(tensor)' in \(file) has shape \(found), expected \(expected)"
        case .wrongType(let tensor, let file, let expected, let found):
            "tensor '\(tensor)' in \(file) has type \(found), expected \(expected)"
        case .unrepresentable(let tensor, let file, let type):
            "tensor '\(tensor)' in \(file) has values that are infinite, not a number or too large for \(type)"
        case .quantizedAlready(let tensor, let file, let type, let asked):
            "tensor '\(tensor)' in \(file) is in \(type) blocks; to get \(asked), quantize the original checkpoint"
        }
    }
}
