import HayGeneration
import HayGrammar

/// Holds replies to a grammar.
struct FormatConstraint: ReplyConstraint {
    let tokens: TokenConstraint

    var shortestReply: Int { tokens.shortest }

    func isNarrow(after reply: ArraySlice<Int32>, remaining: Int) -> Bool {
        tokens.isNarrow(after: reply, remaining: remaining)
    }

    func apply(to logits: inout [Float], after reply: ArraySlice<Int32>, remaining: Int) {
        tokens.apply(to: &logits, after: reply, remaining: remaining)
    }
}
