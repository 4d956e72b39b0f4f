import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Watches how the memory of this process grows, where no other test runs beside: HAYLOFT_MEMORY_TESTS is set.
public final class MemoryWatch: Sendable {
    private let notes = Mutex<[Int]>([])
    private let key: String

    /// A watch without notes.
    ///
    /// - Parameter ofPeak: whether to watch the most memory that there ever was.
    public init(ofPeak: Bool = false) { key = ofPeak ? "VmHWM:" : "VmRSS:" }

    /// Notes how much memory is in use now.
    public func note() {
        guard getenv("HAYLOFT_MEMORY_TESTS") != nil, let bytes = residentBytes() else { return }
        notes.withLock { $0.append(bytes) }
    }

    /// How many bytes more the last note tells than the first; 0 where other tests run beside.
    public var growth: Int { notes.withLock { ($0.last ?? 0) - ($0.first ?? 0) } }

    /// What the system knows of this process.
    private func residentBytes() -> Int? {
        guard let file = fopen("/proc/self/status", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let words = text.split { " \t\n".contains($0) }
            if words.first == key[...], words.count > 1 { return Int(words[1]).map { $0 * 1024 } }
        }
        return nil
    }
}
