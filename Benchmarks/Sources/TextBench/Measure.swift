/// Runs something again and again and gives the seconds that each run took, in the fastest of several rounds.
func secondsPerRun(rounds: Int = 5, _ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    try body()
    var count = 1
    var best = Double.infinity
    var round = 0
    while round < rounds {
        let time = try clock.measure { for _ in 0 ..< count { try body() } }
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        guard seconds > 0.02 else {
            count *= 2
            continue
        }
        best = min(best, seconds / Double(count))
        round += 1
    }
    return best
}
