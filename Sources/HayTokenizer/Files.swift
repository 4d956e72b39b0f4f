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

    /// A JSON file, which may begin with a byte order mark. Throws `TokenizerError`.
    static func json(_ path: String) throws -> JSON {
        var bytes = try bytes(path)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        do {
            return try JSON.parse(bytes)
        } catch let error as JSONError {
            throw TokenizerError.notJSON(file: path, error)
        }
    }

    /// All bytes of a vocabulary's file, which may be empty. Throws `TokenizerError`, which names what stands in its place.
    static func vocabulary(_ path: String) throws -> [UInt8] {
        let bytes = try bytes(path)
        if !bytes.isEmpty, let kind = bytes.withUnsafeBytes({ FileKind($0) }) {
            throw TokenizerError.unreadable(file: path, reason: "it is \(kind)")
        }
        return bytes
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

    /// The names of what a folder holds, sorted; none where there is no such folder.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
                    String(cString: $0)
                }
            }
            names.append(name)
        }
        return names.sorted()
    }

    private static func unreadable(_ path: String) -> TokenizerError {
        .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
}
