/// What a tokenizer makes of a text, or of two: ids and what is known of each.
public struct Encoding: Sendable, Equatable {
    /// The ids, special tokens and filling included. All other lists have an entry for each.
    public private(set) var ids: [Int32] = []
    /// What the template says about each: usually 0 for the first text and 1 for the second.
    public private(set) var typeIDs: [Int32] = []
    /// Which bytes of its text's UTF-8 each stands for; an empty range at 0 for special tokens and filling.
    public private(set) var offsets: [Range<Int>] = []
    /// Which text each comes from, 0 or 1; nil for special tokens and filling.
    public private(set) var sequences: [Int?] = []
    /// 1 for each that the model is to see, 0 for filling.
    public private(set) var attentionMask: [Int32] = []
    /// What was cut off, in parts of the same length; each repeats as many tokens of the one before as the stride says,
    /// and has no overflow of its own.
    public private(set) var overflow: [Encoding] = []

    /// How many tokens there are.
    public var count: Int { ids.count }

    /// 1 for each special token and for filling, 0 for what comes from a text.
    public var specialTokensMask: [Int32] { sequences.map { $0 == nil ? 1 : 0 } }

    init() {}

    /// The tokens of a text.
    init(_ tokens: TokenList, sequence: Int) {
        ids = tokens.ids
        offsets = tokens.spans
        typeIDs = Array(repeating: Int32(sequence), count: ids.count)
        sequences = Array(repeating: sequence, count: ids.count)
        attentionMask = Array(repeating: 1, count: ids.count)
    }

    /// Tokens that come from no text.
    init(special ids: [Int32], typeID: Int32, isAttended: Bool = true) {
        self.ids = ids
        offsets = Array(repeating: 0 ..< 0, count: ids.count)
        typeIDs = Array(repeating: typeID, count: ids.count)
        sequences = Array(repeating: nil, count: ids.count)
        attentionMask = Array(repeating: isAttended ? 1 : 0, count: ids.count)
    }

    /// Gives all tokens the same type, also in what was cut off.
    mutating func setTypeID(_ typeID: Int32) {
        typeIDs = Array(repeating: typeID, count: count)
        for index in overflow.indices { overflow[index].setTypeID(typeID) }
    }

    /// Takes white space out of the offsets. `spelling` gives how a token is written; nil for one that is the text that
    /// it was found as.
    mutating func trimOffsets(
        _ trim: PostProcessor.Trim, in text: String, _ spelling: (Int32) -> String?
    ) {
        var text = text
        text.withUTF8 { text in
            for index in ids.indices {
                let token = spelling(ids[index]) ?? String(decoding: text[offsets[index]], as: UTF8.self)
                offsets[index] = trim.trimmed(offsets[index], of: token, in: text, index: index)
            }
        }
        for index in overflow.indices { overflow[index].trimOffsets(trim, in: text, spelling) }
    }

    /// Cuts to so many tokens; what is cut off goes to `overflow`.
    mutating func truncate(to length: Int, stride: Int, side: Truncation.Side) {
        guard length < count else { return }
        guard length > 0 else {
            let all = self
            self = Encoding()
            overflow = [all]
            return
        }
        var windows: [Range<Int>] = []
        var start = 0
        while windows.last?.upperBound != count {
            windows.append(start ..< min(start + length, count))
            start += length - stride
        }
        if side == .left { windows = windows.map { count - $0.upperBound ..< count - $0.lowerBound } }
        let parts = windows.map(part)
        self = parts[0]
        overflow = Array(parts[1...])
    }

    /// Appends another encoding. What was cut off of one goes with the other, and with what was cut off of it.
    mutating func append(_ other: Encoding) {
        var rest: [Encoding] = []
        for part in overflow {
            rest.append(part.appending(other))
            rest += other.overflow.map(part.appending)
        }
        rest += other.overflow.map(appending)
        ids += other.ids
        typeIDs += other.typeIDs
        offsets += other.offsets
        sequences += other.sequences
        attentionMask += other.attentionMask
        overflow = rest
    }

    /// Fills up to a length, also what was cut off.
    mutating func pad(to length: Int, _ padding: Padding) {
        for index in overflow.indices { overflow[index].pad(to: length, padding) }
        guard count < length else { return }
        let ids = Array(repeating: padding.id, count: length - count)
        let filling = Encoding(special: ids, typeID: padding.typeID, isAttended: false)
        let kept = overflow
        overflow = []
        self = padding.side == .right ? appending(filling) : filling.appending(self)
        overflow = kept
    }

    private func appending(_ other: Encoding) -> Encoding {
        var copy = self
        copy.overflow = []
        var other = other
        other.overflow = []
        copy.append(other)
        return copy
    }

    private func part(_ range: Range<Int>) -> Encoding {
        var part = Encoding()
        part.ids = Array(ids[range])
        part.typeIDs = Array(typeIDs[range])
        part.offsets = Array(offsets[range])
        part.sequences = Array(sequences[range])
        part.attentionMask = Array(attentionMask[range])
        return part
    }
}
