#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Memory of the host: its own, or a part of a mapped file.
final class CPUBuffer: Buffer, @unchecked Sendable {  // written only by calls of the backend, which run in order
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
    /// What keeps the memory alive when it is not this buffer's own.
    private let file: MappedFile?

    /// From this size on memory comes straight from the system in pages of 2 MiB, which are read 10 to 15 % faster and
    /// cost nothing until they are touched.
    static let pageThreshold = 1 << 20

    init(byteCount: Int) {
        self.byteCount = byteCount
        file = nil
        if byteCount >= CPUBuffer.pageThreshold {
            pointer = CPUBuffer.mapPages(byteCount)
        } else {
            pointer = .allocate(byteCount: byteCount, alignment: 64)
        }
    }

    init(_ file: MappedFile, _ range: Range<Int>) {
        guard let start = file.bytes.baseAddress else { preconditionFailure("an empty file holds no tensors") }
        pointer = UnsafeMutableRawPointer(mutating: start + range.lowerBound)
        byteCount = range.count
        self.file = file
    }

    deinit {
        if file != nil { return }
        if byteCount >= CPUBuffer.pageThreshold { munmap(pointer, byteCount) } else { pointer.deallocate() }
    }

    /// Asks for no reservation: a cache is sized for the longest text and only what is used becomes memory.
    private static func mapPages(_ byteCount: Int) -> UnsafeMutableRawPointer {
        #if canImport(Glibc)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        #else
        let flags = MAP_PRIVATE | MAP_ANON
        #endif
        let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let memory, memory != MAP_FAILED else { preconditionFailure("no address space for \(byteCount) bytes") }
        #if canImport(Glibc)
        madvise(memory, byteCount, MADV_HUGEPAGE)
        #endif
        return memory
    }
}
