#if canImport(Glibc)
@preconcurrency import Glibc  // stdout and stdin are variables there
#else
import Darwin
#endif

/// The terminal: results on stdout as they come, everything else on stderr.
enum Console {
    /// Writes a result at once, without a line end.
    static func show(_ text: String) {
        print(text, terminator: "")
        flush()
    }

    /// Writes a line to stderr.
    static func error(_ line: String) {
        flush()  // what was printed so far comes first
        let bytes = Array("\(line)\n".utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Puts a text in place of the line that is being written to a terminal's stderr.
    static func status(_ text: String) {
        let bytes = Array("\r\(text)\u{1B}[K".utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Writes a text file. Throws `CommandError`.
    static func save(_ text: String, to path: String) throws {
        guard let file = fopen(path, "wb") else {
            throw CommandError("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        let isWritten = fputs(text, file) >= 0
        guard fclose(file) == 0, isWritten else {
            throw CommandError("\(path) cannot be written: the disk may be full")
        }
    }

    /// Ends the process after flushing what was printed; with status 1 when that could not be written.
    static func end(_ status: Int32) -> Never {
        if !flush(), status == 0 {
            error("hayloft: error: the output cannot be written: \(String(cString: strerror(errno)))")
            _exit(1)
        }
        _exit(status)
    }

    /// Writes out what was printed. Only stdout is touched: another thread may be waiting in stdin.
    @discardableResult
    private static func flush() -> Bool { fflush(stdout) == 0 && ferror(stdout) == 0 }

    /// Whether a person reads stderr.
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether a person types what is read from stdin.
    static var isTyped: Bool { isatty(STDIN_FILENO) == 1 }

    /// The environment of this process.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var place = environ
        while let entry = place.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            place += 1
        }
        return variables
    }

    /// Whether there is a file or a folder of this name.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The next line of stdin, without its end; nil when there are no more. Throws `CommandError` when it is not UTF-8.
    ///
    /// - Parameter number: the line's number, for the error message.
    static func readLine(_ number: Int) throws -> String? {
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        let count = getline(&line, &capacity, stdin)
        guard count >= 0, let line else { return nil }
        var bytes = UnsafeRawBufferPointer(start: line, count: count)[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError("line \(number) of stdin is not UTF-8")
        }
        return text
    }

    /// All of stdin. Throws `CommandError` when it cannot be read or is not UTF-8.
    static func readInput() throws -> String { try read(stdin, name: "stdin") }

    /// All of a text file. Throws `CommandError` when it cannot be read or is not UTF-8.
    static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "rb") else {
            throw CommandError("\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        return try read(file, name: path)
    }

    private static func read(_ file: UnsafeMutablePointer<FILE>, name: String) throws -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        guard ferror(file) == 0 else {
            throw CommandError("\(name) cannot be read: \(String(cString: strerror(errno)))")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw CommandError("\(name) is not UTF-8") }
        return text
    }
}

/// A failure of a command, in one sentence.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A moment of a clock that never goes back.
struct Stopwatch {
    private let start = ContinuousClock.now

    /// Seconds since it was made.
    var seconds: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
