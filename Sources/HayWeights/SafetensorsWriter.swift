import HayJSON
import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes f32 tensors as a safetensors file.
public enum SafetensorsWriter {
    /// Writes tensors under their names. Throws `FileError`; a file that could not be written whole is removed.
    public static func write(_ tensors: [(name: String, shape: [Int], values: [Float])], to path: String) throws {
        var header = JSON.Object()
        var end = 0
        for tensor in tensors {
            let begin = end
            end += tensor.values.count * 4
            header.append(
                tensor.name,
                .object(
                    JSON.Object([
                        ("dtype", "F32"), ("shape", .array(tensor.shape.map { .int($0) })),
                        ("data_offsets", .array([.int(begin), .int(end)])),
                    ])))
        }
        var text = Array(JSON.object(header).text().utf8)
        text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)  // the data begins aligned
        guard let file = fopen(path, "wb") else { throw FileError(path: path, reason: "cannot be written: \(reason)") }
        var isWritten = withUnsafeBytes(of: UInt64(text.count).littleEndian) { write($0, file) }
        isWritten = text.withUnsafeBytes { write($0, file) } && isWritten
        for tensor in tensors { isWritten = tensor.values.withUnsafeBytes { write($0, file) } && isWritten }
        var status = stat()
        let isRegular = fstat(fileno(file), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        guard fclose(file) == 0, isWritten else {
            let reason = reason
            if isRegular { unlink(path) }  // never a device
            throw FileError(path: path, reason: "cannot be written: \(reason)")
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private static func write(_ bytes: UnsafeRawBufferPointer, _ file: UnsafeMutablePointer<FILE>) -> Bool {
        fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count
    }
}
