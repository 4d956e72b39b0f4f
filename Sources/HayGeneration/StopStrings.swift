/// Finds the texts that end a reply as it streams, however they were cut into tokens.
///
/// What may still become a stop text is held back, so that no part of one is ever shown.
public struct StopStrings: Sendable {
    /// The texts.
    public let texts: [String]
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    /// A search for these texts; none may be empty.
    public init(_ stops: [String]) {
        texts = stops
        self.stops = stops.map { Array($0.utf8) }
    }

    /// What may be shown after this piece, and the stop text that was found; after one, nothing more may be added.
    public mutating func append(_ piece: String) -> (text: String, found: String?) {
        if stops.isEmpty { return (piece, nil) }
        held += piece.utf8
        if let (start, found) = firstMatch() {
            defer { held = [] }
            return (String(decoding: held[..<start], as: UTF8.self), found)
        }
        let shown = held.count - heldBackCount()
        defer { held.removeFirst(shown) }
        return (String(decoding: held[..<shown], as: UTF8.self), nil)
    }

    /// What was held back when the reply ends for another reason.
    public mutating func finish() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }

    /// The earliest place where a stop text begins, and the first of those that begin there.
    private func firstMatch() -> (start: Int, text: String)? {
        for start in held.indices {
            if let found = stops.firstIndex(where: { held[start...].starts(with: $0) }) { return (start, texts[found]) }
        }
        return nil
    }

    /// The longest end of the text that a stop text begins with. It never splits a character: stop texts are whole.
    private func heldBackCount() -> Int {
        let longest = stops.reduce(0) { max($0, $1.count) } - 1
        let first = max(0, held.count - max(0, longest))
        let start = (first ..< held.count).first { start in stops.contains { $0.starts(with: held[start...]) } }
        return held.count - (start ?? held.count)
    }
}
