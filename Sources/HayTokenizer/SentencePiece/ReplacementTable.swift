/// A sentencepiece normalization table: a double-array trie from texts to their replacements, the longest text first.
///
/// Applied as the sentencepiece library does; `CharsMap` is the same data as the `tokenizers` library applies it.
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

    /// How many times as long as before a text can be.
    var expansion: Double { replacements.split(separator: 0).reduce(3) { max($0, Double($1.count)) } }

    /// The longest text of the table that begins at an index: how long it is, and what replaces it.
    @inline(__always)
    func match(in text: Bytes, at start: Int) -> (length: Int, replacement: Range<Int>)? {
        units.withUnsafeBufferPointer { units in
            guard let root = units.first else { return nil }
            var node = ReplacementTable.offset(root)
            var longest: (length: Int, value: UInt32)?
            for index in start ..< text.count {
                let byte = text[index]
                node ^= Int(byte)
                guard byte != 0, node < units.count else { break }
                let unit = units[node]
                guard unit & 0x8000_00FF == UInt32(byte) else { break }
                node ^= ReplacementTable.offset(unit)
                guard node < units.count else { break }
                if unit >> 8 & 1 == 1 { longest = (index + 1 - start, units[node] & 0x7FFF_FFFF) }
            }
            return longest.flatMap { longest in
                replacement(at: Int(longest.value)).map { (longest.length, $0) }
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
