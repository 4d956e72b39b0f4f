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

    private let isWriting = Atomic(false)
    private let isRequested = Atomic(false)
    private nonisolated(unsafe) let source: any DispatchSourceSignal  // set up once, then the queue's

    private init() {
        signal(SIGINT, SIG_IGN)  // the source below takes its place
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { Interrupt.shared.handle() }
        source.resume()
    }

    /// Takes over Ctrl-C for the process.
    static func install() { _ = shared }

    /// Runs a loop that asks `shouldStop` at each token; afterwards the process ends if Ctrl-C was pressed.
    static func whileWriting(_ body: () async throws -> Void) async rethrows {
        shared.isWriting.store(true, ordering: .sequentiallyConsistent)
        defer {
            shared.isWriting.store(false, ordering: .sequentiallyConsistent)
            if shouldStop {
                print()
                Console.end(130)
            }
        }
        try await body()
    }

    /// Whether Ctrl-C was pressed.
    static var shouldStop: Bool { shared.isRequested.load(ordering: .sequentiallyConsistent) }

    /// A second Ctrl-C does not wait.
    private func handle() {
        let isSecond = isRequested.exchange(true, ordering: .sequentiallyConsistent)
        if isSecond || !isWriting.load(ordering: .sequentiallyConsistent) { Console.end(130) }
    }
}
