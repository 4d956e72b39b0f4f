/// Jinja's `lipsum`: paragraphs of filler text.
enum Lipsum {
    private static let words = """
        lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna \
        aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis \
        aute irure in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat \
        cupidatat non proident sunt culpa qui officia deserunt mollit anim id est laborum
        """.split(separator: " ").map(String.init)

    static func text(_ arguments: Arguments, _ interpreter: Interpreter) throws -> Value {
        let values = try arguments.bind("lipsum", ["n", "html", "min", "max"])
        let isMarkup = values[1]?.isTrue ?? true
        let low = try values[2]?.integerArgument() ?? 20
        let high = try values[3]?.integerArgument() ?? 100
        var paragraphs: [String] = []
        for _ in 0 ..< max(0, try values[0]?.integerArgument() ?? 5) {
            let (span, overflow) = high.subtractingReportingOverflow(low)
            guard span > 0, !overflow else { throw TemplateError.value("empty range in randrange(\(low), \(high))") }
            paragraphs.append(try paragraph(low + interpreter.random(below: span), interpreter))
        }
        guard isMarkup else { return .string(try interpreter.charged(paragraphs.joined(separator: "\n\n"))) }
        let text = paragraphs.map { "<p>\($0)</p>" }.joined(separator: "\n")
        return .markup(try interpreter.charged(text))
    }

    /// So many words, in sentences of up to a dozen.
    private static func paragraph(_ count: Int, _ interpreter: Interpreter) throws -> String {
        try interpreter.charge(max(count, 1), of: 16)
        var text = ""
        var left = 0
        for index in 0 ..< max(count, 0) {
            let begins = left == 0
            if begins { left = 3 + interpreter.random(below: 10) }
            left -= 1
            let word = words[interpreter.random(below: words.count)]
            text += begins ? word.pythonCapitalized : word
            if index == count - 1 { return text + "." }
            text += left == 0 ? ". " : " "
        }
        return text
    }
}
