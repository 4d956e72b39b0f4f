import HayTensor
import TestSupport

@testable import HayWeights

/// The bytes of values as they lie in a file.
func bytes<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes(Array.init) }

/// The bytes of floats in a type of files.
func bytes(_ values: [Float], as type: String) -> [UInt8] {
    switch type {
    case "F32": bytes(values)
    case "F16": bytes(values.map { Float16($0).bitPattern })
    case "BF16": bytes(values.map { UInt16($0.bitPattern >> 16) })
    case "F64": bytes(values.map(Double.init))
    default: preconditionFailure("floats as \(type)")
    }
}

/// A tensor to be written: its name, type, shape and bytes.
typealias StoredTensor = (name: String, type: String, shape: [Int], bytes: [UInt8])

extension TemporaryFolder {
    /// Writes `model.safetensors` with these tensors and opens it.
    func checkpoint(_ tensors: [StoredTensor]) throws -> Checkpoint {
        write(TemporaryFolder.file(tensors), to: "model.safetensors")
        return try Checkpoint(folder: path)
    }

    /// The bytes of a safetensors file.
    static func file(_ tensors: [StoredTensor]) -> [UInt8] {
        var header: [String] = []
        var data: [UInt8] = []
        for tensor in tensors {
            let end = data.count + tensor.bytes.count
            header.append(
                #""\#(tensor.name)":{"dtype":"\#(tensor.type)","shape":\#(tensor.shape),"data_offsets":[\#(data.count),\#(end)]}"#
            )
            data += tensor.bytes
        }
        let text = Array("{\(header.joined(separator: ","))}".utf8)
        return bytes([UInt64(text.count)]) + text + data
    }

    /// What a piece of work throws, with the folder's path replaced.
    func message(_ work: () throws -> Void) -> String {
        do {
            try work()
            return "no error"
        } catch { return "\(error)".replacing(path, with: "FOLDER") }
    }
}

extension Tensor {
    /// The bytes in memory.
    func bytes() throws -> [UInt8] {
        var all: [UInt8] = []
        try readBytes(inPiecesOf: 1 << 16) { all += $0 }
        return all
    }
}
