/// The text with which a model begins a call, or a part of one, up to what varies without bounds.
struct MarkPattern: Sendable, ExpressibleByArrayLiteral, ExpressibleByStringLiteral {
    enum Part: Sendable, ExpressibleByStringLiteral {
        case text(String)
        case optional(String)
        case either([String])
        /// White space, or none.
        case space
        /// The tool's name.
        case name
        /// The tool's name, with an ending that is no part of it.
        case nameEnding(String)
        /// An id that holds the tool's name, as Kimi K2's `functions.name:0`.
        case indexedName
        /// The call's id after a mark, or neither.
        case id(after: String)
        /// A parameter's name, with the text that ends it.
        case key(until: String)
        /// Anything, with the text that ends it.
        case rest(until: String)
        /// One of these texts follows, and is no part of the pattern.
        case next([String])

        init(stringLiteral text: String) { self = .text(text) }
    }

    /// What the parts of a text are.
    struct Captures: Equatable {
        var name = ""
        var id: String?
        var key = ""
        var rest = ""
        /// How many bytes match.
        var count = 0
    }

    enum Match: Equatable {
        case found(Captures)
        /// More of the text has to come first.
        case undecided
        case none
    }

    fileprivate enum Outcome { case taken, undecided, none }

    let parts: [Part]
    /// The bytes of the parts' texts, in the same order.
    private let texts: [[[UInt8]]]
    /// The text that every match begins with; none where it may be one of several.
    let head: [UInt8]

    init(_ parts: [Part]) {
        self.parts = parts
        texts = parts.map { $0.texts.map { Array($0.utf8) } }
        if case .text(let text) = parts.first { head = Array(text.utf8) } else { head = [] }
    }

    init(arrayLiteral parts: Part...) { self.init(parts) }

    init(stringLiteral text: String) { self.init([.text(text)]) }

    /// The longest name, id or key that is looked for; those of the models have up to 64 bytes.
    private static let limit = 128

    /// How the pattern matches the beginning of a text.
    func match(_ bytes: ArraySlice<UInt8>, isEnd: Bool) -> Match {
        guard zip(bytes, head).allSatisfy({ $0 == $1 }) else { return .none }
        var captures = Captures()
        var rest = bytes
        for (part, texts) in zip(parts, texts) {
            switch MarkPattern.take(part, texts, &rest, &captures, isEnd) {
            case .taken: continue
            case .undecided: return isEnd ? .none : .undecided
            case .none: return .none
            }
        }
        captures.count = rest.startIndex - bytes.startIndex
        return .found(captures)
    }

    /// The bytes that a match may begin with; none where it begins with a name.
    var firstBytes: Set<UInt8> {
        var bytes: Set<UInt8> = []
        for (part, texts) in zip(parts, texts) {
            bytes.formUnion(texts.compactMap(\.first))
            if case .optional = part { continue }
            break
        }
        return bytes
    }

    /// The texts that a vocabulary may have as special tokens.
    var marks: [String] { parts.flatMap(\.texts).filter(\.looksSpecial) }

    private static func take(
        _ part: Part, _ texts: [[UInt8]], _ rest: inout ArraySlice<UInt8>, _ captures: inout Captures, _ isEnd: Bool
    ) -> Outcome {
        switch part {
        case .text, .either: return rest.take(texts)
        case .optional:
            let outcome = rest.take(texts)
            return outcome == .undecided && !isEnd ? .undecided : .taken
        case .next:
            var copy = rest
            return copy.take(texts)
        case .space:
            rest = rest.dropFirst(rest.prefix(limit).prefix(while: \.isJSONSpace).count)
            return .taken
        case .name: return rest.takeName(limit, isEnd, while: \.isNameByte) { captures.name = $0 }
        case .nameEnding(let ending):
            let outcome = rest.takeName(limit, isEnd, while: \.isNameByte) { captures.name = $0 }
            guard outcome == .taken else { return outcome }
            guard captures.name.hasSuffix(ending), captures.name != ending else { return .none }
            captures.name.removeLast(ending.count)
            return .taken
        case .indexedName:
            let outcome = rest.takeName(limit, isEnd, while: { $0 != UInt8(ascii: "<") && $0 > 0x20 }) {
                captures.id = $0
            }
            captures.name = captures.id.map(nameOfIndexed) ?? ""
            return captures.name.isEmpty && outcome == .taken ? .none : outcome
        case .id:
            let outcome = rest.take(texts)
            guard outcome == .taken else { return outcome == .undecided && !isEnd ? .undecided : .taken }
            return rest.takeName(limit, isEnd, while: \.isNameByte) { captures.id = $0 }
        case .key: return rest.take(until: texts[0], limit) { captures.key = $0 }
        case .rest: return rest.take(until: texts[0], limit) { captures.rest = $0 }
        }
    }

    private static func nameOfIndexed(_ id: String) -> String {
        let name = id.prefix { $0 != ":" }
        return String(name.hasPrefix("functions.") ? name.dropFirst("functions.".count) : name)
    }
}

extension MarkPattern.Part {
    /// The texts that it is made of.
    fileprivate var texts: [String] {
        switch self {
        case .text(let text), .optional(let text), .id(let text), .key(let text), .rest(let text): [text]
        case .either(let texts), .next(let texts): texts
        case .space, .name, .nameEnding, .indexedName: []
        }
    }
}

extension ArraySlice<UInt8> {
    /// Takes the first of some texts that stands here.
    fileprivate mutating func take(_ texts: [[UInt8]]) -> MarkPattern.Outcome {
        var outcome = MarkPattern.Outcome.none
        for text in texts {
            if starts(with: text) {
                self = dropFirst(text.count)
                return .taken
            }
            if count < text.count, text.starts(with: self) { outcome = .undecided }
        }
        return outcome
    }

    /// Takes one byte or more of a name.
    fileprivate mutating func takeName(
        _ limit: Int, _ isEnd: Bool, while isPart: (UInt8) -> Bool, _ found: (String) -> Void
    ) -> MarkPattern.Outcome {
        let name = prefix(limit).prefix(while: isPart)
        if name.count == count, !isEnd, count < limit { return .undecided }
        guard !name.isEmpty else { return .none }
        found(String(decoding: name, as: UTF8.self))
        self = self[name.endIndex...]
        return .taken
    }

    /// Takes what stands before a text, and the text.
    fileprivate mutating func take(
        until end: [UInt8], _ limit: Int, _ found: (String) -> Void
    ) -> MarkPattern.Outcome {
        guard let place = prefix(limit + end.count).firstRange(of: end) else {
            return count < limit + end.count ? .undecided : .none
        }
        found(String(decoding: self[startIndex ..< place.lowerBound], as: UTF8.self))
        self = self[place.upperBound...]
        return .taken
    }
}

extension UInt8 {
    /// Whether names and ids of calls may hold it.
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a") ... UInt8(ascii: "z"), UInt8(ascii: "A") ... UInt8(ascii: "Z"),
            UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension String {
    /// Whether it has the look of a special token: brackets around it, and no white space within.
    fileprivate var looksSpecial: Bool {
        guard count > 2, let first, let last, !contains(where: \.isWhitespace) else { return false }
        return "<[｜◁".contains(first) && ">]｜▷".contains(last)
    }
}
