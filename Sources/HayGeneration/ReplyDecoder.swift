/// Turns a reply's tokens into text as they come, and tells when the text has ended by what it says, whichever tokens say it.
///
/// What it decodes travels with the tokens, so that no reader has to decode them again.
public protocol ReplyDecoder: Sendable {
    /// Takes a token. A copy goes its own way, as beams do.
    ///
    /// - Returns: the text that may be shown now, and whether the reply has ended with this token.
    mutating func append(_ token: Int32) -> (text: String, isEnd: Bool)
}

/// A decoder that has taken a reply's tokens. It follows from them, so it does not count in comparisons.
public struct DecodedReply: Sendable, Equatable {
    /// The decoder.
    public let decoder: any ReplyDecoder

    init?(_ decoder: (any ReplyDecoder)?) {
        guard let decoder else { return nil }
        self.decoder = decoder
    }

    /// True.
    public static func == (left: DecodedReply, right: DecodedReply) -> Bool { true }
}
