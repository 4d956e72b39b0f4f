#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A folder for one test, removed when the test lets it go.
public final class TemporaryFolder {
    /// Where it is.
    public let path: String

    /// An empty folder of its own under the system's temporary folder.
    public init() {
        var template = Array("/tmp/hayloft-test-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit { removeAll(path) }

    /// Writes a file and gives its path.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) -> String {
        let file = fopen("\(path)/\(name)", "wb")!
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        return "\(path)/\(name)"
    }

    /// Writes a text file and gives its path.
    @discardableResult
    public func write(_ text: String, to name: String) -> String { write(Array(text.utf8), to: name) }

    /// Makes a folder in it.
    public func make(_ name: String) { mkdir("\(path)/\(name)", 0o755) }

    private func removeAll(_ path: String) {
        for entry in Fixtures.entries(of: path) {
            if Fixtures.isFolder(entry) { removeAll(entry) } else { unlink(entry) }
        }
        rmdir(path)
    }
}
