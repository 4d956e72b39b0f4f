/// Finds the texts that end a reply as it streams, however they were cut into tokens.
///
/// What may still become a stop text is held back, so that no part of one is ever shown.
public struct StopStrings: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    /// A search for these texts; none may be empty.
    public init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

    /// What may be shown after this piece, and whether a stop text was found; after one, nothing more may be added.
    public mutating func append(_ piece: String) -> (text: String, found: Bool) {
        if stops.isEmpty { return (piece, false) }
        held += piece.utf8
        if let start = firstMatch() {
            defer { held = [] }
            return (String(decoding: held[..<start], as: UTF8.self), true)
        }
        let shown = held.count - heldBackCount()
        defer { held.removeFirst(shown) }
        return (String(decoding: held[..<shown], as: UTF8.self), false)
    }

    /// What was held back when the reply ends for another reason.
    public mutating func finish() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }

    /// The earliest place where a stop text begins.
    private func firstMatch() -> Int? {
        held.indices.first { start in stops.contains { held[start...].starts(with: $0) } }
    }

    /// The longest end of the text that a stop text begins with. It never splits a character: stop texts are whole.
    private func heldBackCount() -> Int {
        let longest = stops.reduce(0) { max($0, $1.count) } - 1
        let first = max(0, held.count - max(0, longest))
        let start = (first ..< held.count).first { start in stops.contains { $0.starts(with: held[start...]) } }
        return held.count - (start ?? held.count)
    }
}
