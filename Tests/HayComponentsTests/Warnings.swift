import Synchronization

/// Collects warnings.
final class Warnings: Sendable {
    private let collected = Mutex<[String]>([])
    /// Those that came.
    var texts: [String] { collected.withLock(\.self) }
    /// Takes one.
    @Sendable func add(_ text: String) { collected.withLock { $0.append(text) } }
}
