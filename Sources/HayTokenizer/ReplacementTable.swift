/// A sentencepiece normalization table: a double-array trie from texts to their replacements.
///
/// `SentencePieceNormalizer` applies it as the sentencepiece library does, and `CharsMap` as the `tokenizers` library does.
struct ReplacementTable: Sendable {
    private let units: [UInt32]
    /// Replacements, each ended by a zero byte.
    let replacements: [UInt8]

    /// Reads `precompiled_charsmap`. Throws `TokenizerError`.
    init(_ data: [UInt8], file: String, key: String) throws {
        let problem = { TokenizerError.badCharsMap(file: file, key: key, reason: $0) }
        guard data.count >= 4 else { throw problem("has \(data.count) bytes, expected at least 4") }
        let word = { (index: Int) in (0 ..< 4).reduce(UInt32(0)) { $0 | UInt32(data[index + $1]) << UInt32($1 * 8) } }
        let size = Int(word(0))
        guard size % 4 == 0, size <= data.count - 4 else {
            throw problem("says its trie has \(size) bytes, but \(data.count - 4) follow")
        }
        units = (0 ..< size / 4).map { word(4 + $0 * 4) }
        replacements = Array(data[(4 + size)...])
        guard String(validating: replacements, as: UTF8.self) != nil else {
            throw problem("has replacements that are not UTF-8")
        }
    }

    /// The bytes of the longest replacement, at least 1.
    var longestReplacement: Int { replacements.split(separator: 0).reduce(1) { max($0, $1.count) } }

    /// The longest text of the table that begins at an index: how long it is, and what replaces it.
    @inline(__always)
    func longestMatch(in text: Bytes, at start: Int) -> (length: Int, replacement: Range<Int>)? {
        var longest: (length: Int, value: Int)?
        walk(text, from: start) {
            longest = ($0, $1)
            return true
        }
        return longest.flatMap { longest in replacement(at: longest.value).map { (longest.length, $0) } }
    }

    /// What replaces the shortest prefix of a text that the table has.
    @inline(__always)
    func shortestMatch(in text: Bytes) -> Range<Int>? {
        var value: Int?
        walk(text, from: 0) {
            value = $1
            return false
        }
        return value.flatMap(replacement)
    }

    /// Calls `visit` with each text of the table that begins at an index, the shortest first, while it gives true.
    @inline(__always)
    private func walk(_ text: Bytes, from start: Int, _ visit: (_ length: Int, _ value: Int) -> Bool) {
        units.withUnsafeBufferPointer { units in
            guard let root = units.first else { return }
            var node = ReplacementTable.offset(root)
            for index in start ..< text.count {
                let byte = text[index]
                node ^= Int(byte)
                guard byte != 0, node < units.count else { return }
                let unit = units[node]
                guard unit & 0x8000_00FF == UInt32(byte) else { return }
                node ^= ReplacementTable.offset(unit)
                guard node < units.count else { return }
                if unit >> 8 & 1 == 1, !visit(index + 1 - start, Int(units[node] & 0x7FFF_FFFF)) { return }
            }
        }
    }

    /// The replacement that begins at a place, if a scalar does.
    private func replacement(at start: Int) -> Range<Int>? {
        guard start < replacements.count, replacements[start] & 0xC0 != 0x80 else { return nil }
        var end = start
        while end < replacements.count, replacements[end] != 0 { end += 1 }
        return start ..< end
    }

    @inline(__always)
    private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
