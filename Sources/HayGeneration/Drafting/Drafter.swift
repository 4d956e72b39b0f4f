/// Guesses how a text goes on, so that several tokens can be checked in one pass.
protocol Drafter: AnyObject {
    /// At most `limit` tokens that may follow; none when there is nothing to go by.
    ///
    /// - Parameter random: the numbers that the true choice will be drawn with, so that a guess can draw alike.
    func draft(after tokens: [Int32], limit: Int, _ random: SeededRandom) throws -> [Int32]

    /// Told how many of the guessed tokens were right.
    func learn(accepted: Int, of drafted: Int)
}
