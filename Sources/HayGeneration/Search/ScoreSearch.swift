/// Reads a given text and adds up how likely it was, token by token: nothing is chosen.
final class ScoreSearch: Search {
    /// How many tokens are read in one pass.
    private static let pieceLength = 64

    private let text: [Int32]
    private var readCount = 0
    private var reply = Reply()
    private(set) var pending: [[Int32]] = []

    init(text: [Int32]) { self.text = text }

    var replies: [Reply] { [reply] }

    func advance(_ logits: LogitsBlock) throws -> [KeptRow] {
        for lane in 0 ..< logits.count {
            let id = text[reply.tokens.count]
            guard let softmax = LogSoftmax(logits[lane]) else {
                throw GenerationError.notFinite(position: reply.tokens.count)
            }
            reply.tokens.append(GeneratedToken(id: id, logprob: softmax(logits[lane][Int(id)])))
        }
        let end = min(readCount + ScoreSearch.pieceLength, text.count - 1)  // nothing follows the last token
        guard readCount < end else {
            finish()
            return []
        }
        let kept = KeptRow(row: 0, kept: pending.first?.count ?? 1)
        pending = [Array(text[readCount ..< end])]
        readCount = end
        return [kept]
    }

    func finish() {
        reply.score = reply.tokens.reduce(0) { $0 + ($1.logprob ?? 0) }
        reply.finishReason = .length
        pending = []
    }

    func takeTokens() -> [GenerationEvent] { reply.finishReason == nil ? [] : [.reply(reply)] }
}
