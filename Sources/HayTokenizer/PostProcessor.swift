/// The ids that are put around the ids of a text.
struct PostProcessor: Sendable {
    private(set) var before: [Int32] = []
    private(set) var after: [Int32] = []

    init() {}

    /// Reads `post_processor` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        switch try section.string("type") {
        case "TemplateProcessing": try readTemplate(section)
        case "Sequence":
            for part in try section.member("processors").elements() {
                let inner = try PostProcessor(part)
                before = inner.before + before
                after += inner.after
            }
        // Trims offsets, which Hayloft does not give.
        case "ByteLevel": break
        case "BertProcessing", "RobertaProcessing":
            before = [try PostProcessor.id(section, "cls")]
            after = [try PostProcessor.id(section, "sep")]
        case let other: throw section.unsupported("post_processor '\(other)'")
        }
    }

    /// Reads the template for one text: special tokens around the place of the text.
    private mutating func readTemplate(_ section: Section) throws {
        let single = try section.member("single")
        var hasText = false
        for part in try single.elements() {
            if let text = try part.optional("Sequence") {
                guard !hasText, try text.string("id") == "A" else {
                    throw part.wrongValue("the one place of text A", found: "another text")
                }
                hasText = true
                continue
            }
            let name = try part.member("SpecialToken").string("id")
            let ids = try section.member("special_tokens").member(name).member("ids").elements().map(PostProcessor.id)
            if hasText { after += ids } else { before += ids }
        }
        guard hasText else { throw single.wrongValue("a template with text A", found: "one without") }
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
