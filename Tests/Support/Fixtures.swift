#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import HayJSON

/// Reference files made by other implementations, in the folder that `HAYLOFT_FIXTURES` names, else `../shared/fixtures`
/// beside the package. They are not part of the repository: tests that use them are disabled where there are none.
public enum Fixtures {
    /// The folder of fixtures, when there is one.
    public static let folder: String? = {
        let named = getenv("HAYLOFT_FIXTURES").map { String(cString: $0) }
        let path = named ?? packageFolder + "/../shared/fixtures"
        return isFolder(path) ? path : nil
    }()

    /// The folders below `name` in the fixtures, sorted; none where there are no fixtures.
    public static func folders(in name: String) -> [String] {
        guard let folder else { return [] }
        return entries(of: "\(folder)/\(name)").filter(isFolder)
    }

    /// The package's root, found from this source file.
    public static let packageFolder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    /// The whole paths of what a folder holds, sorted.
    public static func entries(of path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append("\(path)/\(name)") }
        }
        return names.sorted()
    }

    /// Whether a path is a folder.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a path is there.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// All bytes of a file; nil where there is none.
    public static func bytes(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: ftell(file))
        rewind(file)
        return fread(&bytes, 1, bytes.count, file) == bytes.count ? bytes : nil
    }

    /// A JSON file of the fixtures.
    public static func json(_ path: String) throws -> JSON {
        guard let bytes = bytes(path) else { throw MissingFile(path: path) }
        return try JSON.parse(bytes)
    }

    /// A file that a test needs and that is not there.
    public struct MissingFile: Error { let path: String }
}

extension Fixtures {
    /// Whether tests that take minutes are wanted: `HAYLOFT_LONG_TESTS` is set.
    public static var runsLongTests: Bool { getenv("HAYLOFT_LONG_TESTS") != nil }
}
