#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs something again and again and gives the processor's seconds that each run took, in the fastest of several rounds.
func secondsPerRun(rounds: Int = 7, _ body: () throws -> Void) rethrows -> Double {
    try body()
    var count = 1
    var best = Double.infinity
    var round = 0
    while round < rounds {
        let start = processorSeconds()
        for _ in 0 ..< count { try body() }
        let seconds = processorSeconds() - start
        guard seconds > 0.02 else {
            count *= 2
            continue
        }
        best = min(best, seconds / Double(count))
        round += 1
    }
    return best
}

/// The time that the processor has spent on this process: unlike the clock's, not that of others on a shared machine.
private func processorSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}
