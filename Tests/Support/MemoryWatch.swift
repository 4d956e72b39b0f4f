import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Watches how the memory of this process grows, where no other test runs beside: HAYLOFT_MEMORY_TESTS is set.
public final class MemoryWatch: Sendable {
    private let notes = Mutex<[Int]>([])

    /// A watch without notes.
    public init() {}

    /// Notes how much memory is in use now.
    public func note() {
        guard getenv("HAYLOFT_MEMORY_TESTS") != nil, let bytes = residentBytes() else { return }
        notes.withLock { $0.append(bytes) }
    }

    /// How many bytes more the last note tells than the first; 0 where other tests run beside.
    public var growth: Int { notes.withLock { ($0.last ?? 0) - ($0.first ?? 0) } }

    /// The memory that this process has in use.
    private func residentBytes() -> Int? {
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 256, file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4096 }
    }
}
