import HayJSON

extension Unigram {
    /// Reads `model` of a tokenizer.json whose type is Unigram. Throws `TokenizerError`.
    init(_ model: Section) throws {
        let section = try model.member("vocab")
        guard let entries = section.json.array else { throw section.wrongValue("an array") }
        guard entries.count <= Vocabulary.largestID else {
            throw section.wrongValue("at most \(Vocabulary.largestID) entries", found: "\(entries.count) entries")
        }
        var vocabulary = Vocabulary(capacity: entries.count)
        var trie = PrefixTrie(byteCount: entries.count * 8)
        var scores: [Double] = []
        scores.reserveCapacity(entries.count)
        for (id, entry) in entries.enumerated() {
            let place = { Section(entry, file: section.file, path: "\(section.path)[\(id)]") }
            let (text, score) = try Unigram.entry(entry, place)
            var piece = text
            try piece.withUTF8 { try Unigram.insert($0, Int32(id), &vocabulary, &trie, place) }
            scores.append(score)
        }
        self.vocabulary = vocabulary
        lattice = CutLattice(trie: trie, scores: scores, unknownScore: (scores.min() ?? 0) - 10)
        unknownID = try Unigram.unknownID(model, count: entries.count)
        byteTokens = try model.bool("byte_fallback", default: false) ? vocabulary.byteTokens() : []
    }

    /// An entry is a piece and its score.
    private static func entry(_ entry: JSON, _ place: () -> Section) throws -> (String, Double) {
        guard let pair = entry.array, pair.count == 2, let text = pair[0].string, let score = pair[1].double else {
            throw place().wrongValue("a piece and its score", found: "another value")
        }
        guard score.isFinite else {
            throw TokenizerError.badScore(file: place().file, key: place().path, token: text)
        }
        return (text, score.roundedAsDigits)
    }

    private static func insert(
        _ text: Bytes, _ id: Int32, _ vocabulary: inout Vocabulary, _ trie: inout PrefixTrie, _ place: () -> Section
    ) throws {
        guard text.count <= PrefixTrie.longestText, trie.insert(text, value: id) else {
            throw TokenizerError.tokenTooLong(
                file: place().file, key: place().path, size: text.count, limit: PrefixTrie.longestText)
        }
        vocabulary.insert(text, id: id)
    }

    private static func unknownID(_ model: Section, count: Int) throws -> Int32? {
        guard let section = try model.optional("unk_id") else { return nil }
        let id = try section.int()
        guard 0 ..< count ~= id else {
            throw section.wrongValue("the id of one of the \(count) entries", found: "\(id)")
        }
        return Int32(id)
    }
}

extension Double {
    /// The number that its shortest digits give when they are taken as one integer and then moved by a power of ten.
    ///
    /// That is a last bit off at times, and it is how the `tokenizers` library reads scores. Cuts with the same entries
    /// in another order tie but for that bit, so the bit decides.
    fileprivate var roundedAsDigits: Double {
        var digits: UInt64 = 0
        var exponent = 0
        var isFraction = false
        var text = Substring(description).utf8
        while let byte = text.popFirst() {
            switch byte {
            case UInt8(ascii: "0") ... UInt8(ascii: "9"):
                digits = digits &* 10 &+ UInt64(byte - 0x30)
                if isFraction { exponent -= 1 }
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"):
                exponent += Int(Substring(text)) ?? 0
                text = text.suffix(0)
            default: break
            }
        }
        var power = 1.0
        for _ in 0 ..< abs(exponent) { power *= 10 }
        let magnitude = exponent < 0 ? Double(digits) / power : Double(digits) * power
        return self < 0 ? -magnitude : magnitude
    }
}
