import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Ctrl-C: a reply being written ends after its current line, anything else ends at once; both with status 130.
final class Interrupt: Sendable {
    private static let shared = Interrupt()

    /// How to end what is being written.
    private let stop = Mutex<(@Sendable () -> Void)?>(nil)
    private let isRequested = Atomic(false)
    /// Whether a line that a person types is being waited for.
    private let isAsking = Atomic(false)
    private nonisolated(unsafe) let source: any DispatchSourceSignal  // set up once, then the queue's

    private init() {
        signal(SIGINT, SIG_IGN)  // the source below takes its place
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { Interrupt.shared.handle() }
        source.resume()
    }

    /// Takes over Ctrl-C for the process.
    static func install() { _ = shared }

    /// Runs a loop that Ctrl-C ends by calling `stop`; afterwards the process ends if it was pressed.
    static func whileWriting(
        stopping stop: @escaping @Sendable () -> Void, _ body: () async throws -> Void
    ) async rethrows {
        shared.stop.withLock { $0 = stop }
        defer {
            shared.stop.withLock { $0 = nil }
            if shouldStop {
                print()
                Console.end(130)
            }
        }
        try await body()
    }

    /// Waits for a line that a person types behind a prompt. Ctrl-C and Ctrl-D end the prompt's line.
    static func whileAsking(_ body: () throws -> String?) rethrows -> String? {
        shared.isAsking.store(true, ordering: .sequentiallyConsistent)
        defer { shared.isAsking.store(false, ordering: .sequentiallyConsistent) }
        let line = try body()
        if line == nil { print() }
        return line
    }

    /// Whether Ctrl-C was pressed.
    static var shouldStop: Bool { shared.isRequested.load(ordering: .sequentiallyConsistent) }

    /// A second Ctrl-C does not wait.
    private func handle() {
        let isSecond = isRequested.exchange(true, ordering: .sequentiallyConsistent)
        guard !isSecond, let stop = stop.withLock({ $0 }) else {
            if isAsking.load(ordering: .sequentiallyConsistent) {
                print()
            } else if Console.isInteractive {
                Console.error("")  // the terminal wrote ^C into the current line
            }
            Console.end(130)
        }
        stop()
    }
}
