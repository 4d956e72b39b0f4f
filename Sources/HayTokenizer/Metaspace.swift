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
    func apply(to text: inout PieceList) {
        var result = PieceList([], beginsInput: text.beginsInput)
        result.bytes.reserveCapacity(text.bytes.count + text.bytes.count / 2)
        text.bytes.withUnsafeBufferPointer { bytes in
            for piece in text.pieces {
                let isFirst = text.beginsInput && piece.lowerBound == 0
                let prepends = prependScheme == .always || prependScheme == .first && isFirst
                append(bytes.slice(piece), prepending: prepends, to: &result)
            }
        }
        if let first = text.pieces.first, first.lowerBound > 0 { result.beginsInput = false }
        text = result
    }

    private func append(_ piece: Bytes, prepending: Bool, to result: inout PieceList) {
        var start = result.bytes.count
        if prepending, piece[0] != 0x20, !piece.starts(with: mark) { result.bytes.append(contentsOf: mark) }
        var index = 0
        while index < piece.count {
            let byte = piece[index]
            let isMark = byte == mark[0] && piece[index...].starts(with: mark)
            guard byte == 0x20 || isMark else {
                result.bytes.append(byte)
                index += 1
                continue
            }
            if splits, result.bytes.count > start {
                result.pieces.append(start ..< result.bytes.count)
                start = result.bytes.count
            }
            result.bytes.append(contentsOf: mark)
            index += isMark ? mark.count : 1
        }
        result.pieces.append(start ..< result.bytes.count)
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
