#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import HayJSON

/// Reading whole files with a bound on their size.
enum Files {
    /// The largest file that is read, in bytes; the largest vocabularies known take a tenth of it.
    static let sizeLimit = 256 << 20

    /// All bytes of a file. Throws `TokenizerError`.
    static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw unreadable(path) }
        defer { fclose(file) }
        var status = stat()
        guard fstat(fileno(file), &status) == 0 else { throw unreadable(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TokenizerError.unreadable(file: path, reason: "it is not a file")
        }
        let size = Int(status.st_size)
        guard size <= sizeLimit else { throw TokenizerError.tooLarge(file: path, size: size, limit: sizeLimit) }
        return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = size == 0 ? 0 : fread(buffer.baseAddress, 1, size, file)
            if count < size { throw TokenizerError.unreadable(file: path, reason: "it ends before its size") }
        }
    }

    /// A JSON file. Throws `TokenizerError`.
    static func json(_ path: String) throws -> JSON {
        let bytes = try bytes(path)
        do {
            return try JSON.parse(bytes)
        } catch let error as JSONError {
            throw TokenizerError.notJSON(file: path, error)
        }
    }

    /// A UTF-8 text file. Throws `TokenizerError`.
    static func text(_ path: String) throws -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw TokenizerError.notText(file: path)
        }
        return text
    }

    /// Whether there is something at a path.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func unreadable(_ path: String) -> TokenizerError {
        .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
}
