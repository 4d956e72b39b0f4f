/// The part of a tokenizer that cuts text into the pieces that the model never joins.
enum PreTokenizer: Sendable {
    case sequence([PreTokenizer])
    case metaspace(Metaspace)
    case byteLevel(ByteLevel)
    case whitespaceSplit
    case whitespace
    case digits(individual: Bool)
    case punctuation(PieceList.Delimiter)
    case split(on: [UInt8], PieceList.Delimiter, inverted: Bool)
    case words(WordPattern)

    /// Cuts, and where the component says so rewrites, each piece.
    func apply(to text: inout PieceList) {
        switch self {
        case .sequence(let parts): for part in parts { part.apply(to: &text) }
        case .metaspace(let metaspace): metaspace.apply(to: &text)
        case .byteLevel(let byteLevel): byteLevel.apply(to: &text)
        case .whitespaceSplit: text.split(.removed, at: ScalarClass.isWhitespace)
        case .whitespace: text.split(.removed, inverted: true, PreTokenizer.wordOrSymbols)
        case .digits(let individual): text.split(individual ? .isolated : .contiguous, at: ScalarClass.isNumber)
        case .punctuation(let delimiter): text.split(delimiter, at: ScalarClass.isPunctuation)
        case .split(let pattern, let delimiter, let inverted):
            pattern.withUnsafeBufferPointer { pattern in
                text.split(delimiter, inverted: inverted) { piece, start in
                    piece.find(pattern, from: start).map { $0 ..< $0 + pattern.count }
                }
            }
        case .words(let pattern):
            var matcher = WordMatcher(pattern)
            text.split(.isolated) { piece, start in
                matcher.text = piece
                return start ..< matcher.end(from: start)
            }
        }
    }

    /// The expression `\w+|[^\w\s]+`.
    private static func wordOrSymbols(_ piece: Bytes, _ start: Int) -> Range<Int>? {
        var index = start
        var match: (start: Int, isWord: Bool)?
        while index < piece.count {
            let scanned = piece.scalar(at: index)
            let isWord = ScalarClass.isWord(scanned.value)
            let isSpace = !isWord && ScalarClass.isWhitespace(scanned.value)
            if let match, isSpace || isWord != match.isWord { return match.start ..< index }
            if match == nil, !isSpace { match = (index, isWord) }
            index += scanned.length
        }
        return match.map { $0.start ..< piece.count }
    }
}

extension PreTokenizer {
    /// Reads `pre_tokenizer` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        switch try section.string("type") {
        case "Sequence": self = .sequence(try section.member("pretokenizers").elements().map(PreTokenizer.init))
        case "Metaspace": self = .metaspace(try Metaspace(section))
        case "ByteLevel": self = .byteLevel(try ByteLevel(section))
        case "WhitespaceSplit": self = .whitespaceSplit
        case "Whitespace": self = .whitespace
        case "Digits": self = .digits(individual: try section.bool("individual_digits", default: false))
        case "Punctuation": self = .punctuation(try section.optional("behavior")?.delimiter() ?? .isolated)
        case "Split": self = try PreTokenizer.split(section)
        case let other: throw section.unsupported("pre_tokenizer '\(other)'")
        }
    }

    private static func split(_ section: Section) throws -> PreTokenizer {
        let delimiter = try section.member("behavior").delimiter()
        let inverted = try section.bool("invert", default: false)
        if let regex = try section.member("pattern").optional("Regex")?.string(),
            let pattern = WordPattern(expression: regex),
            delimiter == (inverted ? .removed : .isolated)
        {
            return .words(pattern)
        }
        let literal = try section.literalPattern("pattern", of: "pre_tokenizer 'Split'")
        return .split(on: literal, delimiter, inverted: inverted)
    }
}

extension Section {
    fileprivate func delimiter() throws -> PieceList.Delimiter {
        let name = try string()
        guard let delimiter = PieceList.Delimiter(rawValue: name) else {
            throw wrongValue("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous", found: "'\(name)'")
        }
        return delimiter
    }
}
