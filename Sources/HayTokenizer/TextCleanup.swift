/// What decoding does to the spaces that cutting words apart has left before punctuation and English endings.
enum TextCleanup {
    private static let replacements: [(pattern: [UInt8], content: [UInt8])] = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
        (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

    /// Whether there may be such a space in a text: one before the first character of any ending.
    static func applies(to text: ArraySlice<UInt8>) -> Bool {
        var followsSpace = false
        for byte in text {
            if followsSpace, starts.contains(byte) { return true }
            followsSpace = byte == 0x20
        }
        return false
    }

    private static let starts = Array(".?!,'nd".utf8)

    /// The text without those spaces.
    static func clean(_ text: [UInt8]) -> [UInt8] {
        guard applies(to: text[...]) else { return text }
        return replacements.reduce(text) { $0.replacing($1.pattern, with: $1.content) }
    }
}

extension [UInt8] {
    /// The bytes with each occurrence of a text replaced by another, from the left.
    func replacing(_ pattern: [UInt8], with content: [UInt8]) -> [UInt8] {
        guard let first = pattern.first, contains(first) else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(count + count / 4)
        withUnsafeBufferPointer { bytes in
            pattern.withUnsafeBufferPointer { pattern in
                var start = 0
                while let found = bytes.find(pattern, from: start) {
                    result.append(contentsOf: bytes[start ..< found])
                    result.append(contentsOf: content)
                    start = found + pattern.count
                }
                result.append(contentsOf: bytes[start...])
            }
        }
        return result
    }
}
