import HayJSON
import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A safetensors file that is written piece by piece: first what it will hold, then the bytes in that order.
final class SafetensorsStream {
    /// A tensor to be written.
    struct Entry {
        let name: String
        let type: Safetensors.ElementType
        let shape: [Int]
        let byteCount: Int
    }

    private let path: String
    private let file: UnsafeMutablePointer<FILE>
    private var isFinished = false

    /// Begins a file with its header. Throws `FileError`.
    init(_ path: String, _ entries: [Entry], metadata: JSON.Object = [:]) throws {
        self.path = path
        guard let file = fopen(path, "wb") else { throw SafetensorsStream.error(path) }
        self.file = file
        let header = SafetensorsStream.header(entries, metadata)
        try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try write($0) }
        try header.withUnsafeBytes { try write($0) }
    }

    /// The header, with spaces after it so that the data begin at a multiple of 64.
    private static func header(_ entries: [Entry], _ metadata: JSON.Object) -> [UInt8] {
        var header = JSON.Object()
        if metadata.count > 0 { header.append("__metadata__", .object(metadata)) }
        var end = 0
        for entry in entries {
            let begin = end
            end += entry.byteCount
            let offsets: JSON = .array([.int(begin), .int(end)])
            let members: JSON.Object = [
                "dtype": .string(entry.type.rawValue), "shape": .array(entry.shape.map { .int($0) }),
                "data_offsets": offsets,
            ]
            header.append(entry.name, .object(members))
        }
        let text = Array(JSON.object(header).text().utf8)
        return text + Array(repeating: UInt8(ascii: " "), count: 63 - (text.count + 7) % 64)
    }

    /// Writes the next bytes. Throws `FileError`.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count else {
            throw SafetensorsStream.error(path)
        }
    }

    /// Ends the file. Throws `FileError`.
    func finish() throws {
        isFinished = true
        guard fclose(file) == 0 else { throw SafetensorsStream.error(path) }
    }

    deinit { if !isFinished { fclose(file) } }

    private static func error(_ path: String) -> FileError {
        FileError(path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
    }
}
