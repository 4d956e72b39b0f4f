extension TextFilters {
    /// The text without tags and comments, with runs of space as one space and the entities that have names resolved.
    static func stripTags(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        var text = try value.printed()
        try interpreter.step(text.utf8.count / 16)
        let bytes = Array(text.utf8)
        var kept: [UInt8] = []
        var start = 0
        var search = 0
        while let open = bytes[search...].firstIndex(of: UInt8(ascii: "<")) {
            let isComment = bytes[open...].starts(with: "<!--".utf8)
            let end = isComment ? endOfComment(bytes, open) : bytes[open...].firstIndex(of: UInt8(ascii: ">"))
            guard let end else { break }
            kept += bytes[start ..< open]
            start = end + 1
            search = start
        }
        kept += bytes[start...]
        text = String(bytes: kept).words(limit: .max).joined(separator: " ")
        return .string(try interpreter.charged(unescaped(text)))
    }

    private static func endOfComment(_ bytes: [UInt8], _ open: Int) -> Int? {
        var index = open + 6
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: ">"), bytes[index - 1] == UInt8(ascii: "-"),
                bytes[index - 2] == UInt8(ascii: "-")
            {
                return index
            }
            index += 1
        }
        return nil
    }

    private static let entities: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®",
        "raquo": "»", "laquo": "«", "hellip": "…", "mdash": "—", "ndash": "–", "euro": "€",
    ]

    private static func unescaped(_ text: String) -> String {
        let parts = text.parts(by: "&", limit: .max)
        var result = parts[0]
        for part in parts.dropFirst() {
            let pieces = part.parts(by: ";", limit: 1)
            if pieces.count == 2, let character = character(pieces[0]) {
                result += character + pieces[1]
            } else {
                result += "&" + part
            }
        }
        return result
    }

    private static func character(_ name: String) -> String? {
        guard name.hasPrefix("#") else { return entities[name] }
        let digits = name.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        let code = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return code.flatMap(Unicode.Scalar.init).map { String($0) }
    }

    /// Lines of at most so many scalars, each paragraph for itself.
    static func wordWrap(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bind("wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"])
        let width = try values[0]?.integerArgument() ?? 79
        guard width > 0 else { throw TemplateError.value("invalid width \(width) (must be > 0)") }
        let separator = try values[2].flatMap { $0.isNull ? nil : try $0.textArgument("wordwrap") } ?? "\n"
        let text = try value.textArgument("wordwrap")
        try interpreter.charge(text.utf8.count * 8)
        let wrapper = WordWrapper(
            width: width, breaksWords: values[1]?.isTrue ?? true, breaksHyphens: values[3]?.isTrue ?? true)
        let lines = text.lines().map { wrapper.lines(of: $0).joined(separator: separator) }
        return .string(try interpreter.charged(lines.joined(separator: separator)))
    }
}
