import HayJSON
import HayTensor

/// How a safetensors file says which of its tensors are matrices in blocks: `README.md` beside this file.
enum BlockMetadata {
    /// The key that gives the version, and the only version there is.
    static let key = "hayloft_blocks", version = "1"

    /// What the metadata say of a matrix, or of a stack of matrices: "int4 4096 14336", "int4 8 4096 14336".
    static func text(_ type: DType, _ shape: [Int]) -> String {
        ([type.rawValue] + shape.map(String.init)).joined(separator: " ")
    }

    /// The shape of the bytes that hold a matrix: panels, groups, the bytes of a block; before them the matrices of a stack.
    static func storedShape(_ type: DType, _ shape: [Int]) -> [Int] {
        let matrix = shape.suffix(2).map { $0 }
        let panels = (matrix[0] + DType.panelSize - 1) / DType.panelSize
        let groups = (matrix[1] + DType.groupSize - 1) / DType.groupSize
        return shape.dropLast(2) + [panels, groups, type.byteCount(of: [1, 1])]
    }

    /// Gives the entries that are matrices or stacks in blocks their shape and type. Throws `CheckpointError`.
    static func apply(_ metadata: JSON?, to entries: inout [Safetensors.Entry], file: String) throws {
        guard let metadata = metadata?.object, let found = metadata[key] else { return }
        guard found.string == version else {
            throw CheckpointError.malformedHeader(
                file: file, reason: "'\(key)' is \(found), expected \"\(version)\"; a newer Hayloft may read it")
        }
        var index: [String: JSON] = [:]
        for (name, value) in metadata { index[name] = value }
        for place in entries.indices {
            if let text = index[entries[place].name] { try apply(text, to: &entries[place], file: file) }
        }
    }

    private static func apply(_ text: JSON, to entry: inout Safetensors.Entry, file: String) throws {
        func malformed(_ reason: String) -> CheckpointError {
            .malformedEntry(file: file, tensor: entry.name, reason: reason)
        }
        guard let (type, shape) = matrix(text) else {
            throw malformed("its metadata are \(text), expected a type and sizes such as \"int4 4096 14336\"")
        }
        let expected = storedShape(type, shape)
        guard entry.type == .U8, entry.shape == expected else {
            throw malformed("\(entry.type) \(entry.shape) does not hold \(type) \(shape), expected U8 \(expected)")
        }
        entry.shape = shape
        entry.blocks = type
    }

    /// The type and the shape that a text names; sizes that a kernel can count.
    private static func matrix(_ text: JSON) -> (DType, [Int])? {
        let parts = text.string?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        let sizes = parts.dropFirst().compactMap { Int($0) }.filter { (1 ... Int(Int32.max)).contains($0) }
        guard (3 ... 4).contains(parts.count), sizes.count == parts.count - 1,
            let type = DType(rawValue: String(parts[0])), type.isInBlocks
        else { return nil }
        return (type, sizes)
    }
}
