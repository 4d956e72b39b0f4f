import HayComponents
import Synchronization

/// The member that does the least work at the time. One that fails rests for a while, each time longer.
final class LeastLoaded: RelayOrder {
    private struct Load {
        var workCount = 0
        var failureCount = 0
        var restsUntil: ContinuousClock.Instant?
    }

    private struct State {
        var loads: [Load]
        /// Where to look first, so that equals take turns.
        var start = 0
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant
    /// The longest rest, in seconds.
    private let longestRest: Double

    /// Throws `ProviderError` for a time that is none.
    init(
        count: Int, longestRest: Double, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) throws {
        guard longestRest >= 0 else {
            throw ProviderError.wrongOption("longest_rest", expected: "0 seconds or more, found \(longestRest)")
        }
        state = Mutex(State(loads: Array(repeating: Load(), count: count)))
        self.longestRest = min(longestRest, 1e9)
        self.now = now
    }

    /// How much work each member does now.
    var workCounts: [Int] { state.withLock { $0.loads.map(\.workCount) } }

    /// Where all that are left rest, the one that will wake first is asked nevertheless.
    func begin(after tried: Set<Int>) -> Int? {
        let now = now()
        return state.withLock { state in
            let count = state.loads.count
            let places = (0 ..< count).map { (state.start + $0) % count }.filter { !tried.contains($0) }
            func rest(_ place: Int) -> ContinuousClock.Instant { max(state.loads[place].restsUntil ?? now, now) }
            let best = places.min { left, right in
                (rest(left), state.loads[left].workCount) < (rest(right), state.loads[right].workCount)
            }
            guard let best else { return nil }
            state.loads[best].workCount += 1
            state.start = (best + 1) % count
            return best
        }
    }

    func end(_ index: Int, error: (any Error)?) {
        let now = now()
        state.withLock { state in
            state.loads[index].workCount -= 1
            guard let error, LeastLoaded.isMembersFault(error) else {
                if error == nil { (state.loads[index].failureCount, state.loads[index].restsUntil) = (0, nil) }
                return
            }
            var rest = min(Double(1 << min(state.loads[index].failureCount, 16)), longestRest)
            if case RemoteError.status(let status) = error, let asked = status.retryAfter, asked > 0 {
                rest = min(max(rest, asked), 60)
            }
            state.loads[index].failureCount += 1
            state.loads[index].restsUntil = now + .seconds(rest)
        }
    }

    /// Whether an error is the member's own, so that an equal one may do better.
    static func isMembersFault(_ error: any Error) -> Bool {
        switch error {
        case RelayError.noAnswer: true
        case RelayError.allFailed(let failures): failures.allSatisfy { isMembersFault($0.error) }
        case let error as RemoteError: error.isServersOwn
        default: false
        }
    }
}
