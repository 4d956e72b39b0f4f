/// What is put around the tokens of a text, or of two.
struct PostProcessor: Sendable {
    /// A part of a template.
    enum Part: Sendable {
        case special([Int32], typeID: Int32)
        /// The tokens of a text, 0 for the first and 1 for the second; without a type they keep theirs.
        case text(Int, typeID: Int32?)
    }

    private var single: [Part]
    private var pair: [Part]
    /// How white space is taken out of offsets; nil where it stays.
    private(set) var trim: Trim?

    /// What is known about white space that byte-level tokens begin and end with.
    struct Trim: Sendable {
        /// Whether one space at the beginning of a text was put there, so that nothing of the text is to be taken out.
        let keepsPrefixSpace: Bool

        /// Where a token begins and ends in the original without the white space in it.
        func trimmed(_ range: Range<Int>, of token: String, in original: Bytes, index: Int) -> Range<Int> {
            let token = token.unicodeScalars
            var leading = token.prefix(while: Trim.isSpace).count
            var trailing = token.reversed().prefix(while: Trim.isSpace).count
            if leading == 1, keepsPrefixSpace, index == 0 || range.lowerBound == 0 { leading = 0 }
            var start = range.lowerBound
            var end = range.upperBound
            while leading > 0, start < end {
                start += original.scalar(at: start).length
                leading -= 1
            }
            while trailing > 0, end > start {
                end -= original.scalar(before: end).length
                trailing -= 1
            }
            return start ..< max(start, end)
        }

        private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
            scalar == "Ġ" || ScalarClass.isWhitespace(scalar.value)
        }
    }

    /// The template of a file that names none: nothing around texts.
    init() {
        single = [.text(0, typeID: nil)]
        pair = [.text(0, typeID: nil), .text(1, typeID: nil)]
    }

    /// How many special tokens come to so many texts.
    func addedCount(_ textCount: Int) -> Int {
        parts(textCount).reduce(0) { count, part in
            if case .special(let ids, _) = part { count + ids.count } else { count }
        }
    }

    /// Puts special tokens around texts, one or two, unless they are not wanted.
    func process(_ texts: [Encoding], addingSpecialTokens: Bool) -> Encoding {
        var result = Encoding()
        for part in parts(texts.count) {
            switch part {
            case .special(let ids, let typeID):
                if addingSpecialTokens { result.append(Encoding(special: ids, typeID: typeID)) }
            case .text(let index, let typeID):
                var text = texts[index]
                if let typeID { text.setTypeID(typeID) }
                result.append(text)
            }
        }
        return result
    }

    /// The template for so many texts.
    func parts(_ textCount: Int) -> [Part] { textCount == 1 ? single : pair }
}

extension PostProcessor {
    /// Reads `post_processor` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        self.init()
        switch try section.string("type") {
        case "TemplateProcessing":
            single = try PostProcessor.template("single", of: section, textCount: 1)
            guard try section.optional("pair") != nil else { return }
            pair = try PostProcessor.template("pair", of: section, textCount: 2)
        case "BertProcessing": try readBert(section)
        case "RobertaProcessing":
            try readRoberta(section)
            try readTrim(section)
        case "ByteLevel": try readTrim(section)
        case "Sequence": try readSequence(section)
        case let other: throw section.unsupported("post_processor '\(other)'")
        }
    }

    /// One template among components that only trim.
    private mutating func readSequence(_ section: Section) throws {
        var hasTemplate = false
        for part in try section.member("processors").elements() {
            let inner = try PostProcessor(part)
            trim = inner.trim ?? trim
            guard try part.string("type") != "ByteLevel" else { continue }
            if hasTemplate { throw part.unsupported("a second template in one post_processor") }
            hasTemplate = true
            single = inner.single
            pair = inner.pair
        }
    }

    private mutating func readBert(_ section: Section) throws {
        let start = try PostProcessor.id(section, "cls")
        let end = try PostProcessor.id(section, "sep")
        single = [.special([start], typeID: 0), .text(0, typeID: 0), .special([end], typeID: 0)]
        pair = single + [.text(1, typeID: 1), .special([end], typeID: 1)]
    }

    private mutating func readRoberta(_ section: Section) throws {
        let start = try PostProcessor.id(section, "cls")
        let end = try PostProcessor.id(section, "sep")
        single = [.special([start], typeID: 0), .text(0, typeID: 0), .special([end], typeID: 0)]
        pair = single + [.special([end], typeID: 0), .text(1, typeID: 0), .special([end], typeID: 0)]
    }

    private mutating func readTrim(_ section: Section) throws {
        guard try section.bool("trim_offsets", default: true) else { return }
        trim = Trim(keepsPrefixSpace: try section.bool("add_prefix_space", default: true))
    }

    /// The most often that a template may have texts, so that it cannot blow them up.
    private static let mostTexts = 16

    /// Reads a template: special tokens and the places of the texts.
    private static func template(_ key: String, of section: Section, textCount: Int) throws -> [Part] {
        let template = try section.member(key)
        let parts = try template.elements().map { part in
            if let text = try part.optional("Sequence") {
                let typeID = try text.optional("type_id").map(PostProcessor.id) ?? 0
                return Part.text(try index(of: text.member("id"), textCount: textCount), typeID: typeID)
            }
            let token = try part.member("SpecialToken")
            let name = try token.string("id")
            let ids = try section.member("special_tokens").member(name).member("ids").elements().map(PostProcessor.id)
            return .special(ids, typeID: try token.optional("type_id").map(PostProcessor.id) ?? 0)
        }
        let places = parts.filter { if case .text = $0 { true } else { false } }
        guard !places.isEmpty else { throw template.wrongValue("a template with text A", found: "one without") }
        guard places.count <= mostTexts else {
            throw template.wrongValue("at most \(mostTexts) places of texts", found: "\(places.count)")
        }
        return parts
    }

    /// The place of text A or B.
    private static func index(of name: Section, textCount: Int) throws -> Int {
        let index = try ["A", "B"].firstIndex(of: name.string())
        guard let index, index < textCount else {
            throw name.wrongValue(textCount == 1 ? "text A" : "text A or B", found: "another text")
        }
        return index
    }

    /// The id in `["[CLS]", 101]`.
    private static func id(_ section: Section, _ key: String) throws -> Int32 {
        let pair = try section.member(key).elements()
        guard pair.count == 2 else { throw try section.member(key).wrongValue("a token and its id") }
        return try id(pair[1])
    }

    private static func id(_ section: Section) throws -> Int32 {
        let id = try section.int()
        guard let value = Int32(exactly: id), value >= 0 else {
            throw section.wrongValue("an id from 0 to \(Int32.max)", found: "\(id)")
        }
        return value
    }
}
