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
        let entries = tensors.map {
            SafetensorsStream.Entry(name: $0.name, type: .F32, shape: $0.shape, byteCount: $0.values.count * 4)
        }
        do {
            let stream = try SafetensorsStream(path, entries)
            for tensor in tensors { try tensor.values.withUnsafeBytes { try stream.write($0) } }
            try stream.finish()
        } catch {
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { unlink(path) }  // never a device
            throw error
        }
    }
}
