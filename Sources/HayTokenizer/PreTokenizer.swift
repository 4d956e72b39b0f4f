/// The part of a tokenizer that cuts text into the pieces that the model never joins.
enum PreTokenizer: Sendable {
    case sequence([PreTokenizer])
    case metaspace(Metaspace)
    case byteLevel(ByteLevel)
    case whitespaceSplit
    case whitespace
    case digits(individual: Bool)
    case punctuation(PieceList.Delimiter)
    case split(Pattern, PieceList.Delimiter, inverted: Bool)
    case scripts
    case fixedLength(Int)

    /// Whether a part treats the piece differently that begins the input.
    var marksFirst: Bool {
        switch self {
        case .sequence(let parts): parts.contains(where: \.marksFirst)
        case .metaspace(let metaspace): metaspace.prependScheme == .first
        default: false
        }
    }

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
            text.split(delimiter, inverted: inverted, at: pattern)
        case .scripts: text.split(.removed, inverted: true, UnicodeScripts.run)
        case .fixedLength(let length):
            text.split(.isolated) { piece, start in
                guard start < piece.count else { return nil }
                var end = start
                for _ in 0 ..< length where end < piece.count { end += piece.scalar(at: end).length }
                return start ..< end
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
        case "BertPreTokenizer": self = .sequence([.whitespaceSplit, .punctuation(.isolated)])
        case "CharDelimiterSplit":
            let delimiter = try section.scalar("delimiter")
            self = .split(.literal(delimiter), .removed, inverted: false)
        case "UnicodeScripts": self = .scripts
        case "FixedLength": self = .fixedLength(try PreTokenizer.fixedLength(section))
        case "Digits": self = .digits(individual: try section.bool("individual_digits", default: false))
        case "Punctuation": self = .punctuation(try section.optional("behavior")?.delimiter() ?? .isolated)
        case "Split": self = try PreTokenizer.split(section)
        case let other: throw section.unsupported("pre_tokenizer '\(other)'")
        }
    }

    private static func split(_ section: Section) throws -> PreTokenizer {
        let delimiter = try section.member("behavior").delimiter()
        let inverted = try section.bool("invert", default: false)
        return .split(try Pattern(section.member("pattern")), delimiter, inverted: inverted)
    }

    private static func fixedLength(_ section: Section) throws -> Int {
        guard let length = try section.optional("length") else { return 5 }
        guard try length.int() > 0 else { throw length.wrongValue("a number from 1 on", found: "\(try length.int())") }
        return try length.int()
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
