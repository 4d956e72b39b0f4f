import HayComponents
import Logging
import Synchronization

/// Asks several that can do the same work, one after another, until one has done it.
final class Relay<Member: Sendable>: Sendable {
    /// One member's turn.
    struct Turn: Sendable {
        let member: Member
        let index: Int
        /// What went wrong before.
        let failures: [RelayError.Failure]
    }

    /// What came of it, and of whose turn.
    struct Outcome<Value: Sendable>: Sendable {
        let value: Value
        let turn: Turn
    }

    let members: [Member]
    private let order: any RelayOrder
    private let timeout: Double?
    private let movesOn: @Sendable (any Error) -> Bool
    private let logger: Logger
    private let generator: @Sendable (Member) -> any Generator

    /// - Parameters:
    ///   - order: whose turn it is.
    ///   - timeout: the longest wait for a reply, or for the first chunk of one that is streamed, in seconds.
    ///   - movesOn: whether another member is asked after an error.
    ///   - generator: what a member is.
    /// Throws `RelayError.noMembers`, and `ProviderError` for a timeout that is none.
    init(
        _ members: [Member], order: any RelayOrder, timeout: Double?, logger: Logger,
        movesOn: @escaping @Sendable (any Error) -> Bool,
        generator: @escaping @Sendable (Member) -> any Generator
    ) throws {
        guard !members.isEmpty else { throw RelayError.noMembers }
        self.members = members
        self.order = order
        if let timeout, !(timeout >= 0) {
            throw ProviderError.wrongOption("timeout", expected: "0 seconds or more, found \(timeout)")
        }
        // More than a lifetime would overflow the clock.
        self.timeout = timeout.flatMap { $0.isFinite ? min($0, 1e9) : nil }
        self.movesOn = movesOn
        self.logger = logger
        self.generator = generator
    }

    /// What errors call a member.
    func name(_ member: Member) -> String { type(of: generator(member)).type }

    /// Has the work done. Once a chunk has been given on, no other member is asked: a reply is never put together of two.
    ///
    /// - Parameter sink: takes the chunks; `work` is given one to give on to.
    /// Throws the last error where it is not one to move on after, `RelayError.allFailed` and `CancellationError`.
    func run<Value: Sendable>(
        _ sink: ChunkSink?, _ work: @escaping @Sendable (Turn, ChunkSink?) async throws -> Value
    ) async throws -> Outcome<Value> {
        var failures: [RelayError.Failure] = []
        var tried: Set<Int> = []
        while let index = order.begin(after: tried) {
            tried.insert(index)
            let turn = Turn(member: members[index], index: index, failures: failures), start = ReplyStart()
            do {
                // Without a sink a member may have a callback of its own, which gets chunks too.
                let own = generator(turn.member).streamingCallback
                let sink = sink ?? own.map { $0.callAsFunction }
                let value = try await start.within(timeout) { try await work(turn, start.noting(sink)) }
                order.end(index, error: nil)
                return Outcome(value: value, turn: turn)
            } catch {
                order.end(index, error: error)
                try Task.checkCancellation()
                if start.hasBegun || !movesOn(error) { throw error }
                failures.append(RelayError.Failure(index: index, name: name(turn.member), error: error))
                logger.warning("\(name(turn.member)) has not answered: \(error)")
            }
        }
        throw RelayError.allFailed(failures)
    }
}

/// Whose turn it is among members that can do the same work.
protocol RelayOrder: Sendable {
    /// Who is asked next; nil where all have been tried.
    func begin(after tried: Set<Int>) -> Int?
    /// Notes that a member has ended its work.
    func end(_ index: Int, error: (any Error)?)
}

/// One after another, always from the first.
struct GivenOrder: RelayOrder {
    let count: Int

    func begin(after tried: Set<Int>) -> Int? { (0 ..< count).first { !tried.contains($0) } }
    func end(_ index: Int, error: (any Error)?) {}
}

/// Whether a reply has begun, and whether it came too late.
private final class ReplyStart: Sendable {
    private enum State { case waiting, begun, late }

    private let state = Mutex(State.waiting)

    var hasBegun: Bool { state.withLock { $0 == .begun } }

    /// A sink that notes the first chunk, and takes none that comes too late.
    func noting(_ sink: ChunkSink?) -> ChunkSink? {
        guard let sink else { return nil }
        return { chunk in
            let isLate = self.state.withLock { state in
                if state == .waiting { state = .begun }
                return state == .late
            }
            if isLate { throw CancellationError() }
            try await sink(chunk)
        }
    }

    /// Does work that is given up where it is not done, and no chunk has come, after some time.
    ///
    /// Throws `RelayError.noAnswer`, and what the work throws.
    func within<Value: Sendable>(
        _ timeout: Double?, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let timeout else { return try await work() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: .seconds(timeout))
                let isLate = self.state.withLock { state in
                    if state == .waiting { state = .late }
                    return state == .late
                }
                if isLate { throw RelayError.noAnswer(timeout: timeout) }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw CancellationError()
        }
    }
}
