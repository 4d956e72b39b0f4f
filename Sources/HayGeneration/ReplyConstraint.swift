/// Says which tokens may follow in a reply: what makes it hold to a grammar.
///
/// It is asked after the processors that change likelihoods and before those that cut unlikely tokens away, so that what is
/// left is ranked and drawn from as ever. It wins over them: where they have left none of the tokens that may follow, these
/// are ranked by the model's own logits.
public protocol ReplyConstraint: Sendable {
    /// How many tokens the shortest reply has, its end token included.
    var shortestReply: Int { get }

    /// Removes the tokens that may not follow.
    ///
    /// - Parameters:
    ///   - logits: the logits [V] of the next token; minus infinity removes one.
    ///   - reply: the new tokens so far.
    ///   - remaining: how many more tokens may come, this one included: the reply has to be whole by then.
    func apply(to logits: inout [Float], after reply: ArraySlice<Int32>, remaining: Int)

    /// Whether `apply` removes tokens that may follow where more may come.
    func isNarrow(after reply: ArraySlice<Int32>, remaining: Int) -> Bool
}

/// A constraint as a step of the sampler.
struct ConstrainedReply: Sendable {
    let constraint: any ReplyConstraint
    /// How many of the tokens were given.
    let prefixCount: Int
    /// The most tokens in all, the given ones included.
    let lengthLimit: Int

    /// Whether the likeliest token may not follow only because the room ends, so that the reply becomes another one.
    ///
    /// - Parameter logits: the logits before this step.
    func isCut(_ logits: [Float], after tokens: [Int32]) -> Bool {
        let (reply, remaining) = (tokens[prefixCount...], lengthLimit - tokens.count)
        guard constraint.isNarrow(after: reply, remaining: remaining) else { return false }
        var (free, narrow) = (logits, logits)
        constraint.apply(to: &free, after: reply, remaining: .max)
        constraint.apply(to: &narrow, after: reply, remaining: remaining)
        return argmax(free).map { free[$0] > -.infinity && narrow[$0] == -.infinity } ?? false
    }

    /// Removes the tokens that may not follow.
    ///
    /// - Parameter original: the logits before any processor.
    func process(_ logits: inout [Float], original: [Float], after tokens: [Int32]) {
        let remaining = lengthLimit - tokens.count
        constraint.apply(to: &logits, after: tokens[prefixCount...], remaining: remaining)
        guard argmax(logits).map({ logits[$0] == -.infinity }) == true else { return }
        logits = original
        constraint.apply(to: &logits, after: tokens[prefixCount...], remaining: remaining)
    }
}
