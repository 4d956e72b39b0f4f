import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Small files written whole.
public enum FileWriter {
    /// Writes a text. Throws `FileError`.
    public static func write(_ text: String, to path: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0), to: path) }
    }

    /// Writes bytes. Throws `FileError`.
    public static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
        func error() -> FileError {
            FileError(path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
        }
        guard let file = fopen(path, "wb") else { throw error() }
        let isWritten = fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count
        let reason = error()
        guard fclose(file) == 0 else { throw error() }
        if !isWritten { throw reason }
    }
}
