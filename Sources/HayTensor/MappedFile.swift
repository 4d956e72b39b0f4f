#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file's bytes in the address space, read by the system as they are touched.
///
/// The file must not be cut short while it is mapped: the system ends a process that touches what is gone.
public final class MappedFile: @unchecked Sendable {  // immutable after init
    /// Where the file is.
    public let path: String
    /// All of its bytes; gone with the last reference to this object.
    let bytes: UnsafeRawBufferPointer

    /// Maps a file. Throws `FileError`.
    public init(_ path: String) throws {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)  // a named pipe must not hold it up
        guard descriptor >= 0 else { throw FileError(path: path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(path: path, reason: "is not a file") }
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED else {
            throw FileError(path: path, errno)
        }
        #if canImport(Glibc)
        // Where the file system keeps large pages, a file not yet in memory is read into them: 10 % faster to read.
        madvise(memory, size, MADV_HUGEPAGE)
        #endif
        bytes = UnsafeRawBufferPointer(start: memory, count: size)
    }

    /// The size in bytes.
    public var count: Int { bytes.count }

    /// Lends all of the bytes; they must not be kept.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }

    /// Lets go of the memory that a part of the file has been read into; it is read again when it is touched again.
    public func release(_ range: Range<Int>) {
        let page = Int(getpagesize())
        let begin = (range.lowerBound + page - 1) / page * page, end = range.upperBound / page * page
        guard begin < end, range.upperBound <= bytes.count, let start = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: start + begin), end - begin, MADV_DONTNEED)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}

/// Why a file cannot be read.
public struct FileError: Error, Equatable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What is wrong with it, as the system says it.
    public let reason: String

    /// An error of this file.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    init(path: String, _ code: Int32) {
        self.init(path: path, reason: "cannot be read: \(String(cString: strerror(code)))")
    }

    /// The file and the reason in one sentence.
    public var description: String { "\(path) \(reason)" }
}
