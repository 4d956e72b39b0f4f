/// The part of a tokenizer that turns the texts of tokens back into a text, as a chain of steps.
struct Decoder: Sendable {
    /// One step. Before a step that joins, texts of tokens go through the chain one by one; after it, stretches of the
    /// one joined text do.
    enum Step: Sendable {
        case replace(Pattern, with: [UInt8])
        /// `<0x0A>` becomes its byte.
        case byteFallback
        /// Removes up to so many of a character at the start and at the end of each text.
        case strip([UInt8], start: Int, stop: Int)
        /// The same for the one text that earlier steps have joined.
        case stripJoined([UInt8], start: Int, stop: Int)
        /// Marks become spaces; in the first text they go away if `dropsFirst`.
        case metaspace([UInt8], dropsFirst: Bool)
        /// The prefix goes, or else a space comes before the text, the first one excepted.
        case wordPiece(prefix: [UInt8], cleansUp: Bool)
        /// The suffix becomes a space, in the last text nothing.
        case suffix([UInt8])
        /// Repeated texts and the filling go; the delimiter becomes a space.
        case ctc(filling: [UInt8], delimiter: [UInt8], cleansUp: Bool)
        /// Characters become bytes, and all texts are joined.
        case byteLevel
        /// Puts pieces together as sentencepiece does.
        case sentencePiece(SentencePieceDecoder)
        /// A step that waits for the whole of the one text that earlier steps have joined.
        indirect case whole(Step)
    }

    private(set) var steps: [Step] = []
    /// Whether the texts of tokens are one text after the steps so far.
    private var isJoined = false
    /// Whether texts are put together with a space between them, which is so only where a file names no decoder.
    let separatesBySpaces: Bool

    /// The decoder of a file that names none.
    init() { separatesBySpaces = true }

    /// Reads `decoder` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        separatesBySpaces = false
        try append(section)
    }

    /// A decoder of one step.
    init(_ step: Step) {
        separatesBySpaces = false
        steps = [step]
    }

    private mutating func append(_ section: Section) throws {
        if try section.string("type") == "Sequence" {
            for part in try section.member("decoders").elements() { try append(part) }
            return
        }
        if try section.string("type") == "Fuse" { return isJoined = true }
        let step = try Step(section)
        switch step {
        case .byteLevel where !isJoined:
            steps.append(step)
            isJoined = true
        case .strip(let character, let start, let stop) where isJoined:
            steps.append(.stripJoined(character, start: start, stop: stop))
        default: steps.append(isJoined ? .whole(step) : step)
        }
    }
}

extension Decoder.Step {
    /// Reads a component of the decoder. Throws `TokenizerError`.
    fileprivate init(_ section: Section) throws {
        switch try section.string("type") {
        case "Replace":
            self = .replace(try Pattern(section.member("pattern")), with: Array(try section.string("content").utf8))
        case "ByteFallback": self = .byteFallback
        case "Strip":
            self = .strip(
                try section.scalar("content"), start: max(0, try section.int("start")),
                stop: max(0, try section.int("stop")))
        case "Metaspace":
            let metaspace = try Metaspace(section)
            self = .metaspace(metaspace.mark, dropsFirst: metaspace.prependScheme != .never)
        case "ByteLevel": self = .byteLevel
        case "WordPiece":
            self = .wordPiece(
                prefix: Array(try (section.optional("prefix")?.string() ?? "##").utf8),
                cleansUp: try section.bool("cleanup", default: true))
        case "BPEDecoder": self = .suffix(Array(try (section.optional("suffix")?.string() ?? "</w>").utf8))
        case "CTC":
            self = .ctc(
                filling: Array(try (section.optional("pad_token")?.string() ?? "<pad>").utf8),
                delimiter: Array(try (section.optional("word_delimiter_token")?.string() ?? "|").utf8),
                cleansUp: try section.bool("cleanup", default: true))
        case let other: throw section.unsupported("decoder '\(other)'")
        }
    }
}
