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

    /// Gives what finds the pattern in texts.
    func withFinder<Result>(_ body: (inout PatternFinder) throws -> Result) rethrows -> Result {
        switch self {
        case .literal(let literal):
            try literal.withUnsafeBufferPointer { literal in
                var finder = PatternFinder(literal: literal)
                return try body(&finder)
            }
        case .expression(let program):
            try program.withMatcher { matcher in
                var finder = PatternFinder(matcher)
                return try body(&finder)
            }
        }
    }

    /// A text with each match replaced by another text. In an empty text nothing is found.
    func replacing(in text: [UInt8], with content: [UInt8]) -> [UInt8] {
        guard !text.isEmpty else { return text }
        if case .literal(let literal) = self { return text.replacing(literal, with: content) }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        withFinder { finder in
            text.withUnsafeBufferPointer { text in
                var matches = PatternMatches()
                var end = 0
                while let match = matches.next(in: text, { finder.find(in: $0, from: $1) }) {
                    result.append(contentsOf: text[end ..< match.lowerBound])
                    result.append(contentsOf: content)
                    end = match.upperBound
                }
                result.append(contentsOf: text[end...])
            }
        }
        return result
    }
}

/// Finds a pattern in texts.
struct PatternFinder {
    private let literal: Bytes
    private var matcher: PatternMatcher?

    init(literal: Bytes) { self.literal = literal }

    init(_ matcher: PatternMatcher) {
        literal = Bytes(start: nil, count: 0)
        self.matcher = matcher
    }

    /// The first match at or after a place, which may be the end. A new text begins with a search from 0.
    @inline(__always)
    mutating func find(in text: Bytes, from start: Int) -> Range<Int>? {
        guard matcher == nil else { return matcher?.find(in: text, from: start) }
        return text.find(literal, from: start).map { $0 ..< $0 + literal.count }
    }
}

/// The matches in a text one after the other, empty ones included unless one ends there.
struct PatternMatches {
    private var start = 0
    private var lastEnd: Int?

    /// The next match that a function finds.
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
    func withMatcher<Result>(_ body: (PatternMatcher) throws -> Result) rethrows -> Result {
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
                                let matcher = PatternMatcher(
                                    code: code, entries: entries, candidates: candidates,
                                    candidatesAtEnd: candidatesAtEnd, members: members.baseAddress ?? values,
                                    stride: stride, pages: pages, values: values, wordSet: wordSet,
                                    choiceCount: choiceCount, instructionCount: instructions.count,
                                    registers: Array(repeating: -1, count: registerCount))
                                return try body(matcher)
                            }
                        }
                    }
                }
            }
        }
    }
}
