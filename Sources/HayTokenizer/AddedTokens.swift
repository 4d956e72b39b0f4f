/// Tokens that are cut out of a text before the model sees it: markers, and words that were added to a vocabulary.
struct AddedTokens: Sendable {
    private var tokens: [AddedToken] = []
    /// The place in `tokens` of each content, the last where it stands more than once.
    private var places: [String: Int] = [:]
    /// The place in `tokens` of each id, -1 where the id belongs to none.
    private var placesByID: [Int32] = []
    private var specialContents: Set<String> = []

    /// How many of the tokens are in no model vocabulary.
    private(set) var newCount = 0

    /// Takes the tokens out of the text as it was given.
    private var verbatim = Matcher()
    /// Takes the tokens out of the text after the normalizer, which is applied to their contents too.
    private var normalized = Matcher()

    /// A stretch of a text: a token, or text without one.
    struct Stretch {
        let range: Range<Int>
        let id: Int32?
    }

    init() {}

    /// The id of a token's text.
    func id(of content: String) -> Int32? { places[content].map { tokens[$0].id } }

    /// The token with an id.
    func token(of id: Int32) -> AddedToken? {
        guard id >= 0, Int(id) < placesByID.count, placesByID[Int(id)] >= 0 else { return nil }
        return tokens[Int(placesByID[Int(id)])]
    }

    /// Whether decoding skips a token when it is asked to skip special ones: one that is special, or has its text.
    func isSpecial(_ token: AddedToken) -> Bool { token.isSpecial || specialContents.contains(token.content) }

    /// Cuts a text at the tokens that are matched before the normalizer.
    func splitVerbatim(_ text: Bytes) -> [Stretch] { split(text, verbatim) }

    /// Cuts a text at the tokens that are matched after the normalizer.
    func splitNormalized(_ text: Bytes) -> [Stretch] { split(text, normalized) }

    private func split(_ text: Bytes, _ matcher: Matcher) -> [Stretch] {
        guard !text.isEmpty else { return [] }
        guard !matcher.isEmpty else { return [Stretch(range: 0 ..< text.count, id: nil)] }
        var stretches: [Stretch] = []
        var end = 0
        matcher.forEachMatch(in: text) { match, place in
            let token = tokens[place]
            guard !token.isSingleWord || AddedTokens.standsAlone(match, in: text) else { return }
            let start = token.stripsLeft ? max(end, text.spaceStart(before: match.lowerBound)) : match.lowerBound
            if end < start { stretches.append(Stretch(range: end ..< start, id: nil)) }
            end = token.stripsRight ? text.spaceEnd(after: match.upperBound) : match.upperBound
            stretches.append(Stretch(range: min(start, end) ..< end, id: token.id))
        }
        if end < text.count { stretches.append(Stretch(range: end ..< text.count, id: nil)) }
        return stretches
    }

    /// Whether a match has no word character beside it.
    private static func standsAlone(_ match: Range<Int>, in text: Bytes) -> Bool {
        if match.lowerBound > 0, ScalarClass.isWord(text.scalar(before: match.lowerBound).value) { return false }
        return match.upperBound == text.count || !ScalarClass.isWord(text.scalar(at: match.upperBound).value)
    }
}

/// A token of `added_tokens` in a tokenizer.json.
struct AddedToken: Sendable {
    let content: String
    /// The content's UTF-8.
    let bytes: [UInt8]
    let id: Int32
    let isSpecial: Bool
    let isSingleWord: Bool
    let stripsLeft: Bool
    let stripsRight: Bool
    let isNormalized: Bool
}

extension AddedTokens {
    /// Reads `added_tokens`, and adds those that other files declare. A token gets its id from the vocabulary, else the
    /// next free one, whatever the file says, and a later one of the same text replaces an earlier one, as in the
    /// `tokenizers` library. Throws `TokenizerError`.
    init(_ section: Section?, _ declared: DeclaredTokens? = nil, model: Model, normalizer: Normalizer?) throws {
        try add(section?.elements() ?? [], model)
        if let declared {
            let tokens = declared.additions(to: self).map { Section($0.json(nil), file: declared.file) }
            try add(tokens, model)
        }
        // In a vocabulary with gaps an id may be given twice, and the later token is the one that is found.
        let current = tokens.indices.filter { placesByID[Int(tokens[$0].id)] == $0 }.map { tokens[$0] }
        // Where two tokens have the same text once normalized, the special one was there first.
        for token in current.filter(\.isSpecial) + current.filter({ !$0.isSpecial }) {
            try addPattern(of: token, normalizer, section ?? Section(.null, file: declared?.file ?? ""))
        }
    }

