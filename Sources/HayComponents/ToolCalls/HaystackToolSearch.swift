import HayJSON

/// Finds a tool call where Haystack's own parser finds one: with a regular expression, which knows neither strings nor
/// nesting, and so gives calls that are none as JSON.
///
/// It looks for the first brace; after it for `"name"`, a colon and a text in quotes; after that for `"arguments"`, a
/// colon and a pair of braces with something between; and for one more closing brace. The first of each is the only one
/// to try: where the rest fails after it, it fails after the later ones too, so that no going back is needed.
struct HaystackToolSearch {
    private let text: [Unicode.Scalar]

    /// The call that it finds in a text.
    static func call(in text: String) -> ToolCall? {
        HaystackToolSearch(text: Array(text.unicodeScalars)).call()
    }

    private func call() -> ToolCall? {
        guard let brace = text.firstIndex(of: "{"), let name = name(after: brace + 1),
            let arguments = arguments(after: name.upperBound + 1), text[arguments.upperBound...].contains("}"),
            let members = try? ToolCall.arguments(inText: string(arguments))
        else { return nil }
        return ToolCall(toolName: string(name), arguments: members)
    }

    /// The first name in quotes, of one character or more.
    private func name(after start: Int) -> Range<Int>? {
        var place = start
        while let value = value(of: Array("\"name\"".unicodeScalars), from: place) {
            place = value
            guard value < text.count, text[value] == "\"" else { continue }
            guard let end = text[(value + 1)...].firstIndex(of: "\"") else { return nil }
            if end > value + 1 { return value + 1 ..< end }
        }
        return nil
    }

    /// The first object of arguments, of one character or more, up to the first closing brace.
    private func arguments(after start: Int) -> Range<Int>? {
        var place = start
        while let value = value(of: Array("\"arguments\"".unicodeScalars), from: place) {
            place = value
            guard value < text.count, text[value] == "{" else { continue }
            guard let end = text[(value + 1)...].firstIndex(of: "}") else { return nil }
            if end > value + 1 { return value ..< end + 1 }
        }
        return nil
    }

    /// Where the value of a key begins, for the first place from `start` on at which the key and a colon stand.
    private func value(of key: [Unicode.Scalar], from start: Int) -> Int? {
        var place = start
        while place + key.count <= text.count {
            guard text[place ..< place + key.count].elementsEqual(key) else {
                place += 1
                continue
            }
            // Its last quote may be the first of the next.
            place += key.count - 1
            let colon = skipSpace(from: place + 1)
            if colon < text.count, text[colon] == ":" { return skipSpace(from: colon + 1) }
        }
        return nil
    }

    private func skipSpace(from start: Int) -> Int {
        text[start...].firstIndex { !isSpace($0) } ?? text.count
    }

    /// White space as Python's regular expressions know it.
    private func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || (0x1C ... 0x1F).contains(scalar.value)
    }

    private func string(_ range: Range<Int>) -> String {
        var string = ""
        string.unicodeScalars.append(contentsOf: text[range])
        return string
    }
}
