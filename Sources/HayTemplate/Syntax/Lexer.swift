/// Cuts a template into tokens, with `trim_blocks` and `lstrip_blocks` on as Hugging Face has them.
///
/// The newline after a block or comment goes; so does the space before one that begins its line. A `-` inside the tag
/// takes all space on its side, a `+` keeps it.
struct Lexer {
    let source: Source
    var position = 0
    var tokens: [Token] = []
    /// Whether what was read last ended with a newline.
    private var atLineStart = true

    var scalars: [Unicode.Scalar] { source.scalars }

    init(_ source: Source) { self.source = source }

    static func tokens(of source: Source) throws -> [Token] {
        var lexer = Lexer(source)
        while lexer.position < source.scalars.count { try lexer.textAndTag() }
        lexer.add(.end, at: source.scalars.count)
        return lexer.tokens
    }

    /// Reads text up to the next tag, and the tag.
    private mutating func textAndTag() throws {
        guard let begin = nextTag(from: position) else {
            addData(position ..< scalars.count)
            position = scalars.count
            return
        }
        let kind = scalars[begin + 1]
        let sign = peek(begin + 2)
        addData(trimmed(position ..< begin, sign: sign, isVariable: kind == "{"))
        position = begin + (sign == "-" || sign == "+" ? 3 : 2)
        if kind == "#" {
            try comment(from: begin)
        } else if kind == "%", let body = endOfRawBegin(position) {
            position = body
            try raw(from: begin)
        } else {
            add(kind == "%" ? .blockBegin : .variableBegin, at: begin)
            try tag(isBlock: kind == "%")
        }
        atLineStart = position > 0 && scalars[position - 1] == "\n"
    }

    private func nextTag(from start: Int) -> Int? {
        var index = start
        while index + 1 < scalars.count {
            if scalars[index] == "{" {
                let next = scalars[index + 1]
                if next == "{" || next == "%" || next == "#" { return index }
            }
            index += 1
        }
        return nil
    }

    /// The text before a tag without the space that the tag takes.
    private func trimmed(_ range: Range<Int>, sign: Unicode.Scalar?, isVariable: Bool) -> Range<Int> {
        if sign == "+" || (isVariable && sign != "-") { return range }
        var end = range.upperBound
        if sign == "-" {
            while end > range.lowerBound, scalars[end - 1].isPythonSpace { end -= 1 }
            return range.lowerBound ..< end
        }
        while end > range.lowerBound, scalars[end - 1] != "\n" {
            guard scalars[end - 1].isPythonSpace else { return range }
            end -= 1
        }
        return end > range.lowerBound || atLineStart ? range.lowerBound ..< end : range
    }

    private mutating func comment(from begin: Int) throws {
        let bodyStart = position
        while position < scalars.count {
            if let end = endOfTag("#", at: position) {
                position = end
                return
            }
            position += 1
        }
        if position > bodyStart { throw error("Missing end of comment tag", at: begin) }
    }

    /// Where the body of a raw block begins when the tag at `start` (after its sign) is one.
    private func endOfRawBegin(_ start: Int) -> Int? {
        guard let afterWord = word("raw", at: start) else { return nil }
        if matches("%}", at: afterWord) { return afterWord + 2 }
        return matches("-%}", at: afterWord) ? skippingSpace(afterWord + 3) : nil
    }

    private mutating func raw(from begin: Int) throws {
        let start = position
        atLineStart = scalars[start - 1] == "\n"
        while position < scalars.count {
            if matches("{%", at: position) {
                let sign = peek(position + 2)
                let afterSign = position + (sign == "-" || sign == "+" ? 3 : 2)
                if let afterWord = word("endraw", at: afterSign), let end = endOfTag("%", at: afterWord) {
                    addData(trimmed(start ..< position, sign: sign, isVariable: false))
                    position = end
                    return
                }
            }
            position += 1
        }
        if position > start { throw error("Missing end of raw directive", at: begin) }
    }

    /// Reads the tokens of a tag and its end.
    private mutating func tag(isBlock: Bool) throws {
        var open: [Token.Symbol] = []
        while true {
            position = skippingSpace(position)
            guard position < scalars.count else { return }
            if open.isEmpty, let end = isBlock ? endOfTag("%", at: position) : endOfVariable(at: position) {
                add(isBlock ? .blockEnd : .variableEnd, at: position)
                position = end
                return
            }
            try token(&open)
        }
    }

    /// The place after `%}` or `#}` at `index`, its sign and the space it takes.
    private func endOfTag(_ mark: Unicode.Scalar, at index: Int) -> Int? {
        let sign = peek(index)
        let start = sign == "-" || sign == "+" ? index + 1 : index
        guard peek(start) == mark, peek(start + 1) == "}" else { return nil }
        if sign == "-" { return skippingSpace(start + 2) }
        return sign != "+" && peek(start + 2) == "\n" ? start + 3 : start + 2
    }

    private func endOfVariable(at index: Int) -> Int? {
        if matches("}}", at: index) { return index + 2 }
        return matches("-}}", at: index) ? skippingSpace(index + 3) : nil
    }

    /// The place after a word between spaces.
    private func word(_ word: String, at index: Int) -> Int? {
        let start = skippingSpace(index)
        return matches(word, at: start) ? skippingSpace(start + word.unicodeScalars.count) : nil
    }

    func peek(_ index: Int) -> Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    func matches(_ text: String, at index: Int) -> Bool {
        var place = index
        for scalar in text.unicodeScalars {
            guard peek(place) == scalar else { return false }
            place += 1
        }
        return true
    }

    private func skippingSpace(_ start: Int) -> Int {
        var index = start
        while index < scalars.count, scalars[index].isPythonSpace { index += 1 }
        return index
    }

    private mutating func addData(_ range: Range<Int>) {
        if !range.isEmpty { add(.data(text(range)), at: range.lowerBound) }
    }

    mutating func add(_ kind: Token.Kind, at place: Int) { tokens.append(Token(kind: kind, place: place)) }

    func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[range])
        return String(text)
    }

    func error(_ message: String, at place: Int) -> TemplateError {
        source.error(TemplateError(.syntax, message), at: place)
    }
}