    /// The texts of the tokens.
    var contents: some Sequence<String> { places.keys }

    /// Adds tokens at once: new ones get ids from the end of the vocabulary on, or from the largest id of those that were
    /// added before.
    private mutating func add(_ elements: [Section], _ model: Model) throws {
        var nextID = max(Int32(model.size), Int32(placesByID.count))
        for element in elements {
            let content = try element.string("content")
            guard !content.isEmpty else { continue }
            let knownID = id(of: content) ?? model.vocabulary.id(of: content)
            if knownID == nil {
                newCount += 1
                nextID += 1
            }
            add(try AddedToken(element, content: content, id: knownID ?? nextID - 1))
        }
    }

    private mutating func add(_ token: AddedToken) {
        let place = tokens.count
        tokens.append(token)
        places[token.content] = place
        if placesByID.count <= Int(token.id) {
            placesByID.append(contentsOf: repeatElement(-1, count: Int(token.id) + 1 - placesByID.count))
        }
        placesByID[Int(token.id)] = Int32(place)
        if token.isSpecial { specialContents.insert(token.content) }
    }

    private mutating func addPattern(of token: AddedToken, _ normalizer: Normalizer?, _ section: Section) throws {
        guard let place = places[token.content] else { return }
        var pattern = TrackedText(token.bytes, beginsInput: true)
        if token.isNormalized { normalizer?.normalize(&pattern) }
        let isAdded = token.isNormalized ? normalized.add(pattern.bytes, place) : verbatim.add(pattern.bytes, place)
        guard isAdded else {
            throw TokenizerError.tokenTooLong(
                file: section.file, key: section.path, size: pattern.bytes.count,
                limit: PrefixTrie.longestText)
        }
    }

    /// Finds, from the left, the longest of several texts.
    private struct Matcher: Sendable {
        private var trie = PrefixTrie()
        private var begins = [Bool](repeating: false, count: 256)

        var isEmpty: Bool { trie.isEmpty }

        /// Adds a text, unless it is there; false for one that is too long.
        mutating func add(_ text: [UInt8], _ place: Int) -> Bool {
            guard let first = text.first else { return true }
            guard text.count <= PrefixTrie.longestText else { return false }
            begins[Int(first)] = true
            return text.withUnsafeBufferPointer { trie.contains($0) || trie.insert($0, value: Int32(place)) }
        }

        func forEachMatch(in text: Bytes, _ body: (Range<Int>, Int) -> Void) {
            var index = 0
            while index < text.count {
                guard begins[Int(text[index])] else {
                    index += 1
                    continue
                }
                var longest: (end: Int, place: Int)?
                trie.matches(in: text, from: index) { longest = ($0, Int($1)) }
                if let longest { body(index ..< longest.end, longest.place) }
                index = longest?.end ?? index + 1
            }
        }
    }
}

extension AddedToken {
    fileprivate init(_ section: Section, content: String, id: Int32) throws {
        self.content = content
        bytes = Array(content.utf8)
        self.id = id
        isSpecial = try section.bool("special", default: false)
        isSingleWord = try section.bool("single_word", default: false)
        stripsLeft = try section.bool("lstrip", default: false)
        stripsRight = try section.bool("rstrip", default: false)
        isNormalized = try section.bool("normalized", default: !isSpecial)
    }
}

extension Bytes {
    /// Where the white space begins that ends at an index.
    fileprivate func spaceStart(before end: Int) -> Int {
        var index = end
        while index > 0 {
            let scanned = scalar(before: index)
            guard ScalarClass.isWhitespace(scanned.value) else { break }
            index -= scanned.length
        }
        return index
    }

    /// Where the white space ends that begins at an index.
    fileprivate func spaceEnd(after start: Int) -> Int {
        var index = start
        while index < count {
            let scanned = scalar(at: index)
            guard ScalarClass.isWhitespace(scanned.value) else { break }
            index += scanned.length
        }
        return index
    }
}
