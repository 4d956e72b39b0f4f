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

/// The text of one reply, token by token. Stop texts are looked for in it with and without special tokens.
struct ReplyText: ReplyDecoder {
    /// A way to read the tokens: with special tokens or without.
    private struct Reading {
        var decoder: StreamDecoder
        var stops: StopStrings
        var stopText: String?

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

    private let decoding: TextDecoding
    /// What a program adds, to end replies its own way.
    private var other: (any ReplyDecoder)?
    private var plain: Reading
    /// With special tokens, from the first one on: before it both readings are the same, and one decoding serves both.
    private var marked: Reading?
    private var text = ""
    private var ends: [Int] = []
    private var byteCount = 0

    init(_ decoding: TextDecoding, and other: (any ReplyDecoder)? = nil) {
        self.decoding = decoding
        self.other = other
        plain = Reading(
            decoder: decoding.tokenizer.decoder(skippingSpecialTokens: true), stops: StopStrings(decoding.stops))
    }

    var tokenCount: Int { ends.count }

    /// What one more token shows, and whether a stop text has ended the reply.
    mutating func append(_ token: Int32) -> (text: String, isEnd: Bool) {
        let isEnd = other?.append(token).isEnd == true
        let (text, isStopped) = read(token)
        return (text, isEnd || isStopped)
    }

    private mutating func read(_ token: Int32) -> (text: String, isStopped: Bool) {
        if marked == nil, showsOrSeeks, decoding.tokenizer.isSpecial(token) {
            marked = Reading(
                decoder: plain.decoder.showingSpecialTokens(), stops: plain.stops, stopText: plain.stopText)
        }
        let piece = decoding.keptTokens[token] ?? plain.decoder.append(token)
        byteCount += piece.utf8.count
        ends.append(byteCount)
        let shown = plain.pass(piece)
        text += shown
        guard let piece = marked?.decoder.append(token), let all = marked?.pass(piece) else {
            return (shown, plain.stopText != nil)
        }
        let isStopped = plain.stopText != nil || marked?.stopText != nil
        return (decoding.showsSpecialTokens ? all : shown, isStopped)
    }

    /// What was held back, when the reply is over.
    mutating func finish() -> String {
        let rest = plain.decoder.finish()
        byteCount += rest.utf8.count
        if !ends.isEmpty { ends[ends.count - 1] = byteCount }
        let shown = plain.finish(rest)
        text += shown
        guard decoding.showsSpecialTokens, let rest = marked?.decoder.finish() else { return shown }
        return marked?.finish(rest) ?? shown
    }

    /// The reply with its text.
    func reply(_ reply: Reply) -> TextReply {
        TextReply(text: text, stopText: plain.stopText, tokenEnds: ends, reply: reply)
    }

    private var showsOrSeeks: Bool { decoding.showsSpecialTokens || !decoding.stops.isEmpty }
}
