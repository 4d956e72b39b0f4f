import HayGeneration
import HayGrammar

/// Holds replies to a grammar.
struct FormatConstraint: ReplyConstraint {
    let tokens: TokenConstraint

    var shortestReply: Int { tokens.shortest }

    func apply(to logits: inout [Float], after reply: ArraySlice<Int32>, remaining: Int) {
        var state = tokens.start
        for token in reply {
            guard let next = tokens.next(state, token) else {
                // A beam that took a token which could not come: nothing can make it whole.
                for index in logits.indices { logits[index] = -.infinity }
                return
            }
            state = next
        }
        tokens.apply(to: &logits, state, remaining: remaining)
    }
}
