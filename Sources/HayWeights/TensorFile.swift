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
        guard let entry = file.entries.first(where: { $0.name == name }) else {
            throw CheckpointError.missingTensor(tensor: name, file: path)
        }
        guard entry.type == .F32 else {
            throw CheckpointError.wrongType(tensor: name, file: path, expected: "F32", found: entry.type.rawValue)
        }
        let values = file.file.withBytes { bytes in
            [Float](unsafeUninitializedCapacity: entry.range.count / 4) { values, count in
                UnsafeMutableRawBufferPointer(values).copyMemory(from: .init(rebasing: bytes[entry.range]))
                count = entry.range.count / 4
            }
        }
        return (entry.shape, values)
    }
}
