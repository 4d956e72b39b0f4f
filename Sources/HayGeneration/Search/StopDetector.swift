/// Tells when a text has ended by what it says, whichever tokens say it.
public protocol StopDetector: Sendable {
    /// Whether the text has ended with this token. A copy goes its own way, as beams do.
    mutating func append(_ token: Int32) -> Bool
}
