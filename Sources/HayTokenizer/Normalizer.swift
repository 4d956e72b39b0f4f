/// The part of a tokenizer that rewrites text before it is cut.
enum Normalizer: Sendable {
    case sequence([Normalizer])
    case prepend([UInt8])
    case replace(Pattern, with: [UInt8])
    case strip(left: Bool, right: Bool)
    case lowercase
    case stripAccents
    case nmt
    case bert(BertNormalizer)
    case byteLevel
    case charsMap(CharsMap)
    case form(Normalization)
    case sentencePiece(SentencePieceNormalizer)

    /// Rewrites a text.
    func normalize(_ text: inout TrackedText) {
        guard !text.bytes.isEmpty else { return }
        switch self {
        case .sequence(let normalizers): for normalizer in normalizers { normalizer.normalize(&text) }
        case .prepend(let prefix): text.prepend(prefix)
        case .replace(let pattern, let content): text.replace(pattern, with: content)
        case .strip(let left, let right): text.strip(left: left, right: right)
        case .lowercase: text.lowercase()
        case .stripAccents: text.mapScalars { ScalarClass.isMark($0) ? nil : $0 }
        case .nmt: text.mapScalars(Normalizer.nmt)
        case .bert(let bert): bert.normalize(&text)
        case .byteLevel: text.rewrite { ByteLevel.writeCharacters(of: 0 ..< $0.bytes.count, of: $0, to: &$1) }
        case .form(let form): form.normalize(&text)
        case .charsMap(let map): map.normalize(&text)
        case .sentencePiece(let normalizer): normalizer.normalize(&text)
        }
    }

    /// What becomes of a scalar in the tradition of neural machine translation: controls go, odd spaces turn plain.
    private static func nmt(_ scalar: UInt32) -> UInt32? {
        switch scalar {
        case 0x01 ... 0x08, 0x0B, 0x0E ... 0x1F, 0x7F, 0x8F, 0x9F: nil
        case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B ... 0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD: 0x20
        default: scalar
        }
    }
}

extension Normalizer {
    /// Reads `normalizer` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        switch try section.string("type") {
        case "Sequence": self = .sequence(try section.member("normalizers").elements().map(Normalizer.init))
        case "Prepend": self = .prepend(Array(try section.string("prepend").utf8))
        case "Replace":
            self = .replace(try Pattern(section.member("pattern")), with: Array(try section.string("content").utf8))
        case "Strip":
            self = .strip(left: try section.bool("strip_left"), right: try section.bool("strip_right"))
        case "Lowercase": self = .lowercase
        case "StripAccents": self = .stripAccents
        case "Nmt": self = .nmt
        case "BertNormalizer": self = .bert(try BertNormalizer(section))
        case "ByteLevel": self = .byteLevel
        case "Precompiled": self = .charsMap(try CharsMap(section.member("precompiled_charsmap")))
        case let other:
            guard let form = Normalization.Form(rawValue: other) else {
                throw section.unsupported("normalizer '\(other)'")
            }
            self = .form(Normalization(form))
        }
    }
}
