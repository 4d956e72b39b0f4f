/// A sentencepiece normalization table: a double-array trie from texts to their replacements.
///
/// Applied as the `tokenizers` library does: to a whole grapheme cluster of at most five bytes when any of its prefixes
/// is in the table, otherwise to each scalar.
struct CharsMap: Sendable {
    /// The longest cluster that is looked up as a whole, in bytes.
    private static let longestCluster = 5

    let table: ReplacementTable
    /// What replaces each ASCII character; nil where it stays.
    private let ascii: [Range<Int>?]

    /// Reads the base64 text of `precompiled_charsmap`. Throws `TokenizerError`.
    init(_ section: Section) throws {
        guard let data = Base64.decode(try section.string()) else {
            throw TokenizerError.badCharsMap(file: section.file, key: section.path, reason: "is not base64")
        }
        let table = try ReplacementTable(data, file: section.file, key: section.path)
        self.table = table
        ascii = (0 ..< 128).map { byte in
            [UInt8(byte)].withUnsafeBufferPointer { table.shortestMatch(in: $0) }
        }
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
            if let replacement = table.shortestMatch(in: cluster) {
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
            append(table.shortestMatch(in: bytes), for: bytes, to: &output)
            last = scanned.value
            index += scanned.length
        }
        return index
    }

    /// Appends a replacement of what is there, or itself where there is none.
    private func append(_ replacement: Range<Int>?, for text: Bytes, to output: inout Output) {
        let first = output.bytes.count
        if let replacement {
            output.bytes.append(contentsOf: table.replacements[replacement])
        } else {
            output.bytes.append(contentsOf: text)
        }
        guard output.isTracked else { return }
        output.track(output.bytes[first...].scalarCount, for: text.scalarCount)
    }
}
