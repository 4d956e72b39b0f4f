/// A safetensors file read on the host, without a backend: reference outputs, exported logits.
public struct TensorFile: Sendable {
    private let file: Safetensors
    private let path: String

    /// Opens a file. Throws `CheckpointError` or `FileError`.
    public init(_ path: String) throws {
        file = try Safetensors(path)
        self.path = path
    }

    /// The names of the tensors, in the order of the file.
    public var names: [String] { file.entries.map(\.name) }

    /// Shape and elements of an f32 tensor. Throws `CheckpointError` when it is not there or of another type.
    public func floats(_ name: String) throws -> (shape: [Int], values: [Float]) {
        try elements(name, .F32)
    }

    /// Shape and elements of an i64 tensor, as `floats` gives them.
    public func integers(_ name: String) throws -> (shape: [Int], values: [Int64]) {
        try elements(name, .I64)
    }

    private func elements<Element: BitwiseCopyable>(
        _ name: String, _ type: Safetensors.ElementType
    ) throws -> (shape: [Int], values: [Element]) {
        guard let entry = file.entries.first(where: { $0.name == name }) else {
            throw CheckpointError.missingTensor(tensor: name, file: path)
        }
        guard entry.type == type else {
            throw CheckpointError.wrongType(
                tensor: name, file: path, expected: type.rawValue, found: entry.type.rawValue)
        }
        let size = MemoryLayout<Element>.size
        let values = file.file.withBytes { bytes in
            [Element](unsafeUninitializedCapacity: entry.range.count / size) { values, count in
                UnsafeMutableRawBufferPointer(values).copyMemory(from: .init(rebasing: bytes[entry.range]))
                count = entry.range.count / size
            }
        }
        return (entry.shape, values)
    }
}
