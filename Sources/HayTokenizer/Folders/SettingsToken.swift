import HayJSON

/// A token as the small files of a folder have it: a text, or an object that has it as `content` beside its flags.
struct SettingsToken: Hashable {
    let content: String
    var isSpecial = true
    var isSingleWord = false
    var stripsLeft = false
    var stripsRight = false
    /// Whether the token is matched in normalized text; nil where nothing is said, and it is unless the token is special.
    var isNormalized: Bool?

    init(content: String, isSpecial: Bool = true, stripsLeft: Bool = false) {
        self.content = content
        self.isSpecial = isSpecial
        self.stripsLeft = stripsLeft
    }

    /// Nil for null. Throws `TokenizerError`.
    init?(_ section: Section) throws {
        if section.json.isNull { return nil }
        if let text = section.json.string {
            content = text
            return
        }
        guard section.json.object != nil else { throw section.wrongValue("a token, or an object with one") }
        content = try section.string("content")
        isSpecial = try section.bool("special", default: false)
        isSingleWord = try section.bool("single_word", default: false)
        stripsLeft = try section.bool("lstrip", default: false)
        stripsRight = try section.bool("rstrip", default: false)
        isNormalized = try section.optional("normalized")?.bool()
    }

    /// The token as `added_tokens` of a tokenizer.json has it, `normalized` as given unless that is nil.
    func json(_ normalized: Bool?) -> JSON {
        [
            "content": .string(content), "special": .bool(isSpecial), "single_word": .bool(isSingleWord),
            "lstrip": .bool(stripsLeft), "rstrip": .bool(stripsRight),
            "normalized": .bool(normalized ?? isNormalized ?? !isSpecial),
        ]
    }
}
