import HayGeneration
import HayTokenizer

/// How tokens become the text that is shown.
struct TextDecoding: Sendable {
    let tokenizer: Tokenizer
    /// The texts that end a reply.
    let stops: [String]
    /// Whether what is shown as it comes holds special tokens. Replies never do.
    let showsSpecialTokens: Bool
    /// Special tokens that are part of replies all the same, with their texts.
    let keptTokens: [Int32: String]
}

/// The text of one reply, token by token.
struct ReplyText {
    /// A way to read the tokens: with special tokens or without.
    private struct Reading {
        var decoder: StreamDecoder
        var stops: StopStrings
        var stopText: String?

        init(_ decoding: TextDecoding, skippingSpecialTokens: Bool) {
            decoder = decoding.tokenizer.decoder(skippingSpecialTokens: skippingSpecialTokens)
            stops = StopStrings(decoding.stops)
        }

        /// What a decoded piece shows.
        mutating func pass(_ piece: String) -> String {
            if stopText != nil { return "" }
            let (shown, found) = stops.append(piece)
            stopText = found
            return shown
        }

        /// What was held back, when the reply is over.
        mutating func finish(_ rest: String) -> String {
            let shown = pass(rest)
            return stopText == nil ? shown + stops.finish() : shown
        }
    }

    private let keptTokens: [Int32: String]
    private var plain: Reading
    /// With special tokens, where they are shown.
    private var marked: Reading?
    private var text = ""
    private var ends: [Int] = []
    private var byteCount = 0

    init(_ decoding: TextDecoding) {
        keptTokens = decoding.keptTokens
        plain = Reading(decoding, skippingSpecialTokens: true)
        if decoding.showsSpecialTokens { marked = Reading(decoding, skippingSpecialTokens: false) }
    }

    var tokenCount: Int { ends.count }

    /// What one more token shows.
    mutating func append(_ token: Int32) -> String {
        let piece = keptTokens[token] ?? plain.decoder.append(token)
        byteCount += piece.utf8.count
        ends.append(byteCount)
        let shown = plain.pass(piece)
        text += shown
        guard marked != nil, let piece = marked?.decoder.append(token) else { return shown }
        return marked?.pass(piece) ?? shown
    }

    /// What was held back, when the reply is over.
    mutating func finish() -> String {
        let rest = plain.decoder.finish()
        byteCount += rest.utf8.count
        if !ends.isEmpty { ends[ends.count - 1] = byteCount }
        let shown = plain.finish(rest)
        text += shown
        guard marked != nil, let rest = marked?.decoder.finish() else { return shown }
        return marked?.finish(rest) ?? shown
    }

    /// The reply with its text.
    func reply(_ reply: Reply) -> TextReply {
        TextReply(text: text, stopText: plain.stopText, tokenEnds: ends, reply: reply)
    }
}
