/// A sentencepiece normalization table: a double-array trie from texts to their replacements.
///
/// Applied as the `tokenizers` library does: to a whole grapheme cluster of at most five bytes when any of its prefixes
/// is in the table, otherwise to each scalar.
struct CharsMap: Sendable {
    /// The longest cluster that is looked up as a whole, in bytes.
    private static let longestCluster = 5

    private let units: [UInt32]
    /// Replacements, each ended by a zero byte.
    private let replacements: [UInt8]
    /// For each ASCII byte: where its replacement begins, -1 where it stays.
    private var ascii: [Int] = []

    /// Reads the base64 text of `precompiled_charsmap`. Throws `TokenizerError`.
    init(_ section: Section) throws {
        let problem = { TokenizerError.badCharsMap(file: section.file, key: section.path, reason: $0) }
        guard let data = Base64.decode(try section.string()) else { throw problem("is not base64") }
        guard data.count >= 4 else { throw problem("has \(data.count) bytes, expected at least 4") }
        let word = { (index: Int) in (0 ..< 4).reduce(UInt32(0)) { $0 | UInt32(data[index + $1]) << UInt32($1 * 8) } }
        let size = Int(word(0))
        guard size % 4 == 0, size <= data.count - 4 else {
            throw problem("says its trie has \(size) bytes, but \(data.count - 4) follow")
        }
        units = (0 ..< size / 4).map { word(4 + $0 * 4) }
        let texts = data[(4 + size)...]
        guard String(validating: texts, as: UTF8.self) != nil else {
            throw problem("has replacements that are not UTF-8")
        }
        replacements = Array(texts)
        ascii = (0 ..< 128).map { byte in
            [UInt8(byte)].withUnsafeBufferPointer { find($0) } ?? -1
        }
    }

    /// The bytes of the longest replacement, at least 1.
    var longestReplacement: Int {
        replacements.split(separator: 0).reduce(1) { max($0, $1.count) }
    }

    /// Replaces everything that the table names.
    func normalize(_ text: inout TrackedText) {
        var output = Output(isTracked: text.isTracked)
        output.bytes.reserveCapacity(text.bytes.count)
        text.bytes.withUnsafeBufferPointer { text in
            var index = 0
            while index < text.count {
                let byte = text[index]
                if byte < 0x80, index + 1 == text.count || (text[index + 1] < 0x80 && byte != 0x0D) {
                    append(ascii[Int(byte)], for: text.slice(index ..< index + 1), to: &output)
                    index += 1
                } else {
                    index = normalizeCluster(text, at: index, into: &output)
                }
            }
        }
        text.replace(by: output.bytes, changes: output.changes)
    }

    /// What is written, and for a tracked text how each scalar came about.
    private struct Output {
        var bytes: [UInt8] = []
        var changes: [Int32] = []
        let isTracked: Bool

        init(isTracked: Bool) { self.isTracked = isTracked }

        /// Notes that so many new scalars stand for old ones; those beyond the old were put in, and the last one new
        /// stands for what is left of the old.
        mutating func track(_ new: Int, for old: Int) {
            changes.append(contentsOf: repeatElement(0, count: min(new, old)))
            changes.append(contentsOf: repeatElement(1, count: max(0, new - old)))
            if new < old, !changes.isEmpty { changes[changes.count - 1] -= Int32(old - new) }
        }
    }

    /// Handles what begins at an index and gives where it ends.
    private func normalizeCluster(_ text: Bytes, at start: Int, into output: inout Output) -> Int {
        let first = text.scalar(at: start)
        var last = first
        var end = start + first.length
        while end < text.count {
            let next = text.scalar(at: end)
            guard GraphemeBreak.joins(last.value, next.value) else { break }
            last = next
            end += next.length
            guard end - start <= CharsMap.longestCluster else { break }
        }
        if end - start <= CharsMap.longestCluster {
            let cluster = text.slice(start ..< end)
            if let replacement = find(cluster) {
                append(replacement, for: cluster, to: &output)
                return end
            }
        }
        return normalizeScalars(text, from: start, to: end, into: &output)
    }

    /// Handles the scalars of a cluster one by one, up to `end` and on while they belong to the same cluster.
    private func normalizeScalars(_ text: Bytes, from start: Int, to end: Int, into output: inout Output) -> Int {
        var index = start
        var last: UInt32 = 0
        while index < text.count {
            let scanned = text.scalar(at: index)
            if index >= end, !GraphemeBreak.joins(last, scanned.value) { break }
            let bytes = text.slice(index ..< index + scanned.length)
            append(find(bytes) ?? -1, for: bytes, to: &output)
            last = scanned.value
            index += scanned.length
        }
        return index
    }

    /// Appends a replacement of what is there, or itself where there is none.
    private func append(_ replacement: Int, for text: Bytes, to output: inout Output) {
        let first = output.bytes.count
        if replacement < 0 {
            output.bytes.append(contentsOf: text)
        } else {
            var index = replacement
            while index < replacements.count, replacements[index] != 0 {
                output.bytes.append(replacements[index])
                index += 1
            }
        }
        guard output.isTracked else { return }
        output.track(output.bytes[first...].scalarCount, for: text.scalarCount)
    }

    /// Where the replacement of the shortest prefix begins that the table has.
    private func find(_ text: Bytes) -> Int? {
        guard var unit = units.first else { return nil }
        var node = CharsMap.offset(unit)
        for byte in text {
            if byte == 0 { return nil }
            node ^= Int(byte)
            guard node < units.count else { return nil }
            unit = units[node]
            guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
            node ^= CharsMap.offset(unit)
            guard node < units.count else { return nil }
            if unit >> 8 & 1 == 1 { return replacement(at: Int(units[node] & 0x7FFF_FFFF)) }
        }
        return nil
    }

    /// A replacement's place, if a scalar begins there.
    private func replacement(at index: Int) -> Int? {
        index < replacements.count && replacements[index] & 0xC0 != 0x80 ? index : nil
    }

    private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
