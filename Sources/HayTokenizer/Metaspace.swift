/// Sentencepiece's way with spaces: each becomes a visible mark, and words begin with one.
struct Metaspace: Sendable {
    /// When a mark is put before a text that does not begin with one.
    enum PrependScheme: String {
        case always, never
        /// Only at the very beginning of the input, not after a special token.
        case first
    }

    /// The mark, one scalar.
    let mark: [UInt8]
    let prependScheme: PrependScheme
    /// Whether a piece begins at each mark.
    let splits: Bool

    /// Replaces spaces by marks and cuts before each.
    func apply(to list: inout PieceList) {
        let source = list
        list.rewrite { piece, text, writer in
            let prepends = prependScheme == .always || prependScheme == .first && source.beginsInput(piece)
            append(piece, of: text, prepending: prepends, to: &writer)
        }
    }

    private func append(
        _ piece: Range<Int>, of text: TrackedText, prepending: Bool, to writer: inout PieceList.Writer
    ) {
        text.bytes.withUnsafeBufferPointer { bytes in
            var index = piece.lowerBound
            if prepending, bytes[index] != 0x20, !isMark(bytes, index, piece.upperBound) {
                writer.rewrite.append(mark, from: index, of: text)
            }
            while index < piece.upperBound {
                let isMark = isMark(bytes, index, piece.upperBound)
                if isMark || bytes[index] == 0x20 {
                    if splits { writer.cut() }
                    writer.rewrite.append(mark, from: index, of: text)
                    index += isMark ? mark.count : 1
                } else {
                    let start = index
                    index += 1
                    while index < piece.upperBound, bytes[index] != 0x20, bytes[index] != mark[0] { index += 1 }
                    writer.rewrite.copy(start ..< index, of: text)
                }
            }
        }
    }

    @inline(__always)
    private func isMark(_ bytes: Bytes, _ index: Int, _ end: Int) -> Bool {
        bytes[index] == mark[0] && bytes[index ..< end].starts(with: mark)
    }
}

extension Metaspace {
    /// Reads a Metaspace component, with `prepend_scheme` or the older `add_prefix_space`. Throws `TokenizerError`.
    init(_ section: Section) throws {
        mark = try section.scalar("replacement")
        splits = try section.bool("split", default: true)
        guard let scheme = try section.optional("prepend_scheme") else {
            prependScheme = try section.bool("add_prefix_space", default: true) ? .always : .never
            return
        }
        let name = try scheme.string()
        guard let value = PrependScheme(rawValue: name) else {
            throw scheme.wrongValue("always, never or first", found: "'\(name)'")
        }
        prependScheme = value
    }
}
