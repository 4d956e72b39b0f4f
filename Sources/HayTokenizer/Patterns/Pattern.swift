/// What a component looks for in a text: a literal or a regular expression, each as the `tokenizers` library finds it.
enum Pattern: Sendable {
    case literal([UInt8])
    case expression(PatternProgram)

    /// The pattern of a literal text.
    init(literal: String) throws {
        // The library finds nothing between any two characters.
        self = literal.isEmpty ? .expression(try PatternProgram("")) : .literal(Array(literal.utf8))
    }

    /// The pattern of a regular expression in the syntax of Ruby. Throws `PatternError`.
    init(expression: String) throws { self = .expression(try PatternProgram(expression)) }

    /// Reads `{"String": …}` or `{"Regex": …}`. Throws `TokenizerError`.
    init(_ section: Section) throws {
        let literal = try section.optional("String")
        let value = try literal ?? section.optional("Regex") ?? section.member("String")
        let text = try value.string()
        do {
            self = literal != nil ? try Pattern(literal: text) : try Pattern(expression: text)
        } catch let error as PatternError {
            throw error.isUnsupported
                ? value.unsupported("\(error.reason) in the expression '\(text)'")
                : value.wrongValue("a regular expression", found: "'\(text)', in which \(error.reason)")
        }
    }

    /// The fewest bytes that a match has.
    var minimumLength: Int {
        switch self {
        case .literal(let literal): literal.count
        case .expression(let program): program.minimumLength
        }
    }

    /// Calls `body` with each match in a text, from the left. In an empty text nothing is found.
    func forEachMatch(in text: Bytes, _ body: (Range<Int>) -> Void) {
        guard !text.isEmpty else { return }
        switch self {
        case .literal(let literal):
            literal.withUnsafeBufferPointer { literal in
                var start = 0
                while let found = text.find(literal, from: start) {
                    start = found + literal.count
                    body(found ..< start)
                }
            }
        case .expression(let program):
            program.withMatcher { matcher in
                var matches = PatternMatches()
                while let match = matches.next(in: text, { matcher.find(in: $0, from: $1) }) { body(match) }
            }
        }
    }
}

/// The matches in a text one after the other, empty ones included unless one ends there.
struct PatternMatches {
    private var start = 0
    private var lastEnd: Int?

    /// The next match that a function finds.
    @inline(__always)
    mutating func next(in text: Bytes, _ find: (_ text: Bytes, _ start: Int) -> Range<Int>?) -> Range<Int>? {
        while start <= text.count, let match = find(text, start) {
            start = match.upperBound
            guard match.isEmpty else {
                lastEnd = start
                return match
            }
            let repeats = lastEnd == match.upperBound
            start += match.upperBound < text.count ? text.scalar(at: match.upperBound).length : 1
            lastEnd = match.upperBound
            if !repeats { return match }
        }
        start = text.count + 1
        return nil
    }
}

extension PatternProgram {
    /// Gives a matcher of the program.
    func withMatcher<Result>(_ body: (inout PatternMatcher) throws -> Result) rethrows -> Result {
        try instructions.withUnsafeBufferPointer { code in
            try entries.withUnsafeBufferPointer { entries in
                try candidates.withUnsafeBufferPointer { candidates in
                    try members.withUnsafeBufferPointer { members in
                        try classes.pages.withUnsafeBufferPointer { pages in
                            try classes.values.withUnsafeBufferPointer { values in
                                guard let code = code.baseAddress, let entries = entries.baseAddress,
                                    let candidates = candidates.baseAddress, let pages = pages.baseAddress,
                                    let values = values.baseAddress
                                else { preconditionFailure("a program without instructions") }
                                var matcher = PatternMatcher(
                                    code: code, entries: entries, candidates: candidates,
                                    candidatesAtEnd: candidatesAtEnd, members: members.baseAddress ?? values,
                                    stride: stride, pages: pages, values: values, wordSet: wordSet,
                                    choiceCount: choiceCount, instructionCount: instructions.count,
                                    registers: Array(repeating: -1, count: registerCount))
                                return try body(&matcher)
                            }
                        }
                    }
                }
            }
        }
    }
}
